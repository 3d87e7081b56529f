"""How far diffusers' own pipeline is from ours with the same networks, picture and noise."""

from __future__ import annotations

import copy

import numpy as np
import torch
from diffusers import AnimateDiffSparseControlNetPipeline
from PIL import Image

from underpaint.experiments.findings import Finding
from underpaint.experiments.trials.context import TrialContext
from underpaint.models import load_base
from underpaint.models.motion import motion_of
from underpaint.runs import result_of


def stock_difference(context: TrialContext) -> float:
    """Largest difference of a value, of a range from 0 to 1; what rounding to 8 bits does is not counted.

    The stock pipeline draws its condition from the autoencoder's posterior, so that is made its mode.
    """
    pipeline, picture = context.pipeline, context.pictures[0]
    parts, steps = pipeline.parts, context.ddim_steps
    vae = copy.deepcopy(parts.vae)
    with torch.no_grad():
        vae.quant_conv.weight[4:] = 0
        vae.quant_conv.bias[4:] = -30.0
    theirs = AnimateDiffSparseControlNetPipeline(
        vae=vae,
        text_encoder=parts.text_encoder,
        tokenizer=parts.tokenizer,
        unet=load_base(result_of(parts.described["base"]["name"], "base")).unet.to(pipeline.networks.device),
        motion_adapter=motion_of(parts.unet),
        controlnet=parts.network,
        scheduler=parts.noise.scheduler(),
    )
    theirs.set_progress_bar_config(disable=True)
    prompt = context.prompt(context.config.medium, picture.caption)
    made = theirs(
        prompt,
        guidance_scale=1.0,
        num_inference_steps=steps,
        num_frames=parts.window,
        height=parts.size,
        width=parts.size,
        generator=torch.Generator().manual_seed(1),
        conditioning_frames=[Image.fromarray(picture.pixels)],
        controlnet_frame_indices=[parts.window - 1],
        output_type="np",
    ).frames[0]
    ours = pipeline.conditioned({-1: picture.pixels}, prompt, seed=1, steps=steps).frames
    return max(0.0, float(np.abs(made - ours / 255.0).max()) - 0.5 / 255)


def stock_trial(context: TrialContext) -> Finding:
    """One picture, reconstructed by both."""
    difference = stock_difference(context)
    table = [["", "of 1"], ["largest difference, rounding to 8 bits aside", f"{difference:.1e}"]]
    words = "The first picture, reconstructed by diffusers' AnimateDiffSparseControlNetPipeline and by ours."
    return Finding(title="Stock diffusers", words=words, table=table, figures={"difference": difference})
