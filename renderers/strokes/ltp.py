"""To and from the 13 numbers per stroke of "Learning to Paint" (Huang, Heng & Zhou, ICCV 2019).

    x0 y0 x1 y1 x2 y2   the Bézier control points, x down and y to the right (as their painter uses them); P0 and P2 in
                        0..1 of the canvas, P1 relative: x1 <- x0 + (x2 - x0) x1
    z0 z2               radii: half a pixel plus z/4 of the canvas' side
    w0 w2               opacities
    r g b               colour

Their canvas is square; on others, lengths are shares of the longer side. Their edges are sharp: soft ones are lost.
Their control point is free, ours stands over the middle of its chord: a program of ours survives the round trip but for
its soft edges, and a stroke of theirs keeps its ends and the height of its bend. Their painter draws with whole-pixel
radii and lets later dabs of a stroke overwrite its earlier ones, so its picture of the same numbers is coarser.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from underpaint.renderers.strokes.columns import (
    A0,
    BLUE,
    BOW,
    COLUMNS,
    CX,
    CY,
    LENGTH,
    MAX_BOW,
    R0,
    R1,
    RED,
    THETA,
    control_points,
)
from underpaint.renderers.strokes.tiles import Float32

LTP_COLUMNS = ("x0", "y0", "x1", "y1", "x2", "y2", "z0", "z2", "w0", "w2", "r", "g", "b")
# A chord that runs exactly along an axis has no relative coordinate across it; its end is moved by this share of the
# canvas, a two-hundredth of a pixel at 512 px.
_NUDGE = 1e-5


def strokes_to_ltp(strokes: Float32, size: tuple[int, int]) -> npt.NDArray[np.float64]:
    """Return the numbers of strokes (N, 13) on a canvas (height, width) -> float64 (N, 13)."""
    side = max(size)
    # Ours are (x, y), theirs (row, column).
    points = control_points(strokes.astype(np.float64))[:, :, ::-1] / side
    start, middle, end = points[:, 0], points[:, 1], points[:, 2]
    chord = end - start
    chord = np.where(np.abs(chord) < _NUDGE, np.where(chord < 0, -_NUDGE, _NUDGE), chord)
    numbers = np.empty((len(strokes), len(LTP_COLUMNS)))
    numbers[:, 0:2], numbers[:, 4:6] = start, start + chord
    numbers[:, 2:4] = (middle - start) / chord
    numbers[:, 6:8] = (4.0 * strokes[:, R0 : R1 + 1].astype(np.float64) - 2.0) / side
    numbers[:, 8:13] = strokes[:, A0 : BLUE + 1]
    return numbers


def strokes_from_ltp(numbers: npt.NDArray[np.floating], size: tuple[int, int]) -> Float32:
    """Return the strokes of numbers (N, 13) on a canvas (height, width) -> float32 (N, 13).

    Raises:
        ValueError: if there are not 13 numbers per stroke, or some are not finite.
    """
    numbers = np.asarray(numbers, np.float64)
    if numbers.ndim != 2 or numbers.shape[1] != len(LTP_COLUMNS):
        raise ValueError(
            f"expected (N, {len(LTP_COLUMNS)}) numbers, {' '.join(LTP_COLUMNS)}; got shape {numbers.shape}"
        )
    if not np.isfinite(numbers).all():
        raise ValueError("some of the numbers are not finite")
    side = max(size)
    start, end = numbers[:, 1::-1] * side, numbers[:, 5:3:-1] * side
    middle = start + (end - start) * numbers[:, 3:1:-1]
    chord = end - start
    length = np.hypot(chord[:, 0], chord[:, 1])
    angle = np.arctan2(chord[:, 1], chord[:, 0])
    offset = middle - 0.5 * (start + end)
    bow = 0.5 * (offset[:, 1] * np.cos(angle) - offset[:, 0] * np.sin(angle))
    strokes = np.zeros((len(numbers), len(COLUMNS)), np.float32)
    strokes[:, [CX, CY]] = 0.5 * (start + end)
    strokes[:, THETA], strokes[:, LENGTH] = angle, length
    strokes[:, BOW] = np.clip(bow, -MAX_BOW * length, MAX_BOW * length)
    strokes[:, R0 : R1 + 1] = 0.5 + 0.25 * numbers[:, 6:8] * side
    strokes[:, A0:RED] = np.clip(numbers[:, 8:10], 0.0, 1.0)
    strokes[:, RED : BLUE + 1] = np.clip(numbers[:, 10:13], 0.0, 1.0)
    return strokes
