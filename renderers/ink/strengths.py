"""How strong each mark should be, given what its surface really leaves on the paper.

Shapes are fitted as smooth brushes. Their bristles, rims and wandering outlines take away ink here and add some there;
dilution can make up for it. A mark of strength q multiplies its pixels by 1 - q k, so it can be divided out again and
its best strength written down: with C0 the canvas without it, q = Σ k C0 (C0 - T) / Σ k² C0². Doing this for one mark
after the other descends along the coordinates of the joint problem.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from underpaint.renderers.ink.surface import mark_tile
from underpaint.renderers.strokes.columns import THETA
from underpaint.renderers.strokes.kernels import FAST, ONE, ZERO, cos_sin, geometry, tile_range, touches
from underpaint.renderers.strokes.tiles import TILE_PIXELS, Float32, Grid

# Below this summed weight nothing can be said about a mark's strength.
_LEAST_WEIGHT = np.float32(1e-2)


@njit(**FAST)
def _list_tiles(strokes: Float32, rows: int, columns: int, start: Any, tiles: Any) -> None:
    """List the tiles that each mark touches: counted into `start` if `tiles` is empty, else written there."""
    found = 0
    for n in range(len(strokes)):
        cos, sin = cos_sin(strokes[n, THETA])
        top, bottom, left, right = tile_range(strokes[n], cos, sin, rows, columns)
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                if touches(strokes[n], cos, sin, row, column):
                    if len(tiles) > 0:
                        tiles[found] = row * columns + column
                    found += 1
        start[n + 1] = found


@njit(**FAST)
def fill_ink(
    strokes: Float32, x_TP: Float32, y_TP: Float32, paper: Float32, start: Any, tiles: Any, marks: Float32
) -> None:
    """Write what ink strokes (N, 17) leave on their tiles, `tiles[start[n] : start[n + 1]]` -> marks (M, 64)."""
    columns = paper.shape[1]
    for n in range(len(strokes)):
        cos, sin = cos_sin(strokes[n, THETA])
        geo = geometry(strokes[n], cos, sin)
        for m in range(start[n], start[n + 1]):
            row, column = tiles[m] // columns, tiles[m] % columns
            mark_tile(marks[m], x_TP[column], y_TP[row], paper[row, column], strokes[n], geo)


@njit(**FAST)
def _sweep(
    target: Float32, canvas: Float32, start: Any, tiles: Any, marks: Float32, low: Float32, high: Float32, q: Float32
) -> None:
    columns = canvas.shape[1]
    for n in range(len(q)):
        old, wanted, whole = q[n], ZERO, ZERO
        for m in range(start[n], start[n + 1]):
            C, T, k = (
                canvas[tiles[m] // columns, tiles[m] % columns],
                target[tiles[m] // columns, tiles[m] % columns],
                marks[m],
            )
            for i in range(TILE_PIXELS):
                without = C[i] / (ONE - old * k[i])
                kc = k[i] * without
                wanted += kc * (without - T[i])
                whole += kc * kc
        if whole < _LEAST_WEIGHT:
            continue
        new = min(max(wanted / whole, low[n]), high[n])
        for m in range(start[n], start[n + 1]):
            C, k = canvas[tiles[m] // columns, tiles[m] % columns], marks[m]
            for i in range(TILE_PIXELS):
                C[i] *= (ONE - new * k[i]) / (ONE - old * k[i])
        q[n] = new


@njit(**FAST)
def _paint(canvas: Float32, start: Any, tiles: Any, marks: Float32, q: Float32) -> None:
    columns = canvas.shape[1]
    for n in range(len(q)):
        for m in range(start[n], start[n + 1]):
            C, k = canvas[tiles[m] // columns, tiles[m] % columns], marks[m]
            for i in range(TILE_PIXELS):
                C[i] *= ONE - q[n] * k[i]


class Marks:
    """What each of some marks leaves at strength 1, kept tile by tile: 256 bytes for every tile a mark touches."""

    def __init__(self, strokes: Float32, grid: Grid, paper: Float32, fill: Callable[..., None] = fill_ink) -> None:
        """`strokes` is float32 (N, 17), in pixels of the grid; their opacities count as they are.

        `fill` writes what they leave on each of their tiles: another medium has marks of its own.
        """
        rows, columns = paper.shape[:2]
        self._start = np.zeros(len(strokes) + 1, np.int64)
        _list_tiles(strokes, rows, columns, self._start, np.zeros(0, np.int32))
        self._tiles = np.zeros(self._start[-1], np.int32)
        _list_tiles(strokes, rows, columns, self._start, self._tiles)
        self._marks = np.zeros((len(self._tiles), TILE_PIXELS), np.float32)
        fill(strokes, grid.x_TP, grid.y_TP, paper, self._start, self._tiles, self._marks)

    def paint(self, canvas: Float32, q: Float32) -> None:
        """Lay all marks with strengths `q` (N,) on one channel of a canvas, tiles (rows, columns, 64), in place."""
        _paint(canvas, self._start, self._tiles, self._marks, q)

    def solve(self, target: Float32, canvas: Float32, q: Float32, low: Float32, high: Float32, sweeps: int) -> Float32:
        """Return the strengths that bring one channel nearest to its target.

        Args:
            target: tiles float32 (rows, columns, 64), 0..1.
            canvas: the same shape, with all marks painted at strengths `q`; ends up with the new strengths.
            q, low, high: float32 (N,): strengths to start from and their bounds; `high` below 1.
            sweeps: how often every mark gets its turn.

        Returns:
            float32 (N,).
        """
        solved: npt.NDArray[np.float32] = q.copy()
        for _ in range(sweeps):
            _sweep(target, canvas, self._start, self._tiles, self._marks, low, high, solved)
        return solved
