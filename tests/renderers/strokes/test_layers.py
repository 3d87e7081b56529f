import numpy as np
import pytest

from tests.pictures import load_picture
from underpaint.renderers import Program, paint
from underpaint.renderers.strokes.columns import THETA
from underpaint.renderers.strokes.kernels import paint_stroke
from underpaint.renderers.strokes.layers import deepest_list, directions_of, list_strokes
from underpaint.renderers.strokes.tiles import TILE, blank_tiles, make_grid


@pytest.fixture(scope="module")
def program() -> Program:
    return paint(load_picture("temple", (60, 83)), strokes=120, quality="draft").program


def lists(program: Program, stride: int = 1, phase: int = 0) -> list[list[int]]:
    rows, columns = (-(-side // TILE) for side in program.size)
    start, indices = list_strokes(program.strokes, directions_of(program.strokes), rows, columns, stride, phase)
    assert deepest_list(start) == max(np.diff(start))
    return [indices[start[j] : start[j + 1]].tolist() for j in range(rows * columns)]


def test_directions_are_cosine_and_sine(program: Program) -> None:
    angle = program.strokes[:, THETA].astype(np.float64)
    np.testing.assert_allclose(directions_of(program.strokes), np.stack([np.cos(angle), np.sin(angle)], 1), atol=1e-6)


def test_a_tile_lists_every_stroke_that_leaves_paint_on_it_in_painting_order(program: Program) -> None:
    grid = make_grid(*program.size)
    listed = lists(program)
    assert all(strokes == sorted(set(strokes)) for strokes in listed)
    for n, stroke in enumerate(program.strokes):
        canvas = blank_tiles(grid, np.full(3, 0.5, np.float32))
        paint_stroke(
            canvas, grid.x_TP, grid.y_TP, np.concatenate([stroke[:9], [0, 0, 0], stroke[12:]]).astype(np.float32)
        )
        for j in np.flatnonzero((canvas != 0.5).any(axis=(2, 3))):
            assert n in listed[j]


def test_the_phases_of_a_stride_share_the_tiles_out(program: Program) -> None:
    whole, parts = lists(program), [lists(program, 4, phase) for phase in range(4)]
    for j, strokes in enumerate(whole):
        assert sorted(part[j] for part in parts) == [[], [], [], strokes]
