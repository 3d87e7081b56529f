from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from tests.pictures import load_picture
from underpaint.renderers import paint
from underpaint.renderers.oil.colours import solve_colours
from underpaint.renderers.oil.paint import GRAIN, RED1, paint_oil, thickest_brush
from underpaint.renderers.strokes.columns import A0, A1, BLUE, CX, CY, R0, R1, RED
from underpaint.renderers.strokes.tiles import TILE_PIXELS, Float32, blank_tiles, from_tiles, make_grid, to_tiles

UInt8 = npt.NDArray[np.uint8]
RandomOil = Callable[[int, int, int, int], Float32]
GROUND = np.array([0.7, 0.6, 0.5], np.float32)
HEIGHT, WIDTH = 61, 75
COLOURS = np.r_[RED : BLUE + 1, RED1:GRAIN]


def painted(strokes: Float32, height: int = HEIGHT, width: int = WIDTH, ground: Float32 = GROUND) -> Float32:
    """The painting in even light, float32 (H, W, 3)."""
    grid = make_grid(height, width)
    canvas = blank_tiles(grid, ground)
    relief = np.zeros((*canvas.shape[:2], TILE_PIXELS), np.float32)
    paint_oil(canvas, relief, grid.x_TP, grid.y_TP, strokes, thickest_brush(height, width))
    return from_tiles(canvas, height, width)


def solved(target: Float32, strokes: Float32, ground: Float32 = GROUND) -> Float32:
    return solve_colours(to_tiles(target), make_grid(*target.shape[:2]), ground, strokes)


def error(target: Float32, strokes: Float32, ground: Float32 = GROUND) -> float:
    return float(((painted(strokes, *target.shape[:2], ground).astype(np.float64) - target) ** 2).mean())


@pytest.fixture(scope="module")
def picture() -> Float32:
    return load_picture("coffee", (HEIGHT, WIDTH)).astype(np.float32) / np.float32(255)


@pytest.fixture(scope="module")
def known(random_oil: RandomOil) -> Float32:
    """Strokes whose colours paint can have: within 0..1, the two no further apart than one brush allows."""
    strokes = random_oil(40, HEIGHT, WIDTH, 4)
    strokes[:, A0 : A1 + 1] = 0.9
    strokes[:, RED : BLUE + 1] = strokes[:, RED : BLUE + 1] * 0.7 + 0.15
    strokes[:, RED1:GRAIN] = strokes[:, RED : BLUE + 1] + np.random.default_rng(0).uniform(-0.14, 0.14, (40, 3))
    return strokes


def test_the_colours_of_a_painting_are_found_again(known: Float32) -> None:
    """Of strokes that are seen; of those that others cover not much can be told."""
    grey = known.copy()
    grey[:, COLOURS] = 0.5
    target = painted(known)
    found = solved(target, grey)
    assert error(target, found) < 0.01 * error(target, grey)
    # A stroke painted in a colour of its own on top of all others is seen whole.
    top = found[-6:]
    seen = (np.abs(top[:, CX] - WIDTH / 2) < WIDTH / 2 - 4) & (np.abs(top[:, CY] - HEIGHT / 2) < HEIGHT / 2 - 4)
    assert seen.sum() >= 3
    assert np.abs(top - known[-6:])[seen][:, COLOURS].max() < 0.1


def test_colours_that_are_right_stay(known: Float32) -> None:
    np.testing.assert_allclose(solved(painted(known), known), known, atol=2e-3)


@pytest.mark.parametrize("seed", range(4))
def test_never_worse_than_before_on_a_picture(picture: Float32, random_oil: RandomOil, seed: int) -> None:
    strokes = random_oil(60, HEIGHT, WIDTH, seed)
    assert error(picture, solved(picture, strokes)) < 0.7 * error(picture, strokes)


@pytest.mark.parametrize("size", [(16, 16), (16, 120), (90, 17), (120, 160)])
def test_better_than_one_colour_for_each_stroke(size: tuple[int, int]) -> None:
    """Strokes of the `bezier` renderer, made for flat paint, given bristles."""
    photo = load_picture("temple", size)
    program = paint(photo, strokes=80, quality="draft").program
    strokes = np.zeros((len(program), GRAIN + 1), np.float32)
    strokes[:, :RED1], strokes[:, RED1:GRAIN] = program.strokes, program.strokes[:, RED : BLUE + 1]
    strokes[:, GRAIN] = np.arange(len(program)) / 128
    target = photo.astype(np.float32) / np.float32(255)
    found = solved(target, strokes, program.ground)
    assert error(target, found, program.ground) < 0.97 * error(target, strokes, program.ground)


def test_a_single_stroke_gets_the_two_colours_that_no_others_beat(picture: Float32, random_oil: RandomOil) -> None:
    stroke = random_oil(1, HEIGHT, WIDTH, 12)
    stroke[:, [CX, CY]] = WIDTH / 2, HEIGHT / 2
    stroke[:, R0 : R1 + 1] = 12
    found = solved(picture, stroke)
    random = np.random.default_rng(0)
    for size in (0.03, 0.3):
        for _ in range(20):
            other = found.copy()
            other[:, COLOURS] = np.clip(found[:, COLOURS] + random.normal(size=6) * size, 0, 1)
            # The weak pull to the colours it had leaves the least bit to be gained: a five-thousandth of the error.
            assert error(picture, other) > 0.9995 * error(picture, found)


def test_strokes_that_are_not_seen_keep_their_colours(picture: Float32, random_oil: RandomOil) -> None:
    strokes = random_oil(30, HEIGHT, WIDTH, 7)
    strokes[3, CX] = -500
    # Under twelve opaque layers of a brush as wide as the canvas nothing shows, between whichever bristles.
    covers = random_oil(12, HEIGHT, WIDTH, 8)
    covers[:, [CX, CY]] = WIDTH / 2, HEIGHT / 2
    covers[:, R0 : R1 + 1], covers[:, A0 : A1 + 1] = 80, 1
    found = solved(picture, np.concatenate([strokes, covers]))
    np.testing.assert_array_equal(found[3], strokes[3])
    np.testing.assert_allclose(found[:30], strokes, atol=0.02)
    assert np.abs(found[30:] - covers).max() > 0.1


def test_a_stroke_of_which_next_to_nothing_is_seen_keeps_about_its_colours(make_stroke: Callable[..., Float32]) -> None:
    """A sliver at the border must not take on any colour to please half a pixel."""
    sliver = make_stroke(cx=-1.1, cy=30, theta=1.5708, length=6, r0=1.2, r1=1.2, red=0.5, green=0.5, blue=0.5)
    stroke = np.array([[*sliver, 0.5, 0.5, 0.5, 0.25]], np.float32)
    white = np.ones((HEIGHT, WIDTH, 3), np.float32)
    assert np.abs(painted(stroke) - GROUND).max() > 0.005
    assert 0 < np.abs(solved(white, stroke) - stroke).max() < 0.2


def test_colours_are_those_that_one_brush_can_hold(random_oil: RandomOil) -> None:
    """Black and white noise asks for colours beyond both limits."""
    target = np.random.default_rng(0).integers(0, 2, (HEIGHT, WIDTH, 1)).repeat(3, 2).astype(np.float32)
    target[:20], target[40:] = 1, 0
    strokes = random_oil(80, HEIGHT, WIDTH, 3)
    found = solved(target, strokes)
    assert found[:, COLOURS].min() == 0
    assert found[:, COLOURS].max() == 1
    apart = np.abs(found[:, RED : BLUE + 1] - found[:, RED1:GRAIN])
    # At most 0.16 on either side of their mean.
    assert 0.3 < apart.max() <= 0.32 + 1e-6


def test_shapes_and_grain_are_left_alone(picture: Float32, random_oil: RandomOil) -> None:
    strokes = random_oil(20, HEIGHT, WIDTH, 2)
    before = strokes.copy()
    found = solved(picture, strokes)
    np.testing.assert_array_equal(strokes, before)
    assert found.dtype == np.float32
    assert found.shape == strokes.shape
    np.testing.assert_array_equal(np.delete(found, COLOURS, 1), np.delete(strokes, COLOURS, 1))
    np.testing.assert_array_equal(solved(picture, strokes), found)


def test_a_blank_canvas_has_no_colours_to_find(picture: Float32) -> None:
    assert solved(picture, np.zeros((0, GRAIN + 1), np.float32)).shape == (0, GRAIN + 1)


def test_pixels_beyond_the_border_do_not_count(random_oil: RandomOil) -> None:
    """What a tile that hangs over the border holds there has no say."""
    target = load_picture("temple", (20, 27)).astype(np.float32) / np.float32(255)
    strokes, tiles, other = random_oil(10, 20, 27, 5), to_tiles(target), to_tiles(target)
    grid = make_grid(20, 27)
    beyond = (np.maximum(grid.x_TP[None, :], grid.y_TP[:, None]) > 1e5)[:, :, None]
    assert beyond.any()
    other[np.broadcast_to(beyond, other.shape)] = 7.0
    np.testing.assert_array_equal(
        solve_colours(other, grid, GROUND, strokes), solve_colours(tiles, grid, GROUND, strokes)
    )
