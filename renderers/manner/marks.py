"""Brushwork: strokes, and what they are for."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from underpaint.renderers.strokes.columns import COLUMNS
from underpaint.renderers.strokes.tiles import Float32

Int32 = npt.NDArray[np.int32]

PHASES = ("drawing", "block-in", "modelling", "accents")
DRAWING, BLOCK_IN, MODELLING, ACCENTS = range(len(PHASES))
# The level of strokes that are placed late, instead of useless ones: finer than all canvases.
LATE = 9


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Brushwork:
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

    def __len__(self) -> int:
        return len(self.strokes)

    @classmethod
    def of(cls, strokes: Float32, phase: int, level: int, rank: Int32 | int) -> Brushwork:
        """Return strokes that are all for the same."""
        count = len(strokes)
        ranks = np.full(count, rank, np.int32) if isinstance(rank, int) else rank
        return cls(
            strokes=strokes,
            phase=np.full(count, phase, np.int32),
            level=np.full(count, level, np.int32),
            rank=ranks,
        )

    @classmethod
    def none(cls) -> Brushwork:
        """Return no strokes."""
        return cls.of(np.zeros((0, len(COLUMNS)), np.float32), DRAWING, 0, -1)

    def take(self, index: npt.NDArray[np.integer | np.bool_]) -> Brushwork:
        """Return some of them, or all in another order."""
        return Brushwork(**{name: field[index] for name, field in vars(self).items()})

    def then(self, others: Brushwork) -> Brushwork:
        """Return these, and others on top."""
        return Brushwork(**{name: np.concatenate([field, getattr(others, name)]) for name, field in vars(self).items()})
