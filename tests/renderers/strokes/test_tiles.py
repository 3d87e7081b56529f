import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from underpaint.renderers.strokes.tiles import FAR, blank_tiles, from_tiles, make_grid, to_tiles

sides = st.integers(1, 50)


@settings(max_examples=60, deadline=None)
@given(sides, sides)
def test_tiles_and_back_is_the_picture(height: int, width: int) -> None:
    image = np.random.default_rng(height * 100 + width).random((height, width, 3), np.float32)
    np.testing.assert_array_equal(from_tiles(to_tiles(image), height, width), image)


@settings(max_examples=60, deadline=None)
@given(sides, sides)
def test_grid_holds_pixel_centres_in_tile_order_and_far_ones_over_the_border(height: int, width: int) -> None:
    grid = make_grid(height, width)
    rows, columns = len(grid.y_TP), len(grid.x_TP)
    tiles = np.empty((rows, columns, 3, 64), np.float32)
    tiles[:, :, 0], tiles[:, :, 1], tiles[:, :, 2] = grid.x_TP[None], grid.y_TP[:, None], 0
    whole = from_tiles(tiles, rows * 8, columns * 8)
    y, x = np.mgrid[0:height, 0:width] + 0.5
    np.testing.assert_array_equal(whole[:height, :width, 0], x)
    np.testing.assert_array_equal(whole[:height, :width, 1], y)
    assert (whole[:, width:, 0] == FAR).all()
    assert (whole[height:, :, 1] == FAR).all()


def test_tiles_over_the_border_repeat_the_edge() -> None:
    image = np.random.default_rng(0).random((9, 8, 3), np.float32)
    last_row_of_tiles = from_tiles(to_tiles(image), 16, 8)[8:]
    np.testing.assert_array_equal(last_row_of_tiles, np.broadcast_to(image[8], (8, 8, 3)))


def test_blank_canvas_has_the_ground_everywhere() -> None:
    ground = np.array([0.1, 0.5, 0.9], np.float32)
    blank = from_tiles(blank_tiles(make_grid(17, 30), ground), 17, 30)
    np.testing.assert_array_equal(blank, np.broadcast_to(ground, (17, 30, 3)))
