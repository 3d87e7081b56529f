"""Flats: each region in one colour, laid with broad strokes side by side."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from underpaint.renderers.illustration.layers import COLOUR, LAYER, LAYERED_COLUMNS, REGION, UNDER
from underpaint.renderers.strokes.columns import A0, A1, BLUE, BOW, CX, CY, LENGTH, R0, R1, RED, THETA
from underpaint.renderers.strokes.tiles import Float32

Int32 = npt.NDArray[np.int32]
Indices = npt.NDArray[np.intp]
Float64 = npt.NDArray[np.float64]

# Radius of the broad brush in sides of the picture, unless there are too few strokes; then it grows by steps.
_BRUSH, _GROWTH = 0.035, 1.2
# Neighbouring strokes overlap: a stroke is so much wider than its band, and ends so many half bands before its end.
_OVERLAP, _BEFORE_END = 1.3, 0.7
# A flat spreads so many pixels beyond its region, under the next one's soft border.
_SPREAD = 2.0
# A band is cut in two where it leaves the region over more than so many radii.
_GAP = 2.5
# The longest arc in one stroke, in radians: longer ones are rounder than a stroke can be.
_LONGEST = 1.2
# Regions at least so many times as long as wide are filled along, nearly straight; others as the hand turns about the
# elbow, so many sides of the picture away.
_SLENDER, _ELBOW, _FAR_ELBOW = 1.6, 1.3, 5.0
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
    side = max(labels.shape)
    pixels = [np.nonzero(labels == region) for region in range(len(colours))]
    turns = [_turn(rows, columns, hand + _HAND * (2 * random.random() - 1), side) for rows, columns in pixels]
    brush = _BRUSH * side
    while True:
        found = [_bands(rows, columns, *turn, brush) for (rows, columns), turn in zip(pixels, turns, strict=True)]
        if sum(map(len, found)) <= max(budget, len(colours)) or brush > side:
            break
        brush *= _GROWTH
    strokes = np.zeros((sum(map(len, found)), len(LAYERED_COLUMNS)), np.float32)
    region = np.repeat(np.arange(len(found)), [len(bands) for bands in found])
    strokes[:, [CX, CY, THETA, LENGTH, BOW, R0]] = np.concatenate(found)
    strokes[:, R1], strokes[:, A0 : A1 + 1] = strokes[:, R0], 1
    strokes[:, RED : BLUE + 1] = colours[region]
    strokes[:, LAYER], strokes[:, REGION], strokes[:, UNDER] = COLOUR, region, 1
    return strokes[: max(budget, len(colours))]


def _turn(rows: Indices, columns: Indices, hand: float, side: int) -> tuple[float, float, float, float]:
    """Return the elbow about which the hand turns, x and y, and the unit vector from there to the region."""
    x, y = columns - columns.mean(), rows - rows.mean()
    xx, yy, xy = float((x * x).mean()), float((y * y).mean()), float((x * y).mean())
    spread = math.hypot(xx - yy, 2 * xy)
    along, far = hand, _ELBOW
    if xx + yy + spread > _SLENDER**2 * (xx + yy - spread):
        along, far = 0.5 * math.atan2(2 * xy, xx - yy), _FAR_ELBOW
    # Across the strokes, from below.
    nx, ny = math.sin(along), -math.cos(along)
    if ny > 0:
        nx, ny = -nx, -ny
    return float(columns.mean()) - far * side * nx, float(rows.mean()) - far * side * ny, nx, ny


def _bands(
    rows: Indices, columns: Indices, elbow_x: float, elbow_y: float, nx: float, ny: float, brush: float
) -> Float64:
    """Return strokes side by side over pixels: centre, direction, length, bow and radius, float64 (n, 6)."""
    dx, dy = columns + 0.5 - elbow_x, rows + 0.5 - elbow_y
    # Polar coordinates about the elbow; of the angle its tangent, which needs no more than a division.
    distance, tangent = np.sqrt(dx * dx + dy * dy), (dy * nx - dx * ny) / (dx * nx + dy * ny)
    low, high = float(distance.min()) - _SPREAD, float(distance.max()) + _SPREAD
    count = max(math.ceil((high - low) / (2 * brush)), 1)
    half = (high - low) / (2 * count)
    strokes = []
    for band in range(count):
        reach = low + (2 * band + 1) * half
        inside = np.sort(tangent[np.abs(distance - reach) <= half + 0.5])
        if len(inside) == 0:
            continue
        cuts = np.flatnonzero(np.diff(inside) > _GAP * _OVERLAP * half / reach)
        ends = zip([inside[0], *inside[cuts + 1]], [*inside[cuts], inside[-1]], strict=True)
        arcs = [
            arc
            for start, end in ends
            for arc in _arcs(math.atan(start), math.atan(end), (_BEFORE_END * half - _SPREAD) / reach)
        ]
        # Down one band and up the next.
        for start, end in arcs[::-1] if band % 2 else arcs:
            middle, bend = (start + end) / 2, (end - start) / 2
            cos, sin = nx * math.cos(middle) - ny * math.sin(middle), ny * math.cos(middle) + nx * math.sin(middle)
            # The chord lies nearer to the elbow than the arc, and its left is there.
            chord = reach * math.cos(bend)
            turned = math.pi * (band % 2)
            strokes.append(
                (
                    elbow_x + chord * cos,
                    elbow_y + chord * sin,
                    math.atan2(cos, -sin) + turned,
                    max(2 * reach * math.sin(bend), 1.0),
                    (chord - reach) * (1 if band % 2 == 0 else -1),
                    _OVERLAP * half,
                )
            )
    return np.array(strokes)


def _arcs(start: float, end: float, inward: float) -> list[tuple[float, float]]:
    """Return the arcs, first and last angle, of strokes over part of a band that end `inward` before its ends."""
    start, end = start + inward, end - inward
    if end <= start:
        start = end = (start + end) / 2
    count = max(math.ceil((end - start) / _LONGEST), 1)
    step = (end - start) / count
    return [(start + step * number, start + step * (number + 1)) for number in range(count)]
