from collections.abc import Callable

import numpy as np
import pytest

from underpaint.renderers.ink.paper import paper_heights
from underpaint.renderers.ink.strengths import Marks
from underpaint.renderers.ink.surface import paint_marks
from underpaint.renderers.strokes.columns import A0, A1, BLUE, RED
from underpaint.renderers.strokes.tiles import blank_tiles, make_grid

GRID = make_grid(60, 76)
PAPER = paper_heights(GRID)


@pytest.fixture(scope="module")
def strokes(random_strokes: Callable[..., np.ndarray]) -> np.ndarray:
    marks = np.concatenate(
        [random_strokes(25, 60, 76, 2), np.random.default_rng(0).random((25, 4)).astype(np.float32) * 0.9], axis=1
    )
    marks[:, A0 : A1 + 1], marks[:, RED : BLUE + 1] = 1, 0
    return marks


def blank() -> np.ndarray:
    return np.ones(PAPER.shape, np.float32)


def test_paint_is_what_the_replay_paints(strokes: np.ndarray) -> None:
    q = np.random.default_rng(1).uniform(0.1, 0.8, 25).astype(np.float32)
    canvas = blank()
    Marks(strokes, GRID, PAPER).paint(canvas, q)
    replayed, weak = blank_tiles(GRID, np.ones(3, np.float32)), strokes.copy()
    weak[:, A0 : A1 + 1] = q[:, None]
    paint_marks(replayed, GRID.x_TP, GRID.y_TP, PAPER, weak)
    np.testing.assert_allclose(replayed[:, :, 0], canvas, atol=1e-5)


def test_strengths_that_made_a_picture_are_found_again(strokes: np.ndarray) -> None:
    marks, true = Marks(strokes, GRID, PAPER), np.random.default_rng(1).uniform(0.1, 0.8, 25).astype(np.float32)
    target, canvas, start = blank(), blank(), np.full(25, 0.4, np.float32)
    marks.paint(target, true)
    marks.paint(canvas, start)
    low, high = np.zeros(25, np.float32), np.full(25, 0.9, np.float32)
    found = marks.solve(target, canvas, start, low, high, 300)
    np.testing.assert_allclose(canvas, target, atol=0.02)
    assert np.median(np.abs(found - true)) < 0.02
    assert (start == np.float32(0.4)).all()


def test_each_sweep_lowers_the_error_and_bounds_hold(strokes: np.ndarray) -> None:
    marks, target = Marks(strokes, GRID, PAPER), np.full(PAPER.shape, 0.35, np.float32)
    q = np.full(25, 0.3, np.float32)
    low, high = np.full(25, 0.2, np.float32), np.full(25, 0.5, np.float32)
    canvas = blank()
    marks.paint(canvas, q)
    # Beyond the border there is nothing to paint, nor to count.
    errors = [float(((canvas - target) ** 2).sum())]
    for _ in range(4):
        q = marks.solve(target, canvas, q, low, high, 1)
        errors.append(float(((canvas - target) ** 2).sum()))
        assert q.min() >= np.float32(0.2)
        assert q.max() <= np.float32(0.5)
    assert (np.diff(errors) <= 1e-3).all()
    assert errors[-1] < errors[0]


def test_marks_off_the_canvas_keep_their_strength(strokes: np.ndarray) -> None:
    away = strokes[:1].copy()
    away[0, :2] = 500
    canvas = blank()
    q = Marks(away, GRID, PAPER).solve(
        canvas * 0, canvas, np.array([0.3], np.float32), np.zeros(1, np.float32), np.ones(1, np.float32), 2
    )
    assert q[0] == np.float32(0.3)
