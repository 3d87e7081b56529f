"""Habits: what differs from one draughtsman to the next, drawn for each picture from its seed."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from underpaint.renderers.seeds import pencil_seed

# From least to most. Slant in degrees: a right hand hatches from lower left to upper right, a left hand the other way;
# spacing and place in sides of the sheet; the others are shares of the strokes.
RANGES = {
    "slant": (-62.0, -28.0),
    "spacing": (0.007, 0.0105),
    "construction": (0.025, 0.07),
    "smudging": (0.0, 0.08),
    "place": (0.24, 0.42),
    "reserve": (0.34, 0.58),
}
# The least and the most that each may be.
BOUNDS = {
    "slant": (-180.0, 180.0),
    "spacing": (0.002, 0.1),
    "construction": (0.0, 0.3),
    "smudging": (0.0, 0.3),
    "place": (0.05, 1.0),
    "reserve": (0.0, 1.0),
}
# One in so many is left-handed.
_LEFT = 0.12


@dataclasses.dataclass(frozen=True, kw_only=True)
class Habits:
    """How one drawing is made.

    Attributes:
        slant: direction of the hatching, degrees, 0 is level, negative rises to the right.
        spacing: from one hatching line to the next, in sides of the sheet.
        construction: share of the strokes that construct the picture first.
        smudging: share of the strokes that a finger makes.
        place: the longest side of a place that is finished before the next, in sides of the sheet.
        reserve: the tone at which hatching stops; what is darker waits for the accents. 0 is the darkest
            graphite, 1 bare paper.
    """

    slant: float
    spacing: float
    construction: float
    smudging: float
    place: float
    reserve: float


def draw_habits(seed: int, fixed: dict[str, float | None]) -> Habits:
    """Return the habits of a picture, drawn evenly from RANGES; `fixed` ones that aren't None stay as they are.

    What is drawn doesn't depend on what is fixed.
    """
    random = np.random.default_rng(pencil_seed(seed, 14))
    drawn = {}
    for name, (low, high) in RANGES.items():
        drawn[name] = round(low + (high - low) * float(random.random()), 5)
    if random.random() < _LEFT:
        drawn["slant"] = -drawn["slant"]
    return Habits(**(drawn | {name: float(value) for name, value in fixed.items() if value is not None}))


def radians(degrees: float) -> float:
    """Return an angle in radians."""
    return degrees * math.pi / 180
