"""Things that people made: house, windmill, boat, car, balloon, umbrella; drawn by a `Pen`."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

from underpaint.datagen.scenes.pen import CREAM, DARK, GLASS, GLOW, WOOD, Pen
from underpaint.datagen.scenes.shapes import band, box, oval, smooth
from underpaint.datagen.scenes.words import Kind

_ROOF = (0.40, 0.26, 0.22)


def house(pen: Pen) -> None:
    """Draw a house with its gable in front and its long side beside it."""
    near, far = (1.0, 0.78) if pen.lit_side(-1) > 0 else (0.80, 1.0)
    pen.fill([(0.66, 0.05), (0.66, 0.5), (0.02, 0.52), (0.02, 0)], tone=far, shade="fall", depth=0.06)
    pen.fill([(-0.52, 0), (0.02, 0), (0.02, 0.52), (-0.25, 0.9), (-0.52, 0.52)], tone=near, shade="fall", depth=0.06)
    pen.fill(box(0.38, 0.66, 0.49, 1.0), colour=(0.55, 0.33, 0.27), shade="side")
    pen.fill([(0.76, 0.45), (0.06, 0.45), (-0.25, 0.95), (0.43, 0.91)], colour=_ROOF, shade="fall", depth=0.15)
    pen.fill(
        [(-0.25, 0.95), (-0.60, 0.45), (-0.53, 0.43), (-0.25, 0.83), (0.0, 0.47), (0.06, 0.45)], colour=_ROOF, tone=0.8
    )
    pen.fill(box(-0.33, 0, -0.15, 0.33), colour=WOOD, tone=0.8)
    pen.fill(oval(-0.19, 0.16, 0.015, 0.015), colour=CREAM)
    glass, shines = (GLOW, True) if pen.lamps else ((0.42, 0.55, 0.64), False)
    for x in (0.16, 0.43):
        pen.fill(box(x - 0.02, 0.17, x + 0.16, 0.41), colour=CREAM)
        pen.fill(box(x, 0.19, x + 0.14, 0.39), colour=glass, shines=shines)
        pen.fill(box(x + 0.06, 0.19, x + 0.08, 0.39), box(x, 0.28, x + 0.14, 0.30), colour=CREAM)
    pen.fill(oval(-0.25, 0.6, 0.07, 0.07), colour=CREAM)
    pen.fill(oval(-0.25, 0.6, 0.052, 0.052), colour=glass, shines=shines)


def windmill(pen: Pen) -> None:
    """Draw a mill with four sails."""
    pen.fill([(-0.23, 0), (0.23, 0), (0.14, 0.66), (-0.14, 0.66)], shade="side", depth=0.26)
    pen.fill(box(-0.17, 0.62, 0.17, 0.67), colour=CREAM, tone=0.85, shade="side")
    pen.fill(smooth([(-0.16, 0.66), (-0.12, 0.78), (0, 0.84), (0.12, 0.78), (0.16, 0.66)]), colour=_ROOF, shade="round")
    pen.fill(box(-0.07, 0, 0.07, 0.19), colour=WOOD, tone=0.7)
    glass, shines = (GLOW, True) if pen.lamps else (DARK, False)
    pen.fill(box(-0.05, 0.32, 0.05, 0.43), colour=glass, shines=shines)
    turn = pen.between(0.15, 1.4)
    for quarter in range(4):
        angle = turn + quarter * math.pi / 2
        c, s = math.cos(angle), math.sin(angle)
        at = [(c * along - s * across, 0.72 + s * along + c * across) for along, across in _SAIL]
        pen.fill(at, colour=CREAM, tone=0.98 if quarter % 2 else 0.9)
        pen.fill(band([(0, 0.72), (0.47 * c, 0.72 + 0.47 * s)], 0.025), colour=WOOD, tone=0.9)
    pen.fill(oval(0, 0.72, 0.035, 0.035), colour=DARK)


_SAIL = ((0.1, 0.0), (0.46, 0.0), (0.46, 0.12), (0.1, 0.09))


def boat(pen: Pen) -> None:
    """Draw a sailing boat: hull and sail in its colour."""
    pen.fill(band([(-0.02, 0.16), (-0.02, 1.06)], 0.03), colour=WOOD)
    pen.fill([*smooth([(0.01, 1.02), (0.3, 0.64), (0.5, 0.28)], closed=False), (0.01, 0.25)], shade="side", depth=0.15)
    pen.fill(
        [*smooth([(-0.05, 0.94), (-0.24, 0.6), (-0.42, 0.3)], closed=False), (-0.05, 0.27)],
        tone=0.78,
        shade="side",
        depth=0.12,
    )
    hull = [
        (-0.52, 0.22),
        (0.62, 0.24),
        *smooth([(0.62, 0.24), (0.5, 0.06), (0.36, -0.02)], closed=False),
        (-0.36, -0.02),
    ]
    pen.fill(hull, tone=0.92, shade="fall", depth=-0.14)
    pen.fill([(-0.54, 0.20), (0.62, 0.22), (0.62, 0.26), (-0.55, 0.24)], colour=CREAM, tone=0.95)
    pen.fill([(-0.02, 1.06), (-0.02, 1.13), (-0.16, 1.10)], colour=(0.78, 0.22, 0.2))


def car(pen: Pen) -> None:
    """Draw a car from its side."""
    roof = smooth([(-0.46, 0.42), (-0.34, 0.70), (-0.1, 0.79), (0.2, 0.77), (0.38, 0.62), (0.52, 0.42)])
    pen.fill(roof, shade="fall", depth=-0.12)
    pen.fill(
        smooth([(-0.38, 0.45), (-0.29, 0.65), (-0.06, 0.71), (-0.01, 0.45)]),
        smooth([(0.04, 0.45), (0.05, 0.71), (0.22, 0.69), (0.40, 0.46)]),
        colour=GLASS,
        shade="fall",
        depth=-0.15,
    )
    body = smooth(
        [
            (-0.80, 0.16),
            (-0.82, 0.36),
            (-0.66, 0.46),
            (-0.3, 0.49),
            (0.4, 0.48),
            (0.74, 0.40),
            (0.84, 0.28),
            (0.82, 0.15),
            (0.4, 0.12),
            (-0.4, 0.12),
        ]
    )
    pen.fill(body, shade="fall", depth=-0.22)
    pen.fill(box(-0.76, 0.235, 0.80, 0.26), tone=0.72)
    pen.fill(box(0.02, 0.16, 0.032, 0.47), tone=0.7)
    for x in (-0.46, 0.47):
        pen.fill(oval(x, 0.15, 0.19, 0.19), colour=DARK, tone=0.65)
        pen.fill(oval(x, 0.15, 0.10, 0.10), colour=(0.72, 0.72, 0.74), shade="round")
    pen.fill(oval(0.78, 0.31, 0.045, 0.055), colour=GLOW, shines=pen.lamps)
    pen.fill(oval(-0.80, 0.33, 0.025, 0.045), colour=(0.75, 0.12, 0.1), shines=pen.lamps)


def balloon(pen: Pen) -> None:
    """Draw a hot-air balloon, striped in two tones of its colour."""
    for x in (-0.09, 0.09):
        pen.fill(band([(x * 0.8, 0.12), (x * 1.8, 0.34)], 0.012), colour=WOOD)
    pen.fill(
        smooth([(-0.08, 0.13), (0.08, 0.13), (0.065, 0.0), (-0.065, 0.0)], 3), colour=(0.55, 0.36, 0.2), shade="side"
    )
    for n, wide in enumerate((0.42, 0.30, 0.18, 0.07)):
        k = wide / 0.42
        pen.fill(
            smooth(
                [
                    (-0.10 * k, 0.30),
                    (-0.30 * k, 0.46),
                    (-0.42 * k, 0.70),
                    (-0.30 * k, 0.94),
                    (0, 1.04),
                    (0.30 * k, 0.94),
                    (0.42 * k, 0.70),
                    (0.30 * k, 0.46),
                    (0.10 * k, 0.30),
                ]
            ),
            tone=1.0 if n % 2 == 0 else 1.3,
            shade="round" if n == 0 else "side",
            depth=0.38 if n == 0 else 0.15,
        )
    pen.fill(box(-0.10, 0.29, 0.10, 0.33), tone=0.7, shade="side")


def umbrella(pen: Pen) -> None:
    """Draw a large umbrella that stands in the ground."""
    pen.fill(band([(0.05, 0.0), (-0.02, 0.9)], 0.045), colour=WOOD, tone=1.1)
    lean = 0.06
    top = (-0.02 - lean * 0.3, 0.98)
    rim = [(-0.58 + 0.29 * n, 0.56 + (0.05, -0.02, -0.04, -0.02, 0.05)[n] - 0.02 * n) for n in range(5)]
    crown = smooth([rim[0], (-0.42, 0.82), top, (0.36, 0.78), rim[4]], closed=False)
    pen.fill(crown + rim[1:4][::-1], shade="round", depth=0.3)
    for left, right in (rim[0:2], rim[2:4]):
        pen.fill(_rib(left, top) + _rib(top, right)[1:], tone=1.35, shade="side", depth=0.12)
    for left, right in pairwise(rim):
        middle = ((left[0] + right[0]) / 2, (left[1] + right[1]) / 2 - 0.035)
        pen.fill(band([left, middle, right], 0.03), tone=0.75)
    pen.fill(oval(top[0], top[1] + 0.02, 0.022, 0.03), colour=WOOD)


def _rib(start: tuple[float, float], end: tuple[float, float]) -> list[tuple[float, float]]:
    middle = ((start[0] + end[0]) / 2 * 1.12 + 0.004, (start[1] + end[1]) / 2 + 0.07)
    return smooth([start, middle, end], closed=False)


BUILT: dict[Kind, Callable[[Pen], None]] = {
    "house": house,
    "windmill": windmill,
    "boat": boat,
    "car": car,
    "balloon": balloon,
    "umbrella": umbrella,
}
