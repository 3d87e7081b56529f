import numpy as np
import pytest

from tests.pictures import load_picture
from underpaint.renderers.ink.brush import InkBrush
from underpaint.renderers.ink.scaled import ScaledTones, light
from underpaint.renderers.ink.tones import ink_tones
from underpaint.renderers.strokes.columns import A0, A1, BLUE, RED
from underpaint.renderers.strokes.search import Search, place_marks

BRUSH, SEARCH = InkBrush(radius_min=1.5, radius_max=8, opacity_max=0.6), Search(candidates=16, climbs=16)


@pytest.fixture(scope="module")
def level() -> ScaledTones:
    return ScaledTones(ink_tones(load_picture("temple", (90, 120)), 0.8), 1.0)


def squared_error(a: np.ndarray, b: np.ndarray) -> float:
    return float(((a - b) ** 2).sum())


def test_every_mark_lowers_the_error_and_no_pixel_rises(level: ScaledTones) -> None:
    canvas = light(level.grid, 1)
    errors, before = [squared_error(canvas, level.tone)], canvas.copy()
    for seed in range(6):
        placed, q = place_marks(level.tone, canvas, level.grid, level.tensor, 5, BRUSH, SEARCH, seed)
        assert len(placed) == len(q) == 5
        errors.append(squared_error(canvas, level.tone))
        assert (canvas <= before).all()
        before = canvas.copy()
    assert (np.diff(errors) < 0).all()
    assert errors[-1] < 0.4 * errors[0]


def test_the_canvas_is_what_the_marks_paint(level: ScaledTones) -> None:
    canvas = light(level.grid, 1)
    placed, q = place_marks(level.tone, canvas, level.grid, level.tensor, 30, BRUSH, SEARCH, 1)
    np.testing.assert_allclose(level.paint_smooth(placed), canvas, atol=1e-4)
    np.testing.assert_array_equal(placed[:, A0], q[:, 0])
    np.testing.assert_array_equal(placed[:, A1], q[:, 0])
    assert (placed[:, RED : BLUE + 1] == 0).all()


def test_absorbance_keeps_to_the_brush(level: ScaledTones) -> None:
    _, q = place_marks(level.tone, light(level.grid, 1), level.grid, level.tensor, 40, BRUSH, SEARCH, 2)
    assert q.min() >= BRUSH.opacity_min
    assert q.max() <= BRUSH.opacity_max + 1e-6


def test_channels_are_served_each_by_itself(level: ScaledTones) -> None:
    goal = light(level.grid, 3)
    goal[:, :, 0] = 0.5
    canvas = light(level.grid, 3)
    brush = InkBrush(radius_min=4, radius_max=16, opacity_min=0.0)
    _, q = place_marks(goal, canvas, level.grid, level.tensor, 10, brush, SEARCH, 3)
    assert (q[:, 0] > 0.05).all()
    assert (q[:, 1:] == 0).all()
    assert (canvas[:, :, 1:] == 1).all()


def test_nothing_is_placed_where_the_canvas_is_dark_enough(level: ScaledTones) -> None:
    placed, q = place_marks(level.tone, level.tone * 0.9, level.grid, level.tensor, 10, BRUSH, SEARCH, 0)
    assert placed.shape == (0, 13)
    assert q.shape == (0, 1)


def test_the_same_seed_gives_the_same_marks(level: ScaledTones) -> None:
    runs = [
        place_marks(level.tone, light(level.grid, 1), level.grid, level.tensor, 15, BRUSH, SEARCH, seed)[0]
        for seed in (4, 4, 5)
    ]
    np.testing.assert_array_equal(runs[0], runs[1])
    assert not np.array_equal(runs[0], runs[2])
