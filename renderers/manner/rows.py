"""Rows: a region is filled with broad strokes side by side, back and forth along it, as one fills with a wide brush."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from underpaint.renderers.strokes.columns import A0, A1, BOW, COLUMNS, CX, CY, LENGTH, R0, R1, THETA
from underpaint.renderers.strokes.tiles import Float32

Bool = npt.NDArray[np.bool_]
Float64 = npt.NDArray[np.float64]

# From row to row, in radii: strokes overlap a little.
_SPACING = 1.5
# A stroke is as long as the brush holds paint for, in radii, and the next one begins where it ends.
_LONGEST = 7.0
# Holes and notches narrower than this, in radii, are painted over.
_GAP = 1.0
# How far a stroke strays: angle (radians), bow (of its length), and length (in radii).
_TURN, _BEND, _STRAY = 0.05, 0.04, 0.4


def row_strokes(mask: Bool, radius: float, opacity: float, random: np.random.Generator) -> Float32:
    """Return strokes that cover most of a region, float32 (N, 13), row by row, black.

    Args:
        mask: bool (H, W), where the region is; not empty.
        radius: of the brush, in pixels.
        opacity: of the strokes.
        random: for what varies from stroke to stroke.
    """
    y, x = (axis.astype(np.float64) + 0.5 for axis in np.nonzero(mask))
    angle = _long_axis(x, y)
    cos, sin = math.cos(angle), math.sin(angle)
    along, across = x * cos + y * sin, y * cos - x * sin
    rows = max(1, round(float(np.ptp(across)) / (_SPACING * radius)))
    height = float(np.ptp(across)) / rows
    # A line of pixels has no height.
    row = np.minimum(((across - across.min()) / max(height, 1e-9)).astype(np.int64), rows - 1)
    strokes = []
    for number in range(rows):
        runs = _runs(np.sort(along[row == number]), radius)
        middle = float(across.min()) + (number + 0.5) * height
        for first, last in runs[::-1] if number % 2 else runs:
            bend, turn, stray, swell = (float(value) for value in random.uniform(-1, 1, 4))
            stroke = np.zeros(len(COLUMNS), np.float32)
            u = (first + last) / 2
            stroke[CX], stroke[CY] = u * cos - middle * sin, u * sin + middle * cos
            stroke[THETA] = angle + _TURN * turn
            length = max(last - first - (1.4 + _STRAY * stray) * radius, 0.5)
            stroke[LENGTH], stroke[BOW] = length, _BEND * bend * length
            stroke[R0], stroke[R1] = radius * (1 + 0.1 * swell), radius * (1 - 0.1 * swell)
            stroke[A0] = stroke[A1] = opacity
            strokes.append(stroke)
    return np.array(strokes, np.float32).reshape(-1, len(COLUMNS))


def _long_axis(x: Float64, y: Float64) -> float:
    """Return the direction, in radians, in which points lie farthest apart; level where none stands out."""
    dx, dy = x - x.mean(), y - y.mean()
    xx, yy, xy = float((dx * dx).mean()), float((dy * dy).mean()), float((dx * dy).mean())
    clear = math.hypot(xx - yy, 2 * xy) > 0.1 * (xx + yy)
    return 0.5 * math.atan2(2 * xy, xx - yy) if clear else 0.0


def _runs(along: Float64, radius: float) -> list[tuple[float, float]]:
    """Return where strokes of a row begin and end, from the sorted places of its pixels."""
    runs = []
    for part in np.split(along, np.flatnonzero(np.diff(along) > _GAP * radius) + 1):
        if len(part) == 0:
            continue
        first, last = float(part[0]) - 0.5, float(part[-1]) + 0.5
        pieces = max(1, round((last - first) / (_LONGEST * radius)))
        ends = np.linspace(first, last, pieces + 1)
        # Pieces reach into each other by half a brush.
        runs += [
            (float(a) - 0.5 * radius * (k > 0), float(b) + 0.5 * radius * (k < pieces - 1))
            for k, (a, b) in enumerate(pairwise(ends))
        ]
    return runs
