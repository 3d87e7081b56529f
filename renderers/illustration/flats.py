"""Flats: each region in one colour, laid with broad strokes side by side."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from underpaint.renderers.illustration.layers import COLOUR, LAYER, LAYERED_COLUMNS, REGION, UNDER
from underpaint.renderers.strokes.columns import A0, A1, BLUE, CX, CY, LENGTH, R0, R1, RED, THETA
from underpaint.renderers.strokes.tiles import Float32

Int32 = npt.NDArray[np.int32]
Float64 = npt.NDArray[np.float64]

# Radius of the broad brush in sides of the picture, unless there are too few strokes; then it grows by steps.
_BRUSH, _GROWTH = 0.035, 1.2
# Neighbouring strokes overlap: a stroke is so much wider than its band, and ends so many half bands before its end.
_OVERLAP, _BEFORE_END = 1.25, 0.7
# A band is cut in two where it leaves the region over more than so many radii.
_GAP = 2.5
# Regions at least so many times as long as wide are filled along, others in the hand's own direction.
_SLENDER = 1.6
# How far the hand's direction (radians) differs from region to region.
_HAND = 0.35


def flat_strokes(labels: Int32, colours: Float32, budget: int, hand: float, random: np.random.Generator) -> Float32:
    """Return strokes that cover every region, region by region, float32 (N, 17) in pixels of `labels`.

    N is at most `budget` or the number of regions, whatever is more.

    Args:
        labels: int32 (H, W), regions in the order in which they are filled.
        colours: float32 (R, 3).
        budget: how many strokes at most.
        hand: the direction, in radians, in which the hand moves most easily.
        random: for small differences.
    """
    pixels = [np.nonzero(labels == region) for region in range(len(colours))]
    angles = [_angle(rows, columns, hand + _HAND * (2 * random.random() - 1)) for rows, columns in pixels]
    brush = _BRUSH * max(labels.shape)
    while True:
        found = [_bands(rows, columns, angle, brush) for (rows, columns), angle in zip(pixels, angles, strict=True)]
        if sum(map(len, found)) <= max(budget, len(colours)) or brush > max(labels.shape):
            break
        brush *= _GROWTH
    strokes = np.zeros((sum(map(len, found)), len(LAYERED_COLUMNS)), np.float32)
    region = np.repeat(np.arange(len(found)), [len(bands) for bands in found])
    strokes[:, [CX, CY, THETA, LENGTH, R0]] = np.concatenate(found)
    strokes[:, R1], strokes[:, A0 : A1 + 1] = strokes[:, R0], 1
    strokes[:, RED : BLUE + 1] = colours[region]
    strokes[:, LAYER], strokes[:, REGION], strokes[:, UNDER] = COLOUR, region, 1
    return strokes


def _angle(rows: npt.NDArray[np.intp], columns: npt.NDArray[np.intp], hand: float) -> float:
    """Return the direction in which a region is filled: along it, or the hand's own."""
    x, y = columns - columns.mean(), rows - rows.mean()
    xx, yy, xy = float((x * x).mean()), float((y * y).mean()), float((x * y).mean())
    spread = math.hypot(xx - yy, 2 * xy)
    longer, shorter = xx + yy + spread, max(xx + yy - spread, 1e-6)
    return 0.5 * math.atan2(2 * xy, xx - yy) if longer > _SLENDER**2 * shorter else hand


def _bands(rows: npt.NDArray[np.intp], columns: npt.NDArray[np.intp], angle: float, brush: float) -> Float64:
    """Return strokes side by side over pixels: centre, direction, length and radius, float64 (n, 5)."""
    cos, sin = math.cos(angle), math.sin(angle)
    u, v = (columns + 0.5) * cos + (rows + 0.5) * sin, (rows + 0.5) * cos - (columns + 0.5) * sin
    low, high = float(v.min()) - 1, float(v.max()) + 1
    count = max(math.ceil((high - low) / (2 * brush)), 1)
    half = (high - low) / (2 * count)
    radius = _OVERLAP * half
    strokes = []
    for band in range(count):
        middle = low + (2 * band + 1) * half
        along = np.sort(u[np.abs(v - middle) <= half + 0.5])
        if len(along) == 0:
            continue
        cuts = np.flatnonzero(np.diff(along) > _GAP * radius)
        ends = np.append(along[cuts], along[-1]) + 1
        starts = np.append(along[0], along[cuts + 1]) - 1
        for start, end in list(zip(starts, ends, strict=True))[:: -1 if band % 2 else 1]:
            length = max(float(end - start) - 2 * _BEFORE_END * half, 1.0)
            centre = float(start + end) / 2
            # Down one band and up the next.
            strokes.append(
                (centre * cos - middle * sin, centre * sin + middle * cos, angle + math.pi * (band % 2), length, radius)
            )
    return np.array(strokes)
