"""Where a scene takes place: its ground and sky, the horizon between them, and the light."""

from __future__ import annotations

import random
from dataclasses import dataclass

from underpaint.datagen.scenes.light import Light
from underpaint.datagen.scenes.words import Ground, Season, Sky

SHORE = 0.44  # where water ends and the shore begins, as a share of the way from the horizon down


@dataclass(frozen=True, kw_only=True)
class Land:
    """Where a scene takes place.

    Attributes:
        horizon: its height, in shares of the side from above.
        shore: where the shore begins, in the same; below the picture where there is water only.
        light: of the sky.
        side: -1 if the light comes from the left, 1 from the right.
        sun: x of sun or moon.
    """

    ground: Ground
    season: Season
    sky: Sky
    horizon: float
    shore: float
    light: Light
    side: float
    sun: float
    draws: random.Random

    def down(self, near: float) -> float:
        """Return how far down the picture level ground is that is so near: 0 at the horizon, 1 at the lower edge."""
        return self.horizon + (1 - self.horizon) * near

    def between(self, low: float, high: float) -> float:
        """Draw a number."""
        return low + (high - low) * self.draws.random()
