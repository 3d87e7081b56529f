from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from tests.pictures import load_picture
from underpaint.renderers.strokes.columns import A0, A1, BLUE, BOW, COLUMNS, CX, CY, EDGE, LENGTH, MAX_BOW, R0, R1, RED
from underpaint.renderers.strokes.search import Search, place_strokes
from underpaint.renderers.strokes.shapes import Brush
from underpaint.renderers.strokes.structure import structure_tensor
from underpaint.renderers.strokes.tiles import blank_tiles, from_tiles, make_grid, to_tiles

Float32 = npt.NDArray[np.float32]
Fit = Callable[..., tuple[Float32, Float32]]
GROUND = np.full(3, 0.5, np.float32)
QUICK = Search(candidates=16, climbs=16)


def place(picture: Float32, count: int, brush: Brush = Brush(), search: Search = QUICK, seed: int = 0):  # type: ignore[no-untyped-def]  # noqa: B008
    """The strokes, and the canvas that placing left behind."""
    height, width = picture.shape[:2]
    grid = make_grid(height, width)
    canvas = blank_tiles(grid, GROUND)
    strokes = place_strokes(to_tiles(picture), canvas, grid, structure_tensor(picture), count, brush, search, seed)
    return strokes, from_tiles(canvas, height, width)


@pytest.fixture(scope="module")
def picture() -> Float32:
    return load_picture("temple", (75, 100)).astype(np.float32) / np.float32(255)


def error(a: Float32, b: Float32) -> float:
    return float(((a.astype(np.float64) - b) ** 2).sum())


def test_every_stroke_lowers_the_error(
    picture: Float32, paint_reference: Callable[..., npt.NDArray[np.float64]]
) -> None:
    strokes, canvas = place(picture, 25)
    assert strokes.shape == (25, len(COLUMNS))
    reference = np.full((75, 100, 3), 0.5)
    errors = [error(reference, picture)]
    for stroke in strokes:
        reference = paint_reference(reference, stroke[None])
        errors.append(error(reference, picture))
    assert (np.diff(errors) < 0).all()
    # The canvas that was handed in now holds the painting.
    assert np.abs(canvas - reference).mean() < 1e-2


def test_more_search_finds_better_strokes(picture: Float32) -> None:
    few, many = (
        np.mean(
            [error(place(picture, 60, search=Search(candidates=c, climbs=c), seed=s)[1], picture) for s in range(3)]
        )
        for c in (4, 64)
    )
    assert many < 0.9 * few


def test_shapes_keep_to_the_brush(picture: Float32) -> None:
    brush = Brush(radius_min=2.0, radius_max=4.0, stretch=2.0, opacity_min=0.6)
    strokes, _ = place(picture, 120, brush)
    # Hill climbing may leave the range a little.
    assert strokes[:, R0 : R1 + 1].min() >= 2.0 * 0.8 - 1e-5
    assert strokes[:, R0 : R1 + 1].max() <= 4.0 * 1.3 + 1e-5
    assert strokes[:, LENGTH].max() <= 4.0 * 2.0 * 2.0 + 1e-5
    assert (np.abs(strokes[:, BOW]) <= MAX_BOW * strokes[:, LENGTH] + 1e-5).all()
    assert strokes[:, A0].min() >= 0.6 - 1e-6
    assert strokes[:, RED : BLUE + 1].min() >= 0
    assert strokes[:, A0 : BLUE + 1].max() <= 1
    np.testing.assert_array_equal(strokes[:, A0], strokes[:, A1])
    assert strokes[:, CX].min() >= 0
    assert strokes[:, CX].max() <= 100
    assert strokes[:, CY].max() <= 75


def test_strokes_go_where_the_error_is() -> None:
    picture = np.full((64, 64, 3), 0.5, np.float32)
    picture[40:56, 40:60] = (0.9, 0.1, 0.1)
    strokes, canvas = place(picture, 12)
    assert (strokes[:, CX] > 25).all()
    assert (strokes[:, CY] > 25).all()
    assert error(canvas, picture) < 0.2 * error(np.full_like(picture, 0.5), picture)


def test_same_seed_same_strokes_other_seed_others(picture: Float32) -> None:
    first, again, other = (place(picture, 30, seed=seed)[0] for seed in (4, 4, 5))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_finished_picture_takes_no_stroke() -> None:
    strokes, canvas = place(np.full((40, 40, 3), 0.5, np.float32), 10)
    assert strokes.shape == (0, len(COLUMNS))
    np.testing.assert_array_equal(canvas, 0.5)


def test_count_0_places_nothing(picture: Float32) -> None:
    assert place(picture, 0)[0].shape == (0, len(COLUMNS))


def test_soft_brush_makes_edges_in_proportion_to_the_radius(picture: Float32) -> None:
    strokes, _ = place(picture, 40, Brush(softness=0.5))
    ratio = strokes[:, EDGE] / strokes[:, R0]
    assert np.median(ratio) == pytest.approx(0.5, rel=0.3)
    assert (place(picture, 40, Brush(softness=0.0))[0][:, EDGE] == 0).all()
