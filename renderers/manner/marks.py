"""Marks: strokes, and what they are for."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from underpaint.renderers.strokes.columns import COLUMNS
from underpaint.renderers.strokes.tiles import Float32

Int32 = npt.NDArray[np.int32]

PHASES = ("drawing", "block-in", "modelling", "accents")
DRAWING, BLOCK_IN, MODELLING, ACCENTS = range(len(PHASES))
# The level of strokes that are placed late, instead of useless ones: finer than all canvases.
LATE = 9


class Marks(NamedTuple):
    """N strokes in painting order.

    Attributes:
        strokes: float32 (N, 13), in pixels of the picture.
        phase: int32 (N,), of PHASES.
        level: int32 (N,), the number of the canvas that each was placed on, coarse to fine, or LATE.
        rank: int32 (N,), the place in the scene's order of the region that each belongs to; -1 for the drawing.
    """

    strokes: Float32
    phase: Int32
    level: Int32
    rank: Int32

    @classmethod
    def of(cls, strokes: Float32, phase: int, level: int, rank: Int32 | int) -> Marks:
        """Return strokes that are all for the same."""
        count = len(strokes)
        ranks = np.broadcast_to(np.asarray(rank, np.int32), count)
        return cls(strokes, np.full(count, phase, np.int32), np.full(count, level, np.int32), ranks)

    @classmethod
    def none(cls) -> Marks:
        """Return no strokes."""
        return cls.of(np.zeros((0, len(COLUMNS)), np.float32), DRAWING, 0, -1)

    @property
    def count(self) -> int:
        """How many strokes there are."""
        return len(self.strokes)

    def take(self, index: npt.NDArray[np.integer | np.bool_]) -> Marks:
        """Return some of them, or all in another order."""
        return Marks(*(field[index] for field in self))

    def then(self, others: Marks) -> Marks:
        """Return these, and others on top."""
        return Marks(*(np.concatenate(pair) for pair in zip(self, others, strict=True)))

    def with_strokes(self, strokes: Float32) -> Marks:
        """Return them with other shapes or colours."""
        return self._replace(strokes=strokes)
