"""Laying strokes on a tiled canvas: what the painters of all stroke media have in common."""

from __future__ import annotations

import abc

from underpaint.renderers.medium import Painter
from underpaint.renderers.strokes.tiles import Float32, make_grid


class StrokePainter(Painter):
    """A painter that lays strokes in their order; a subclass has the canvas."""

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

    @abc.abstractmethod
    def _lay(self, strokes: Float32) -> None:
        """Lay the next strokes on the canvas."""
