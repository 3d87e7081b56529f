"""The noise levels and the noise of a step: a function of seeds and positions, whatever process draws them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from underpaint.datagen.format.draws import draw, number


@dataclass(frozen=True, kw_only=True)
class Chance:
    """What is left to chance for each sample of a batch.

    Attributes:
        levels: 0..1, where in the noise schedule each is.
        seeds: of everything else that is drawn for it.
    """

    levels: tuple[float, ...]
    seeds: tuple[int, ...]

    def steps(self, count: int) -> Tensor:
        """Noise levels, int64 (B,), of a schedule that has `count`."""
        return torch.tensor([min(int(level * count), count - 1) for level in self.levels])

    def generators(self) -> list[torch.Generator]:
        """One for each sample, on the CPU: the numbers are the same on every device."""
        return [torch.Generator().manual_seed(seed) for seed in self.seeds]

    def noise_like(self, latents: Tensor) -> Tensor:
        """Standard normal noise in the shape of latents (B, ...), on their device."""
        drawn = [torch.randn(latents.shape[1:], generator=generator) for generator in self.generators()]
        return torch.stack(drawn).to(latents)


def chance_of(seed: int, phase: str, positions: Tensor, *, shift: float = 1.0) -> Chance:
    """What training draws at some positions (B,); a shift above 1 makes noisy levels likelier, see `shifted`."""
    places = [int(position) for position in positions]
    return Chance(
        levels=tuple(shifted(draw(seed, phase, place, "level"), shift) for place in places),
        seeds=tuple(number(seed, phase, place, "noise") for place in places),
    )


def shifted(level: float, shift: float) -> float:
    """Move a level 0..1 towards noise by the timestep shift of Esser et al. 2024, section 5.3.2; 1 leaves it."""
    return shift * level / (1 + (shift - 1) * level)


def fixed_chance(places: Sequence[int], turn: int, *, turns: int, samples: int) -> Chance:
    """What validation takes, the same each time: all of `samples` x `turns` together are spread evenly over the levels.

    Args:
        places: of the samples among all that are validated on.
        turn: each sample is looked at several times, at different levels.
        turns: how many times.
        samples: how many there are.
    """
    pairs = samples * turns
    return Chance(
        levels=tuple((turn * samples + place % samples + 0.5) / pairs for place in places),
        seeds=tuple(number("validation", place, turn) for place in places),
    )
