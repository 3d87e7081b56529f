"""Training on a network of Stable Diffusion 1.5's size, motion and replication: `python -m benchmarks.training_gpu`.

The weights are random, so nothing needs to be downloaded. On a GPU it prints memory and sequences per second at 512 px;
without one, what a run expects before its first step: its memory and arithmetic, which are computed.
"""

from __future__ import annotations

import gc
import itertools
import time
from pathlib import Path
from typing import Any

import torch
from diffusers import UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel

from benchmarks.stable_diffusion import SIDE, autoencoder
from underpaint.models import Base, NoiseSchedule, new_motion_adapter
from underpaint.models.nano import byte_tokenizer
from underpaint.training.augment import augment_draws
from underpaint.training.batch import Batch
from underpaint.training.config import MotionConfig, ReplicationConfig
from underpaint.training.data_config import DataConfig
from underpaint.training.optimiser import new_optimiser, trained
from underpaint.training.preflight import cost_of
from underpaint.training.rng import training_rng
from underpaint.training.stages.motion import MotionPhase
from underpaint.training.stages.replication import ReplicationPhase

_WARM_UP, _STEPS = 3, 10


def random_base() -> Base:
    """Networks of Stable Diffusion 1.5's sizes."""
    unet = UNet2DConditionModel(cross_attention_dim=768, attention_head_dim=8)
    text = CLIPTextConfig(
        vocab_size=49408,
        hidden_size=768,
        intermediate_size=3072,
        num_hidden_layers=12,
        num_attention_heads=12,
        bos_token_id=512,
        eos_token_id=513,
    )
    return Base(
        name="random",
        vae=autoencoder().eval(),
        tokenizer=byte_tokenizer(),
        text_encoder=CLIPTextModel(text).eval(),
        unet=unet.eval(),
        noise=NoiseSchedule(beta_schedule="linear"),
    )


def some_batch(frames: int) -> Batch:
    """One process of noise, as a loader gives it."""
    pixels = torch.randint(0, 256, (1, frames, SIDE, SIDE, 3), dtype=torch.uint8)
    return Batch(
        frames=pixels.permute(0, 1, 4, 2, 3),
        shape=(SIDE, SIDE),
        indices=torch.arange(frames)[None],
        stored=torch.tensor([frames]),
        draws=torch.tensor([augment_draws(0, 0)]),
        positions=torch.tensor([0]),
        captions=("a photo of a boot",),
        keys=("boot",),
        skipped=(),
    )


def measure(phase: MotionPhase | ReplicationPhase, batch: Batch) -> tuple[float, float]:
    """Peak memory in GiB and sequences per second on the GPU."""
    device = torch.device("cuda")
    for network in (phase.model, *phase.frozen):
        network.to(device)
    torch.cuda.reset_peak_memory_stats()
    optimiser = new_optimiser(trained(phase.model), phase.config)
    rng = training_rng(0, "motion", batch.positions)
    for step in range(_WARM_UP + _STEPS):
        if step == _WARM_UP:
            torch.cuda.synchronize()
            start = time.perf_counter()
        with torch.autocast("cuda", torch.bfloat16):
            loss = phase.errors(phase.model, batch.to(device), rng, 0.5).loss
        torch.autograd.backward(loss)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
    torch.cuda.synchronize()
    return torch.cuda.max_memory_allocated() / 2**30, _STEPS / (time.perf_counter() - start)


def phase_of(stage: str, frames: int, checkpointing: bool) -> MotionPhase | ReplicationPhase:
    """A phase that hasn't begun."""
    base = random_base()
    data = DataConfig(corpus="none", size=SIDE, frames=frames)
    options: dict[str, Any] = {"data": data, "out": Path("none"), "steps": 1, "batch": 1, "mixed_precision": "bf16"}
    options["gradient_checkpointing"] = checkpointing
    if stage == "motion":
        return MotionPhase(MotionConfig(**options), base, base.noise)
    config = ReplicationConfig(**options, motion="none", tune_motion=True)
    return ReplicationPhase(config, base, new_motion_adapter(base.unet), base.noise)


def main() -> None:
    """Measure or compute, and print."""
    name = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU: all figures are computed"
    print(f"{SIDE} px, bf16, batch 1; {name}")
    for stage, frames, checkpointing in itertools.product(("motion", "replication"), (8, 16), (False, True)):
        phase = phase_of(stage, frames, checkpointing)
        cost = cost_of(phase)
        what = f"{stage}, {frames} frames, gradient checkpointing {'on' if checkpointing else 'off'}"
        expected = f"{cost.memory / 2**30:.1f} GiB and {cost.operations / 1e12:.0f} TFLOP a step expected"
        if torch.cuda.is_available():
            memory, speed = measure(phase, some_batch(frames))
            print(f"{what}: {memory:.1f} GiB, {speed:.2f} sequences/s ({expected})", flush=True)
        else:
            print(f"{what}: {expected}", flush=True)
        # Two of them would not fit.
        del phase
        gc.collect()
        torch.cuda.empty_cache()


if __name__ == "__main__":
    main()
