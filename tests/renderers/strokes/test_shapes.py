import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from underpaint.renderers.strokes.columns import BOW, CX, CY, LENGTH, MAX_BOW, R0, R1
from underpaint.renderers.strokes.kernels import FAST
from underpaint.renderers.strokes.sampling import make_state
from underpaint.renderers.strokes.shapes import Brush, clip, draw_dab, draw_mark, mutate


@njit(**FAST)
def _wander(stroke: Any, state: Any, steps: int, darkens: bool, shortest: Any) -> None:
    one = np.float32(1)
    if darkens:
        draw_mark(stroke, one, one, one, np.float32(5), np.float32(3), np.float32(0.5), state)
    else:
        draw_dab(stroke, one, one, one, np.float32(5), np.float32(3), np.float32(0.5), state)
    for step in range(steps):
        mutate(stroke, step & 3, one, state)
        clip(stroke, 40, 60, np.float32(0.8), np.float32(6), shortest, np.float32(30))


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**40), darkens=st.booleans(), shortest=st.sampled_from([0.0, 1.2]))
def test_shapes_stay_within_the_brush(seed: int, darkens: bool, shortest: float) -> None:
    stroke = np.zeros(13, np.float32)
    _wander(stroke, make_state(seed), 12, darkens, np.float32(shortest))
    assert 0 <= stroke[CX] <= 60
    assert 0 <= stroke[CY] <= 40
    assert 0.8 <= stroke[R0 : R1 + 1].min() <= stroke[R0 : R1 + 1].max() <= 6
    assert max(0.5, shortest * stroke[R0 : R1 + 1].max()) - 1e-4 <= stroke[LENGTH] <= 30
    assert abs(stroke[BOW]) <= MAX_BOW * stroke[LENGTH] + 1e-5


def test_brushes_are_frozen_and_keyword_only() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Brush().softness = 1.0  # type: ignore[misc]
    with pytest.raises(TypeError):
        Brush(1.0)  # type: ignore[misc]
