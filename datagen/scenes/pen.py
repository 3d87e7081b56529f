"""What draws things: coordinates in heights of the thing, from the middle of its foot, in the light of the scene."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

from underpaint.datagen.scenes.layer import Layer, Points, Rgb
from underpaint.datagen.scenes.words import Colour

# Chosen so that all eight stay apart in the light of a sunset and of the moon.
RGB: dict[Colour, Rgb] = {
    "red": (0.82, 0.13, 0.13),
    "orange": (0.96, 0.50, 0.10),
    "yellow": (0.98, 0.83, 0.17),
    "green": (0.16, 0.60, 0.24),
    "blue": (0.14, 0.33, 0.84),
    "purple": (0.52, 0.20, 0.66),
    "white": (0.96, 0.95, 0.92),
    "black": (0.13, 0.13, 0.15),
}
WOOD: Rgb = (0.42, 0.28, 0.17)
DARK: Rgb = (0.20, 0.17, 0.17)
CREAM: Rgb = (0.94, 0.89, 0.76)
LEAF: Rgb = (0.30, 0.52, 0.20)
GLASS: Rgb = (0.66, 0.82, 0.90)
GLOW: Rgb = (1.0, 0.86, 0.45)


def toned(colour: Rgb, factor: float) -> Rgb:
    """Return a colour darker, or, beyond 1, lighter: mixed with white, so that black things show their forms, too."""
    if factor <= 1:
        return colour[0] * factor, colour[1] * factor, colour[2] * factor
    share = min(1.0, (factor - 1) * 0.8)
    return tuple(each + (1 - each) * share for each in colour)  # type: ignore[return-value]


@dataclass(frozen=True, kw_only=True)
class Pen:
    """A layer with a place on it, where a thing is drawn in its own coordinates: x to the right, y up, its height 1.

    Attributes:
        x, base, size: foot and height of the thing, in shares of the side.
        facing: 1, or -1 to draw it mirrored.
        light: -1 if light comes from the left, 1 from the right.
        tint: what the light multiplies colours by.
        lamps: whether lamps are on.
        colour: of the thing.
        draws: what it asks for all that differs from one such thing to the next.
    """

    layer: Layer
    x: float
    base: float
    size: float
    facing: int
    light: float
    tint: Rgb
    lamps: bool
    colour: Rgb
    draws: random.Random

    def fill(
        self,
        *shapes: Points,
        colour: Rgb | None = None,
        tone: float = 1.0,
        shade: Literal["flat", "round", "side", "fall"] = "flat",
        depth: float = 0.3,
        opacity: float = 1.0,
        shines: bool = False,
        grain: float = 0.08,
    ) -> None:
        """Lay shapes down in a colour, by default the thing's; what shines isn't dimmed by the light of the scene."""
        plain = toned(self.colour if colour is None else colour, tone)
        lit = plain if shines else (plain[0] * self.tint[0], plain[1] * self.tint[1], plain[2] * self.tint[2])
        self.layer.fill(
            *(self._placed(shape) for shape in shapes),
            colour=lit,
            shade=shade,
            depth=depth,
            light=self.light,
            opacity=opacity,
            grain=grain,
        )

    def between(self, low: float, high: float) -> float:
        """Draw a number."""
        return low + (high - low) * self.draws.random()

    def lit_side(self, x: float) -> float:
        """Return how far x lies on the side of the light, in the thing's own coordinates."""
        return x * self.facing * self.light

    def _placed(self, shape: Points) -> list[tuple[float, float]]:
        wide = self.size * self.facing
        return [(self.x + wide * x, self.base - self.size * y) for x, y in shape]
