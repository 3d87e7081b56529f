"""What a stroke is: thirteen numbers, in pixels of the canvas it was made for.

    CX CY   centre of the chord          THETA  direction of the chord, radians
    LENGTH  length of the chord          BOW    height of the curve over the middle of its chord, signed
    R0 R1   radius at the two ends       A0 A1  opacity at the two ends, 0..1
    RED GREEN BLUE                       colour, 0..1
    EDGE    width of the soft edge, centred on the radius; below one pixel the edge is one pixel wide

It is a quadratic Bézier curve whose control point stands over the middle of its chord, swept by a round brush whose
radius and opacity change linearly from end to end: P0, P2 = centre -+ LENGTH/2 * d and P1 = centre + 2 BOW n, with d
the direction THETA and n = d turned by +90 degrees (x right, y down).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from underpaint.renderers.strokes.tiles import Float32

CX, CY, THETA, LENGTH, BOW, R0, R1, A0, A1, RED, GREEN, BLUE, EDGE = range(13)
COLUMNS = ("cx", "cy", "theta", "length", "bow", "r0", "r1", "a0", "a1", "red", "green", "blue", "edge")

# The columns that scale with the canvas.
_SCALED = [CX, CY, LENGTH, BOW, R0, R1, EDGE]
# |BOW| <= MAX_BOW * LENGTH. A rounder bend is better painted as two strokes, and up to here one Newton step finds the
# nearest point of the curve, to a fraction of a pixel where a fat brush takes a short bend. What it finds is the shape.
MAX_BOW = 0.2


def scale_strokes(strokes: Float32, factor: float) -> Float32:
    """Return strokes, float32 (N, 13 or more), on a canvas `factor` times as large."""
    scaled: Float32 = strokes.copy()
    if factor != 1.0:
        scaled[:, _SCALED] *= np.float32(factor)
    return scaled


def paint_laid(strokes: Float32) -> npt.NDArray[np.float64]:
    """Return about how much paint each stroke (N, 13 or more) lays, float64 (N,): half its area by its opacity."""
    numbers = strokes.astype(np.float64)
    radius = numbers[:, R0 : R1 + 1].mean(axis=1)
    laid: npt.NDArray[np.float64] = (numbers[:, LENGTH] + 2 * radius) * radius * numbers[:, A0 : A1 + 1].mean(axis=1)
    return laid


def control_points(strokes: Float32) -> Float32:
    """Return the Bézier control points P0, P1, P2 of strokes (N, 13) -> float32 (N, 3, 2) as (x, y) in pixels."""
    direction = np.stack([np.cos(strokes[:, THETA]), np.sin(strokes[:, THETA])], axis=1)
    normal = np.stack([-direction[:, 1], direction[:, 0]], axis=1)
    centre = strokes[:, [CX, CY]]
    half = 0.5 * strokes[:, LENGTH, None] * direction
    return np.stack([centre - half, centre + 2.0 * strokes[:, BOW, None] * normal, centre + half], axis=1)
