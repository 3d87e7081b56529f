from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from underpaint.renderers.strokes.columns import (
    A0,
    BLUE,
    BOW,
    COLUMNS,
    CX,
    CY,
    EDGE,
    LENGTH,
    R0,
    R1,
    THETA,
    control_points,
    scale_strokes,
)


def test_columns_stand_where_their_names_say() -> None:
    indices = (CX, CY, THETA, LENGTH, BOW, R0, R1, A0, BLUE, EDGE)
    assert [COLUMNS[i] for i in indices] == ["cx", "cy", "theta", "length", "bow", "r0", "r1", "a0", "blue", "edge"]


@settings(max_examples=50, deadline=None)
@given(st.floats(0.05, 20), st.integers(0, 1000))
def test_scaling_moves_the_control_points_and_leaves_angle_opacity_and_colour(factor: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    strokes = random.uniform(0.1, 50, (5, len(COLUMNS))).astype(np.float32)
    scaled = scale_strokes(strokes, factor)
    np.testing.assert_allclose(control_points(scaled), factor * control_points(strokes), rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(scaled[:, [R0, R1, EDGE]], factor * strokes[:, [R0, R1, EDGE]], rtol=1e-6)
    same = [THETA, *range(A0, BLUE + 1)]
    np.testing.assert_array_equal(scaled[:, same], strokes[:, same])


def test_scaling_does_not_touch_its_argument(random_strokes: Callable[..., Any]) -> None:
    strokes = random_strokes(4, 30, 30, 0)
    before = strokes.copy()
    for factor in (1.0, 2.0):
        scale_strokes(strokes, factor)[:] = 0
    np.testing.assert_array_equal(strokes, before)


def test_control_points_of_a_stroke_to_the_right_that_bends_down(make_stroke: Callable[..., Any]) -> None:
    stroke = make_stroke(cx=10, cy=20, theta=0, length=8, bow=3)
    np.testing.assert_allclose(control_points(stroke[None]), [[[6, 20], [10, 26], [14, 20]]], atol=1e-6)


@pytest.mark.parametrize("bow", [-4.0, 0.0, 4.0])
def test_bow_is_the_height_of_the_curve_over_its_chord(bow: float, make_stroke: Callable[..., Any]) -> None:
    stroke = make_stroke(cx=10, cy=20, theta=0.7, length=30, bow=bow)[None]
    start, middle, end = control_points(stroke.astype(np.float64))[0]
    top = start / 4 + middle / 2 + end / 4
    across = np.array([-np.sin(0.7), np.cos(0.7)])
    assert (top - (start + end) / 2) @ across == pytest.approx(bow, abs=1e-5)
    np.testing.assert_allclose((start + end) / 2, [10, 20])
    assert np.linalg.norm(end - start) == pytest.approx(30)
