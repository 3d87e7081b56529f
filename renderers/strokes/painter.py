"""Laying strokes on a tiled canvas: what the painters of all stroke media have in common."""

from __future__ import annotations

import abc

import numpy as np
from numba import njit

from underpaint.renderers.medium import Float64, Painter, UInt8
from underpaint.renderers.strokes.columns import THETA
from underpaint.renderers.strokes.kernels import EXACT, cos_sin, tile_range
from underpaint.renderers.strokes.tiles import TILE, Float32, from_tiles, make_grid, to_bytes

# Share of the canvas in boxes around strokes from which on rendering all of it at once is faster.
_MOST_IN_BOXES = 0.5


class StrokePainter(Painter):
    """A painter that lays strokes in their order; a subclass has the canvas."""

    # Tiles float32 (rows, columns, 3, 64), in which nothing beyond the border changes.
    _tiles: Float32
    # Tiles around those that a stroke touches, in which what is seen changes as well.
    _margin = 0

    def __init__(self, strokes: Float32, height: int, width: int) -> None:
        """`strokes` is float32 (N, C), in pixels of the canvas of (height, width)."""
        self._strokes = strokes
        self._grid = make_grid(height, width)
        self._painted = 0
        # What was last seen, and with how many strokes.
        self._seen: tuple[UInt8, int] | None = None

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

    def pixels(self) -> UInt8:
        """Return the canvas as it stands, uint8 (H, W, 3); only what changed since the last call is rendered again."""
        rows, columns = len(self._grid.y_TP), len(self._grid.x_TP)
        seen, count = self._seen or (None, 0)
        boxes = [_box(stroke, rows, columns) for stroke in self._strokes[count : self._painted]] if self._seen else []
        covered = sum((bottom - top + 1) * (right - left + 1) for top, bottom, left, right in boxes)
        if seen is None or covered > _MOST_IN_BOXES * rows * columns:
            seen = self._render(slice(0, rows), slice(0, columns))
        else:
            for box in boxes:
                self._render_into(seen, *box)
        self._seen = seen, self._painted
        shown: UInt8 = seen.copy()
        return shown

    def _render_into(self, seen: UInt8, top: int, bottom: int, left: int, right: int) -> None:
        """Render the tiles from row `top` to `bottom` and from column `left` to `right`, and their margin."""
        if bottom < top or right < left:
            return
        top, left = max(top - self._margin, 0), max(left - self._margin, 0)
        bottom = min(bottom + self._margin, len(self._grid.y_TP) - 1)
        right = min(right + self._margin, len(self._grid.x_TP) - 1)
        pixels = self._render(slice(top, bottom + 1), slice(left, right + 1))
        seen[top * TILE : top * TILE + pixels.shape[0], left * TILE : left * TILE + pixels.shape[1]] = pixels

    def _render(self, rows: slice, columns: slice) -> UInt8:
        """Return rows and columns of tiles as they are seen, uint8 (h, w, 3), without what is beside the canvas."""
        return to_bytes(self._image(self._tiles[rows, columns], rows, columns))

    def _image(self, tiles: Float32, rows: slice, columns: slice) -> Float32:
        """Return the tiles of these rows and columns of the canvas as an image: (rows, columns, C, 64) -> (h, w, C)."""
        height = min(rows.stop * TILE, self._grid.height) - rows.start * TILE
        width = min(columns.stop * TILE, self._grid.width) - columns.start * TILE
        return from_tiles(tiles, height, width)

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
