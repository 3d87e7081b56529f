from collections.abc import Callable

import numpy as np
import pytest

from underpaint.renderers.ink.levels import Level, light
from underpaint.renderers.ink.placement import InkSearch, place_ink
from underpaint.renderers.ink.shapes import InkBrush
from underpaint.renderers.ink.tones import ink_tones
from underpaint.renderers.strokes.columns import A0, A1, BLUE, RED

BRUSH, SEARCH = InkBrush(radius_min=1.5, radius_max=8, absorbance_max=0.6), InkSearch(candidates=16, climbs=16)


@pytest.fixture(scope="module")
def level(load_picture: Callable[..., np.ndarray]) -> Level:
    return Level(ink_tones(load_picture("photos/barn.jpg", (90, 120)), 0.8), 1.0)


def squared_error(a: np.ndarray, b: np.ndarray) -> float:
    return float(((a - b) ** 2).sum())


def test_every_mark_lowers_the_error_and_no_pixel_rises(level: Level) -> None:
    canvas = light(level.grid, 1)
    errors, before = [squared_error(canvas, level.tone)], canvas.copy()
    for seed in range(6):
        placed, q = place_ink(level.tone, canvas, level.grid, level.tensor, 5, BRUSH, SEARCH, seed)
        assert len(placed) == len(q) == 5
        errors.append(squared_error(canvas, level.tone))
        assert (canvas <= before).all()
        before = canvas.copy()
    assert (np.diff(errors) < 0).all()
    assert errors[-1] < 0.4 * errors[0]


def test_the_canvas_is_what_the_marks_paint(level: Level) -> None:
    canvas = light(level.grid, 1)
    placed, q = place_ink(level.tone, canvas, level.grid, level.tensor, 30, BRUSH, SEARCH, 1)
    np.testing.assert_allclose(level.paint_smooth(placed), canvas, atol=1e-4)
    np.testing.assert_array_equal(placed[:, A0], q[:, 0])
    np.testing.assert_array_equal(placed[:, A1], q[:, 0])
    assert (placed[:, RED : BLUE + 1] == 0).all()


def test_absorbance_keeps_to_the_brush(level: Level) -> None:
    _, q = place_ink(level.tone, light(level.grid, 1), level.grid, level.tensor, 40, BRUSH, SEARCH, 2)
    assert q.min() >= BRUSH.absorbance_min
    assert q.max() <= BRUSH.absorbance_max + 1e-6


def test_channels_are_served_each_by_itself(level: Level) -> None:
    goal = light(level.grid, 3)
    goal[:, :, 0] = 0.5
    canvas = light(level.grid, 3)
    brush = InkBrush(radius_min=4, radius_max=16, absorbance_min=0.0)
    _, q = place_ink(goal, canvas, level.grid, level.tensor, 10, brush, SEARCH, 3)
    assert (q[:, 0] > 0.05).all()
    assert (q[:, 1:] == 0).all()
    assert (canvas[:, :, 1:] == 1).all()


def test_nothing_is_placed_where_the_canvas_is_dark_enough(level: Level) -> None:
    placed, q = place_ink(level.tone, level.tone * 0.9, level.grid, level.tensor, 10, BRUSH, SEARCH, 0)
    assert placed.shape == (0, 13)
    assert q.shape == (0, 1)


def test_the_same_seed_gives_the_same_marks(level: Level) -> None:
    runs = [
        place_ink(level.tone, light(level.grid, 1), level.grid, level.tensor, 15, BRUSH, SEARCH, seed)[0]
        for seed in (4, 4, 5)
    ]
    np.testing.assert_array_equal(runs[0], runs[1])
    assert not np.array_equal(runs[0], runs[2])
