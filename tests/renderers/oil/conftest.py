"""What the tests of oil paint share: random strokes with two colours and bristles."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from underpaint.renderers.oil.paint import GRAIN, RED1
from underpaint.renderers.strokes.columns import BLUE, RED

Float32 = npt.NDArray[np.float32]


@pytest.fixture(scope="session")
def random_oil(random_strokes: Callable[[int, int, int, int], Float32]) -> Callable[[int, int, int, int], Float32]:
    """`random_oil(count, height, width, seed)` -> float32 (count, 17)."""

    def draw(count: int, height: int, width: int, seed: int) -> Float32:
        random = np.random.default_rng(seed + 1000)
        strokes = np.zeros((count, GRAIN + 1), np.float32)
        strokes[:, :RED1] = random_strokes(count, height, width, seed)
        # As unlike as one brush may be loaded with.
        strokes[:, RED1:GRAIN] = np.clip(strokes[:, RED : BLUE + 1] + random.uniform(-0.3, 0.3, (count, 3)), 0, 1)
        strokes[:, GRAIN] = random.integers(0, 65536, count) / 65536
        return strokes

    return draw
