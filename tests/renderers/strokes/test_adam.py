from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from tests.pictures import load_picture
from underpaint.renderers.strokes.adam import STEP, Refinement, refine_strokes
from underpaint.renderers.strokes.columns import A0, BLUE, BOW, EDGE, LENGTH, MAX_BOW, R0, RED, THETA
from underpaint.renderers.strokes.gradient import error_gradient
from underpaint.renderers.strokes.kernels import paint_strokes
from underpaint.renderers.strokes.tiles import blank_tiles, from_tiles, make_grid, to_tiles

Float32 = npt.NDArray[np.float32]
GROUND = np.ones(3, np.float32)
HEIGHT, WIDTH = 60, 83


@pytest.fixture(scope="module")
def picture() -> Float32:
    return load_picture("temple", (HEIGHT, WIDTH)).astype(np.float32) / np.float32(255)


def refine(picture: Float32, strokes: Float32, refinement: Refinement) -> Float32:
    return refine_strokes(to_tiles(picture), make_grid(*picture.shape[:2]), GROUND, strokes, refinement)


def error(picture: Float32, strokes: Float32) -> float:
    grid = make_grid(*picture.shape[:2])
    return error_gradient(to_tiles(picture), grid, GROUND, strokes, np.zeros_like(strokes))


def test_more_steps_lower_the_error_further(picture: Float32, random_strokes: Callable[..., Float32]) -> None:
    strokes = random_strokes(60, HEIGHT, WIDTH, 0)
    errors = [error(picture, refine(picture, strokes, Refinement(steps=steps))) for steps in (0, 20, 80, 320)]
    assert errors[0] == error(picture, strokes)
    assert errors[1] < 0.8 * errors[0]
    assert errors[0] > errors[1] > errors[2] > errors[3]


def test_full_and_interleaved_steps_arrive_at_about_the_same(
    picture: Float32, random_strokes: Callable[..., Float32]
) -> None:
    strokes = random_strokes(60, HEIGHT, WIDTH, 0)
    whole = error(picture, refine(picture, strokes, Refinement(steps=200, stride=1)))
    interleaved = error(picture, refine(picture, strokes, Refinement(steps=200, stride=4)))
    assert interleaved == pytest.approx(whole, rel=0.3)


def test_a_stroke_out_of_place_finds_its_mark(make_stroke: Callable[..., Float32]) -> None:
    """The target is one stroke; a stroke shifted, turned, too wide and of another colour is refined onto it."""
    mark = make_stroke(cx=32, cy=30, theta=0.3, length=24, r0=5, r1=5, a0=0.9, a1=0.9)[None]
    grid = make_grid(64, 64)
    canvas = blank_tiles(grid, GROUND)
    paint_strokes(canvas, grid.x_TP, grid.y_TP, mark)
    picture = from_tiles(canvas, 64, 64)
    start = make_stroke(cx=35, cy=28, theta=0.5, length=19, bow=0.5, r0=6, r1=6, a0=0.7, a1=0.7, red=0.3)[None]
    found = refine(picture, start, Refinement(steps=400, stride=1, rate_end=0.01))
    assert error(picture, found) < 0.01 * error(picture, start)
    np.testing.assert_allclose(found[0, :7], mark[0, :7], atol=0.5)


def test_shapes_stay_within_bounds(picture: Float32, random_strokes: Callable[..., Float32]) -> None:
    strokes = random_strokes(80, HEIGHT, WIDTH, 3)
    found = refine(picture, strokes, Refinement(steps=120, radius_min=1.5, opacity_min=0.4, rate=3.0))
    assert np.isfinite(found).all()
    assert found[:, R0:A0].min() >= 1.5
    assert found[:, R0:A0].max() <= WIDTH / 2
    assert found[:, A0:RED].min() >= np.float32(0.4)
    assert found[:, RED : BLUE + 1].min() >= 0
    assert found[:, A0 : BLUE + 1].max() <= 1
    assert found[:, LENGTH].min() >= 0.5
    assert found[:, LENGTH].max() <= 2 * WIDTH
    assert (np.abs(found[:, BOW]) <= MAX_BOW * found[:, LENGTH] * 1.0001).all()


def test_argument_is_not_changed_and_the_result_is_the_same_every_time(
    picture: Float32, random_strokes: Callable[..., Float32]
) -> None:
    strokes = random_strokes(20, HEIGHT, WIDTH, 1)
    before = strokes.copy()
    first, second = (refine(picture, strokes, Refinement(steps=15)) for _ in range(2))
    np.testing.assert_array_equal(strokes, before)
    np.testing.assert_array_equal(first, second)
    # The edge has no gradient.
    np.testing.assert_array_equal(first[:, EDGE], strokes[:, EDGE])
    assert not np.array_equal(first, strokes)


def test_strokes_off_the_canvas_stay_where_they_are(picture: Float32, make_stroke: Callable[..., Float32]) -> None:
    lost = make_stroke(cx=-300, cy=-300)[None]
    np.testing.assert_array_equal(refine(picture, lost, Refinement(steps=10)), lost)


def test_an_edge_never_gets_wider_than_its_brush(picture: Float32, make_stroke: Callable[..., Float32]) -> None:
    wide = np.stack([make_stroke(edge=30, r0=5, r1=3), make_stroke(edge=2, r0=5, r1=3)])
    refined = refine(picture, wide, Refinement(steps=1))
    assert refined[0, EDGE] == 2 * refined[0, R0:A0].min()
    assert refined[1, EDGE] == 2


def test_the_first_step_is_as_large_as_any(picture: Float32, make_stroke: Callable[..., Float32]) -> None:
    """Adam's averages start at zero; corrected for that, the first step is STEP, wherever the gradient points."""
    stroke = make_stroke(cx=40, cy=30, length=6, r0=3, r1=3, a0=0.6, a1=0.6, red=0.5, green=0.5, blue=0.5)[None]
    moved = refine(picture, stroke, Refinement(steps=1, stride=1))[0] - stroke[0]
    # A brush of 3 px moves by STEP; it turns by as much less as it is longer than 3 px.
    expected = STEP * np.where(np.arange(len(STEP)) == THETA, np.float32(3 / 6), 1)
    np.testing.assert_allclose(np.abs(moved), expected, rtol=1e-3, atol=1e-6)
