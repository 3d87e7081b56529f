"""Which strokes lie right under which: all that an order must keep for the canvas to stay the same."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from underpaint.renderers.strokes.columns import THETA
from underpaint.renderers.strokes.kernels import EXACT, ZERO, cos_sin, coverage, geometry, tile_range, touches
from underpaint.renderers.strokes.tiles import TILE_PIXELS, Float32, make_grid

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

# Strokes of a fit have about 5 others right under them; room for so many is made at first.
_USUAL = 12


class Under(NamedTuple):
    """For each of N strokes those that lie right under it somewhere: `stroke[start[n] : start[n + 1]]`, all below n.

    `start` is int64 (N + 1,), `stroke` int32 (E,).
    """

    start: Int64
    stroke: Int32

    @classmethod
    def none(cls, count: int) -> Under:
        """Return what strokes have under them that may come in any order: nothing."""
        return cls(np.zeros(count + 1, np.int64), np.zeros(0, np.int32))


def strokes_under(strokes: Float32, height: int, width: int) -> Under:
    """Return what lies right under each stroke of a program, in pixels of a (height, width) canvas.

    Any order in which each stroke comes after those right under it (and so after all that lie deeper) lays the same
    paint on each pixel of this canvas in the same sequence: it is equal to the byte. On a canvas of another size,
    strokes that meet between two pixels of this one may change places. Takes time in proportion to the area painted.

    Args:
        strokes: float32 (N, 13 or more) in painting order.
        height: of the canvas.
        width: of the canvas.
    """
    grid = make_grid(height, width)
    start, stroke = np.zeros(len(strokes) + 1, np.int64), np.zeros(_USUAL * len(strokes), np.int32)
    found = _find(strokes, grid.x_TP, grid.y_TP, start, stroke)
    if found > len(stroke):
        stroke = np.zeros(found, np.int32)
        _find(strokes, grid.x_TP, grid.y_TP, start, stroke)
    return Under(start, stroke[:found].copy())


@njit(**EXACT)
def _find(strokes: Float32, x_TP: Float32, y_TP: Float32, start: Int64, stroke: Int32) -> int:
    """Write what lies under each of the strokes to `start` and `stroke`, see `Under`, and return how much it is.

    If that is more than `stroke` can hold, the rest is counted only. Coverage is EXACT, as painters have it: a pixel
    more or less would be another order.
    """
    found = 0
    rows, columns = len(y_TP), len(x_TP)
    top_stroke = np.full((rows, columns, TILE_PIXELS), -1, np.int32)
    seen_by = np.full(len(strokes), -1, np.int32)
    for n in range(len(strokes)):
        upper = strokes[n]
        cos, sin = cos_sin(upper[THETA])
        geo = geometry(upper, cos, sin)
        top, bottom, left, right = tile_range(upper, cos, sin, rows, columns)
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                if not touches(upper, cos, sin, row, column):
                    continue
                for i in range(TILE_PIXELS):
                    if coverage(x_TP[column, i], y_TP[row, i], geo)[0] <= ZERO:
                        continue
                    under = top_stroke[row, column, i]
                    top_stroke[row, column, i] = n
                    if under >= 0 and seen_by[under] != n:
                        seen_by[under] = n
                        if found < len(stroke):
                            stroke[found] = under
                        found += 1
        start[n + 1] = found
    return found
