"""What a trained nano paints, and two numbers of it: does it read, does it reconstruct."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from underpaint.experiments.gpu.stages import NanoStages
from underpaint.models.captions import in_medium, tokens_of
from underpaint.models.latents import decode, encode
from underpaint.models.noise import add_noise
from underpaint.pipelines.sampling import Predictor, sample
from underpaint.renderers.film.stills import tabulated

PROMPTS = (
    "a red house, by the sea, at sunset",
    "a blue boat, on the sea, by day",
    "a yellow tree, on a meadow, under clouds",
    "a white cat, in the snow, at night",
)
_STEPS, _GUIDANCE = 25, 2.5


@torch.no_grad()
def paint(stages: NanoStages, prompts: Sequence[str], shown: Tensor | None = None, guidance: float = 1.0) -> Tensor:
    """Return processes (B, F, 3, H, W), -1..1; `shown` (B, 3, H, W) are given as last frames."""
    base, device, frames = stages.base, stages.device, stages.config.frames
    assert stages.unet is not None, "nothing paints processes yet"
    side = stages.config.size // 4
    generator = torch.Generator().manual_seed(1)
    noise = torch.randn((len(prompts), 4, frames, side, side), generator=generator).to(device)
    with torch.autocast(device.type, torch.bfloat16):
        words, nothing = (
            base.text_encoder(tokens_of(base.tokenizer, texts).to(device))[0]
            for texts in (prompts, [""] * len(prompts))
        )
    chosen = torch.zeros(len(prompts), frames, dtype=torch.bool, device=device)
    known = torch.zeros_like(noise)
    if shown is not None:
        chosen[:, -1] = True
        known[:, :, -1] = encode(base.vae, shown)
    predict = Predictor(
        unet=stages.unet,
        text=words,
        negative=nothing if guidance > 1 else None,
        guidance=guidance,
        network=None if shown is None else stages.network,
        latents=known,
        mask=chosen,
        scale=1.0,
        window=frames,
    )
    with torch.autocast(device.type, torch.bfloat16):
        latents = sample(predict, base.noise.scheduler(), noise, _STEPS, lambda clean: None)
    return decode(base.vae, latents.transpose(1, 2).float())


@torch.no_grad()
def reads(stages: NanoStages, latents: Tensor, captions: Sequence[str]) -> float:
    """Return the share of pairs in which a picture is denoised better with its own caption than with another's.

    Args:
        stages: whose base is asked.
        latents: (N, 4, h, w), of unseen pictures.
        captions: of these.
    """
    base, better = stages.base, []
    tokens = tokens_of(base.tokenizer, captions).to(stages.device)
    generator = torch.Generator().manual_seed(2)
    for level in (700, 800, 900, 990):
        noise = torch.randn(latents.shape, generator=generator).to(latents)
        steps = torch.full((len(latents),), level, device=latents.device)
        noisy = add_noise(stages.alphas, latents, noise, steps)
        errors = []
        for turn in range(4):
            text = base.text_encoder(tokens.roll(turn, 0))[0]
            output = base.unet(noisy, steps, text, return_dict=False)[0]
            errors.append((output - latents).square().flatten(1).mean(1))
        better += [(errors[0] < other).float().mean() for other in errors[1:]]
    return float(torch.stack(better).mean())


def psnr(one: Tensor, other: Tensor) -> Tensor:
    """PSNR in dB of pictures (B, 3, H, W) in -1..1."""
    return 6.02 - 10 * (one - other).square().flatten(1).mean(1).clamp(min=1e-9).log10()


def write_sheet(path: Path, films: Tensor) -> None:
    """Write processes (B, F, 3, H, W) as rows of one picture."""
    pixels: NDArray[np.uint8] = ((films.float().cpu().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).numpy()
    frames = np.moveaxis(pixels, 2, -1)
    Image.fromarray(tabulated(frames.reshape(-1, *frames.shape[2:]), frames.shape[1])).save(path)


def text_films(stages: NanoStages) -> Tensor:
    """Paint all prompts in all media."""
    prompts = [in_medium(medium, prompt) for prompt in PROMPTS for medium in stages.config.media]
    return paint(stages, prompts, guidance=_GUIDANCE)
