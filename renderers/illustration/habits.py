"""What an illustrator does differently from picture to picture: drawn from the seed, each can be fixed."""

from __future__ import annotations

import dataclasses
from typing import Literal, get_args

import numpy as np

from underpaint.renderers.limits import check_choice

Flats = Literal["back-first", "subject-first"]
LineColour = Literal["black", "sepia", "local"]

MOST_TONES = 5
_ROUGHNESS, _LINE_WEIGHT, _SOFTNESS = (0.15, 1.0), (0.75, 1.35), (0.0, 0.7)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Habits:
    """How one picture is drawn.

    Attributes:
        roughness: of the sketch, 0 (tidy) to 1 (searching lines, drawn twice, over construction ellipses).
        line_weight: factor on the width of the clean line.
        line_colour: `black`, `sepia`, or `local`: a dark shade of what it outlines.
        flats: in which order regions get their flat colour.
        softness: of the shading's edges, 0 (cel shading) to 1 (airbrush).
        tones: how many tones of each region the shadows are cut to, from 2.
    """

    roughness: float
    line_weight: float
    line_colour: LineColour
    flats: Flats
    softness: float
    tones: int


def draw_habits(random: np.random.Generator) -> Habits:
    """Return habits as they vary between illustrators; numbers have two decimals, so that they can be told and fixed."""
    colours: tuple[LineColour, ...] = get_args(LineColour)
    return Habits(
        roughness=_between(_ROUGHNESS, random),
        line_weight=_between(_LINE_WEIGHT, random),
        line_colour=colours[int(random.integers(len(colours)))],
        # Most work from the back to the front.
        flats="subject-first" if random.random() < 0.3 else "back-first",
        softness=_between(_SOFTNESS, random),
        tones=int(random.integers(2, 5)),
    )


def _between(ends: tuple[float, float], random: np.random.Generator) -> float:
    return round(ends[0] + (ends[1] - ends[0]) * random.random(), 2)
