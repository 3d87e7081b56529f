"""Lessons: drawn scenes that the readers of attributes learn from, with windows on what is a thing and what is none."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from underpaint.datagen.scenes.drawing import draw
from underpaint.datagen.scenes.scene import SHORES, ScenePlan, Thing
from underpaint.datagen.scenes.words import COLOURS, GROUNDS, KINDS, PLACES, SEASONS, SKIES
from underpaint.experiments.trials.windows import (
    HEIGHTS,
    SIDE,
    SIZES,
    Floats,
    SceneWindow,
    cut_window,
    shared_area,
    whole_of,
)

_MARGIN = 1.2  # side of a window in those of the thing in it
# What painting does to a picture: nothing, soft edges, or patches of one colour.
_WORN = (
    None,
    ImageFilter.GaussianBlur(0.6),
    ImageFilter.GaussianBlur(1.2),
    ImageFilter.MedianFilter(3),
    ImageFilter.MedianFilter(5),
    ImageFilter.ModeFilter(3),
)


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """A drawn scene to learn from: windows of its thing, `positive` of them, then others, with their labels."""

    plan: ScenePlan
    whole: Floats
    windows: list[SceneWindow]
    labels: list[int]
    positive: int


def draw_lesson(draws: random.Random, number: int) -> Lesson:
    """Draw a scene with one thing, blurred or not, and cut windows with and without it."""
    kind, colour = KINDS[number % len(KINDS)], COLOURS[number // len(KINDS) % len(COLOURS)]
    ground = draws.choice(SHORES if kind == "boat" else GROUNDS)
    plan = ScenePlan(
        things=(Thing(kind=kind, colour=colour, place=draws.choice(PLACES)),),
        ground=ground,
        sky=SKIES[number // 7 % len(SKIES)],
        season="winter" if ground == "snow" else draws.choice(SEASONS[:3]),
        draw=draws.randrange(2**32),
    )
    drawn = draw(plan, SIDE)
    image, worn = Image.fromarray(drawn.pixels), draws.choice(_WORN)
    small = np.asarray(image if worn is None else image.filter(worn), np.float64) / 255
    rows, columns = (np.flatnonzero(drawn.saliency.max(axis=axis) > 0.4) for axis in (1, 0))
    x, y = (columns[0] + columns[-1] + 1) / 2, (rows[0] + rows[-1] + 1) / 2
    side = _MARGIN * max(len(columns), len(rows))
    around = draws.uniform
    places = [
        (x + around(-0.04, 0.04) * side, y + around(-0.04, 0.04) * side, side * around(0.92, 1.09)) for _ in range(2)
    ]
    others: list[tuple[float, float, float]] = []
    while len(others) < 5:
        place = (around(0.1, 0.9) * SIDE, around(*HEIGHTS) * SIDE, around(SIZES[0], SIZES[-1]))
        both = shared_area(place, (x, y, side))
        if both < 0.55 * (place[2] ** 2 + side**2 - both):  # of their union
            others.append(place)
    windows = [cut_window(small, *place) for place in places + others]
    labels = [KINDS.index(kind)] * len(places) + [len(KINDS)] * len(others)
    return Lesson(plan=plan, whole=whole_of(small), windows=windows, labels=labels, positive=len(places))
