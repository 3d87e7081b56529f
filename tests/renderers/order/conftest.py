"""What the tests of orders share: programs of random strokes in the media that cover what is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from underpaint.renderers import Program
from underpaint.renderers.oil.paint import OIL_COLUMNS
from underpaint.renderers.strokes.columns import BLUE, COLUMNS, RED

SIZE = (44, 60)

Draw = Callable[[int, int, int, int], npt.NDArray[np.float32]]


@pytest.fixture(scope="session")
def make_program(random_strokes: Draw) -> Callable[[str, int, int], Program]:
    """`make_program(medium, count, seed)`, of `bezier` or `oil`, on a canvas of SIZE."""

    def make(medium: str, count: int, seed: int) -> Program:
        strokes = random_strokes(count, *SIZE, seed)
        values: dict[str, Any] = {"columns": COLUMNS}
        if medium == "oil":
            grain = np.arange(count, dtype=np.float32)[:, None] / np.float32(count)
            strokes = np.concatenate([strokes, 1 - strokes[:, RED : BLUE + 1], grain], axis=1)
            values = {"columns": OIL_COLUMNS, "arrays": {"impasto": np.float32(0.5)}}
        ground = np.array([0.9, 0.8, 0.7], np.float32)
        return Program(medium=medium, size=SIZE, ground=ground, strokes=strokes, **values)

    return make
