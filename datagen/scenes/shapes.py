"""Outlines that things are made of: circles, ovals, and smooth curves through points."""

from __future__ import annotations

import math
from collections.abc import Sequence

from underpaint.datagen.scenes.layer import Points

_TURN = [(math.cos(2 * math.pi * n / 28), math.sin(2 * math.pi * n / 28)) for n in range(28)]


def oval(x: float, y: float, across: float, up: float, turn: float = 0.0) -> list[tuple[float, float]]:
    """Return an oval around (x, y) of two radii, turned by an angle in radians."""
    c, s = math.cos(turn), math.sin(turn)
    return [(x + across * a * c - up * b * s, y + across * a * s + up * b * c) for a, b in _TURN]


def box(left: float, bottom: float, right: float, top: float) -> list[tuple[float, float]]:
    """Return a rectangle."""
    return [(left, bottom), (right, bottom), (right, top), (left, top)]


def smooth(points: Sequence[tuple[float, float]], steps: int = 6, *, closed: bool = True) -> list[tuple[float, float]]:
    """Return a smooth curve through points (Catmull and Rom 1974)."""
    curve: list[tuple[float, float]] = []
    around = [points[-1], *points, *points[:2]] if closed else [points[0], *points, points[-1]]
    for before, start, end, after in zip(around, around[1:], around[2:], around[3:], strict=False):
        for step in range(steps):
            t = step / steps
            w0, w1 = -0.5 * t + t * t - 0.5 * t**3, 1 - 2.5 * t * t + 1.5 * t**3
            w2, w3 = 0.5 * t + 2 * t * t - 1.5 * t**3, -0.5 * t * t + 0.5 * t**3
            curve.append(
                (
                    w0 * before[0] + w1 * start[0] + w2 * end[0] + w3 * after[0],
                    w0 * before[1] + w1 * start[1] + w2 * end[1] + w3 * after[1],
                )
            )
    return curve if closed else [*curve, points[-1]]


def band(points: Points, width: float, end: float | None = None) -> list[tuple[float, float]]:
    """Return a band along a smooth open curve, as wide as `width` at its start and `end` at its end."""
    curve = smooth(points, closed=False)
    end = width if end is None else end
    sides: tuple[list[tuple[float, float]], list[tuple[float, float]]] = ([], [])
    for i, (x, y) in enumerate(curve):
        (x0, y0), (x1, y1) = curve[max(i - 1, 0)], curve[min(i + 1, len(curve) - 1)]
        length = math.sqrt((x1 - x0) ** 2 + (y1 - y0) ** 2) or 1.0
        half = (width + (end - width) * i / (len(curve) - 1)) / 2 / length
        sides[0].append((x - (y1 - y0) * half, y + (x1 - x0) * half))
        sides[1].append((x + (y1 - y0) * half, y - (x1 - x0) * half))
    return sides[0] + sides[1][::-1]
