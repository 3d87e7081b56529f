"""Timesteps and noise of a training step: a function of seeds and positions, whatever process draws them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor

from underpaint.datagen.format.draws import draw, number
from underpaint.training.hardware import to_device

Timestep = TypeVar("Timestep", float, Tensor)


@dataclass(frozen=True, kw_only=True)
class BatchRng:
    """Random numbers for each sample of a batch.

    Attributes:
        times: 0..1, timesteps as shares of the noise schedule, 1 the noisiest.
        seeds: of everything else that is drawn for a sample.
    """

    times: tuple[float, ...]
    seeds: tuple[int, ...]

    def timesteps(self, count: int) -> Tensor:
        """Return timesteps, int64 (B,), of a schedule that has `count`."""
        return torch.tensor([min(int(timestep * count), count - 1) for timestep in self.times])

    def generators(self) -> list[torch.Generator]:
        """Return a generator for each sample, on the CPU: the numbers are the same on every device."""
        return [torch.Generator().manual_seed(seed) for seed in self.seeds]

    def noise_like(self, latents: Tensor) -> Tensor:
        """Return standard normal noise in the shape of latents (B, ...), on their device."""
        drawn = [torch.randn(latents.shape[1:], generator=generator) for generator in self.generators()]
        return to_device(torch.stack(drawn).to(latents.dtype), latents.device)


def training_rng(seed: int, phase: str, positions: Tensor, *, shift: float = 1.0) -> BatchRng:
    """Return what training draws at positions (B,); a shift above 1 makes noisy timesteps likelier, see `shifted`."""
    places = [int(position) for position in positions]
    return BatchRng(
        times=tuple(shifted(draw(seed, phase, place, "level"), shift) for place in places),
        seeds=tuple(number(seed, phase, place, "noise") for place in places),
    )


def shifted(timestep: Timestep, shift: float) -> Timestep:
    """Move a timestep, 0..1, towards noise by the timestep shift of Esser et al. 2024, section 5.3.2; 1 leaves it."""
    return shift * timestep / (1 + (shift - 1) * timestep)


def validation_rng(places: Sequence[int], turn: int, *, turns: int, samples: int) -> BatchRng:
    """Return what validation draws, the same each time: all `samples` x `turns` are spread evenly over the timesteps.

    Args:
        places: of the samples among all that are validated on.
        turn: each sample is looked at several times, at different timesteps.
        turns: how many times.
        samples: how many there are.
    """
    pairs = samples * turns
    return BatchRng(
        times=tuple((turn * samples + place % samples + 0.5) / pairs for place in places),
        seeds=tuple(number("validation", place, turn) for place in places),
    )
