"""Laying strokes on a tiled canvas: what the painters of all stroke media have in common."""

from __future__ import annotations

import abc

import numpy as np
from numba import njit

from underpaint.renderers.medium import Float64, Painter
from underpaint.renderers.strokes.columns import THETA
from underpaint.renderers.strokes.kernels import EXACT, cos_sin, tile_range
from underpaint.renderers.strokes.tiles import Float32, make_grid


class StrokePainter(Painter):
    """A painter that lays strokes in their order; a subclass has the canvas."""

    # Tiles float32 (rows, columns, 3, 64), in which nothing beyond the border changes.
    _tiles: Float32

    def __init__(self, strokes: Float32, height: int, width: int) -> None:
        """`strokes` is float32 (N, C), in pixels of the canvas of (height, width)."""
        self._strokes = strokes
        self._grid = make_grid(height, width)
        self._painted = 0

    def paint_until(self, count: int) -> None:
        """Paint on until the first `count` strokes are on the canvas."""
        assert self._painted <= count <= len(self._strokes)
        self._lay(self._strokes[self._painted : count])
        self._painted = count

    def changes(self, count: int) -> Float64:
        """Paint the first `count` strokes on the blank canvas; return how much each changes it, float64 (count,).

        That is the mean absolute difference over pixels and channels, of 0..1, before it is rounded to bytes.
        """
        assert self._painted == 0
        rows, columns = len(self._grid.y_TP), len(self._grid.x_TP)
        steps = np.zeros(count)
        for n in range(count):
            top, bottom, left, right = _box(self._strokes[n], rows, columns)
            inside = slice(top, bottom + 1), slice(left, right + 1)
            before = self._tiles[inside].copy()
            self.paint_until(n + 1)
            steps[n] = _difference(before, self._tiles[inside])
        return steps / (3 * self._grid.height * self._grid.width)

    @abc.abstractmethod
    def _lay(self, strokes: Float32) -> None:
        """Lay the next strokes on the canvas."""


@njit(**EXACT)
def _box(stroke: Float32, rows: int, columns: int) -> tuple[int, int, int, int]:
    """Return first and last row and column of the tiles that a stroke may change."""
    cos, sin = cos_sin(stroke[THETA])
    top, bottom, left, right = tile_range(stroke, cos, sin, rows, columns)
    # Beside the canvas: empty, but not counted from the end.
    return top, max(bottom, top - 1), left, max(right, left - 1)


@njit(**EXACT)
def _difference(a: Float32, b: Float32) -> float:
    """Return the summed absolute difference of tiles (rows, columns, 3, 64)."""
    total = 0.0
    for row in range(a.shape[0]):
        for column in range(a.shape[1]):
            for channel in range(a.shape[2]):
                for i in range(a.shape[3]):
                    total += abs(a[row, column, channel, i] - b[row, column, channel, i])
    return total
