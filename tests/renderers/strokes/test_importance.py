from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from tests.pictures import load_picture
from underpaint.renderers.strokes.columns import COLUMNS, CX
from underpaint.renderers.strokes.importance import removal_change
from underpaint.renderers.strokes.kernels import paint_strokes
from underpaint.renderers.strokes.tiles import blank_tiles, from_tiles, make_grid, to_tiles

Float32 = npt.NDArray[np.float32]
GROUND = np.array([0.8, 0.6, 0.4], np.float32)


def error(picture: Float32, strokes: Float32) -> float:
    grid = make_grid(*picture.shape[:2])
    canvas = blank_tiles(grid, GROUND)
    paint_strokes(canvas, grid.x_TP, grid.y_TP, strokes)
    return float(((from_tiles(canvas, *picture.shape[:2]).astype(np.float64) - picture) ** 2).sum())


@pytest.fixture(scope="module")
def picture() -> Float32:
    return load_picture("temple", (51, 70)).astype(np.float32) / np.float32(255)


def changes(picture: Float32, strokes: Float32) -> Float32:
    return removal_change(to_tiles(picture), make_grid(*picture.shape[:2]), GROUND, strokes)


def test_change_is_what_leaving_the_stroke_out_really_changes(
    picture: Float32, random_strokes: Callable[..., Float32]
) -> None:
    """Forty translucent strokes, many layers deep, some over the border."""
    strokes = random_strokes(40, 51, 70, 2)
    whole = error(picture, strokes)
    measured = np.array([error(picture, np.delete(strokes, n, axis=0)) - whole for n in range(40)])
    assert measured.min() < 0 < measured.max()
    np.testing.assert_allclose(changes(picture, strokes), measured, rtol=1e-3, atol=2e-3)


def test_hidden_and_absent_strokes_change_nothing(
    picture: Float32, random_strokes: Callable[..., Float32], make_stroke: Callable[..., Float32]
) -> None:
    strokes = random_strokes(4, 51, 70, 0)
    strokes[0, CX] = -300
    # The last one covers everything.
    strokes[3] = make_stroke(cx=35, cy=25, length=1, r0=90, r1=90)
    change = changes(picture, strokes)
    np.testing.assert_array_equal(change[:3], 0)
    assert change[3] == pytest.approx(error(picture, strokes[:3]) - error(picture, strokes), rel=1e-4)


def test_no_strokes_no_changes(picture: Float32) -> None:
    assert changes(picture, np.zeros((0, len(COLUMNS)), np.float32)).shape == (0,)
