"""From noise to latents: one forward pass with guidance, and the DDIM loop (Song et al. 2021)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from diffusers import DDIMScheduler, SparseControlNetModel, UNetMotionModel
from torch import Tensor

from underpaint.models.replication import condition, denoise
from underpaint.pipelines.windows import predict_in_windows, windows

# Told after each forward pass of the clean latents that it implies; None where there are none, as in an inversion.
Watch = Callable[[Tensor | None], None]


@dataclass(frozen=True, kw_only=True, eq=False)
class Predictor:
    """Noisy latents to what the UNet puts out under a prompt, for some or all frames of a process.

    Attributes:
        unet: with its motion module.
        text: states (B, L, D) of the prompts.
        negative: states (B, L, D) of the negative prompts; None without guidance.
        guidance: weight of the prompt beyond 1.
        network: the replication network; None where nothing is shown.
        latents: (B, C, F, h, w), clean, of the shown frames; whatever it holds elsewhere is not looked at.
        shown: bool (B, F).
        scale: strength of the network.
        window: how many frames the UNet takes at once.
    """

    unet: UNetMotionModel
    text: Tensor
    negative: Tensor | None
    guidance: float
    network: SparseControlNetModel | None
    latents: Tensor
    shown: Tensor
    scale: float
    window: int

    def __call__(self, noisy: Tensor, level: Tensor, turn: int) -> Tensor:
        """The output for latents (B, C, F, h, w) at a level, float32, in windows if they are too many frames."""
        always = torch.nonzero(self.shown.any(0)).flatten().tolist() if self.network else []
        sets = windows(noisy.shape[2], self.window, turn, always)
        return predict_in_windows(lambda part, frames: self._output(part, level, frames), noisy, sets)

    def _output(self, noisy: Tensor, level: Tensor, frames: Sequence[int]) -> Tensor:
        """Both prompts in one batch, as stock pipelines do."""
        text, copies = self.text, 1
        if self.negative is not None:
            text, copies = torch.cat([self.negative, self.text]), 2
        noisy = torch.cat([noisy] * copies).to(text.dtype)
        seen = None
        if self.network is not None:
            index = torch.tensor(list(frames), device=noisy.device)
            latents = torch.cat([self.latents.index_select(2, index)] * copies).to(text.dtype)
            seen = condition(latents, torch.cat([self.shown[:, index]] * copies))
        levels = level.to(noisy.device).expand(len(noisy))
        output = denoise(self.unet, noisy, levels, text, self.network, seen, self.scale).float()
        if self.negative is None:
            return output
        without, with_prompt = output.chunk(2)
        return without + self.guidance * (with_prompt - without)


@torch.no_grad()
def sample(predict: Predictor, scheduler: DDIMScheduler, noise: Tensor, steps: int, watch: Watch) -> Tensor:
    """Clean latents (B, C, F, h, w) from noise of that shape, float32, without any further chance.

    Args:
        predict: the network.
        scheduler: of the schedule that it was trained with.
        noise: of unit variance.
        steps: how many.
        watch: told after each.
    """
    scheduler.set_timesteps(steps, device=noise.device)
    latents = noise
    for turn, level in enumerate(scheduler.timesteps):
        stepped = scheduler.step(predict(latents, level, turn), level, latents)
        latents = stepped.prev_sample
        watch(stepped.pred_original_sample)
    return latents


class Dice:
    """What is left to chance for each process of a batch: it follows from its own seed alone.

    Args:
        seeds: of the processes.
    """

    def __init__(self, seeds: Sequence[int]) -> None:
        # On the CPU: the numbers are then the same on every device.
        self._generators = [torch.Generator().manual_seed(seed) for seed in seeds]

    def noise(self, *shape: int) -> Tensor:
        """Standard normal noise (B, *shape), float32, other than all before."""
        return torch.stack([torch.randn(shape, generator=generator) for generator in self._generators])
