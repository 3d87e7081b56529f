"""From noise to latents: one forward pass with guidance, and the loop of a sampler."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import torch
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    LCMScheduler,
    SparseControlNetModel,
    UNetMotionModel,
)
from torch import Tensor

from underpaint.models.noise import NoiseSchedule, sample_and_noise
from underpaint.models.replication import condition, denoise
from underpaint.pipelines.windows import predict_in_windows, windows

# Called after each forward pass with the clean latents that it implies; None where there are none, as in an inversion.
StepCallback = Callable[[Tensor | None], None]
Scheduler: TypeAlias = DDIMScheduler | DPMSolverMultistepScheduler | LCMScheduler


def scheduler_of(noise: NoiseSchedule, sampler: str) -> Scheduler:
    """Return diffusers' scheduler of a sampler, one of `settings.Sampler`, for a noise schedule."""
    ddim = noise.scheduler()
    if sampler == "ddim":
        return ddim
    if sampler == "lcm":
        return LCMScheduler.from_config(ddim.config)
    assert sampler == "dpm++", sampler
    # Few steps must begin at the last timestep, where the picture is noise indeed (Lin et al. 2024, 3.3).
    return DPMSolverMultistepScheduler.from_config(ddim.config, timestep_spacing="trailing")


@dataclass(frozen=True, kw_only=True, eq=False)
class Predictor:
    """Noisy latents to what the UNet puts out under a prompt, for some or all frames of a process.

    Attributes:
        unet: with its motion module.
        text: states (B, L, D) of the prompts.
        negative: states (B, L, D) of the negative prompts; None without guidance.
        guidance: weight of the prompt beyond 1.
        network: the replication network; None where there are no conditioning frames.
        latents: (B, C, F, h, w), clean, of the conditioning frames; what it holds elsewhere is ignored.
        mask: bool (B, F), true for conditioning frames.
        scale: strength of the network.
        window: how many frames the UNet takes at once.
    """

    unet: UNetMotionModel
    text: Tensor
    negative: Tensor | None
    guidance: float
    network: SparseControlNetModel | None
    latents: Tensor
    mask: Tensor
    scale: float
    window: int

    def __call__(self, noisy: Tensor, timestep: Tensor, step: int) -> Tensor:
        """Return the output for latents (B, C, F, h, w) at a timestep, float32; too many frames go in windows."""
        always = torch.nonzero(self.mask.any(0)).flatten().tolist() if self.network else []
        sets = windows(noisy.shape[2], self.window, step, always)
        return predict_in_windows(lambda part, frames: self._output(part, timestep, frames), noisy, sets)

    def _output(self, noisy: Tensor, timestep: Tensor, frames: Sequence[int]) -> Tensor:
        """Both prompts in one batch, as stock pipelines do."""
        text, copies = self.text, 1
        if self.negative is not None:
            text, copies = torch.cat([self.negative, self.text]), 2
        noisy = torch.cat([noisy] * copies).to(text.dtype)
        seen = None
        if self.network is not None:
            index = torch.tensor(list(frames), device=noisy.device)
            latents = torch.cat([self.latents.index_select(2, index)] * copies).to(text.dtype)
            seen = condition(latents, torch.cat([self.mask[:, index]] * copies))
        timesteps = timestep.to(noisy.device).expand(len(noisy))
        output = denoise(self.unet, noisy, timesteps, text, self.network, seen, self.scale).float()
        if self.negative is None:
            return output
        without, with_prompt = output.chunk(2)
        return without + self.guidance * (with_prompt - without)


@torch.no_grad()
def sample(
    predict: Predictor,
    scheduler: Scheduler,
    noise: Tensor,
    steps: int,
    callback: StepCallback,
    drawn: SeededNoise | None = None,
) -> Tensor:
    """Return clean latents (B, C, F, h, w), float32, from noise of that shape.

    Args:
        predict: the network.
        scheduler: of the schedule that it was trained with, see `scheduler_of`.
        noise: of unit variance.
        steps: how many.
        callback: called after each.
        drawn: where a sampler takes more noise from, between steps; only `lcm` does.

    Raises:
        ValueError: latents that aren't finite; says at which step.
    """
    scheduler.set_timesteps(steps, device=noise.device)
    alphas = scheduler.alphas_cumprod.to(noise.device)
    latents = noise
    for step, timestep in enumerate(scheduler.timesteps):
        output = predict(latents, timestep, step)
        # Not all schedulers say which picture the output implies.
        at = timestep.to(noise.device).expand(len(latents))
        clean, _ = sample_and_noise(scheduler.config.prediction_type, alphas, output, latents, at)
        latents = scheduler.step(output, timestep, latents, generator=drawn and drawn.generators).prev_sample
        if not bool(torch.isfinite(latents).all()):
            raise NonFiniteLatentsError(f"the latents are not finite after step {step + 1} of {steps}")
        callback(clean)
    return latents


class NonFiniteLatentsError(ValueError):
    """A painting that has come to NaN or infinity."""


class SeededNoise:
    """A source of noise for the processes of a batch, each of which depends on its own seed alone.

    Attributes:
        generators: of the processes.

    Args:
        seeds: of the processes.
    """

    def __init__(self, seeds: Sequence[int]) -> None:
        # On the CPU: the numbers are then the same on every device.
        self.generators = [torch.Generator().manual_seed(seed) for seed in seeds]

    def draw(self, *shape: int) -> Tensor:
        """Return standard normal noise (B, *shape), float32, other than all before."""
        return torch.stack([torch.randn(shape, generator=generator) for generator in self.generators])
