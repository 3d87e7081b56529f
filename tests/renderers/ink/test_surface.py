from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from underpaint.renderers.ink.paper import paper_heights
from underpaint.renderers.ink.surface import DRY, GRAIN, INK_COLUMNS, TIP, WET, paint_marks
from underpaint.renderers.strokes.columns import BLUE, COLUMNS, RED
from underpaint.renderers.strokes.tiles import blank_tiles, from_tiles, make_grid

Float32 = npt.NDArray[np.float32]
Make = Callable[..., Float32]


def mark(make: Make, wet: float = 0, dry: float = 0, tip: float = 0, grain: float = 0.3, **shape: float) -> Float32:
    return np.concatenate([make(**shape), np.array([wet, dry, tip, grain], np.float32)])


def paint(marks: Float32, height: int = 40, width: int = 40, light: float = 1.0) -> Float32:
    grid = make_grid(height, width)
    canvas = blank_tiles(grid, np.full(3, light, np.float32))
    paint_marks(canvas, grid.x_TP, grid.y_TP, paper_heights(grid), np.atleast_2d(marks))
    return from_tiles(canvas, height, width)


def test_columns_start_with_those_of_every_stroke() -> None:
    assert INK_COLUMNS[: len(COLUMNS)] == COLUMNS
    assert (INK_COLUMNS[WET], INK_COLUMNS[DRY], INK_COLUMNS[TIP], INK_COLUMNS[GRAIN]) == ("wet", "dry", "tip", "grain")


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), wet=st.floats(0, 1), dry=st.floats(0, 1), tip=st.floats(0, 1))
def test_no_channel_ever_rises(
    random_strokes: Callable[..., Float32], seed: int, wet: float, dry: float, tip: float
) -> None:
    surface = np.array([wet, dry, tip, seed / 1e7], np.float32)
    marks = np.concatenate([random_strokes(6, 40, 56, seed), np.tile(surface, (6, 1))], axis=1)
    grid = make_grid(40, 56)
    canvas = blank_tiles(grid, np.array([0.96, 0.94, 0.88], np.float32))
    for one in marks:
        before = canvas.copy()
        paint_marks(canvas, grid.x_TP, grid.y_TP, paper_heights(grid), one[None])
        assert (canvas <= before).all()
        assert canvas.min() >= -1e-6


@pytest.mark.parametrize("wet", [0.0, 0.6])
def test_a_channel_that_the_mark_lets_through_stays(make_stroke: Make, wet: float) -> None:
    picture = paint(mark(make_stroke, wet=wet, red=1.0, green=0.5, blue=0.0))
    assert (picture[..., 0] == 1).all()
    assert picture[..., 1].min() < 0.62
    # What is taken from green is half of what is taken from blue.
    np.testing.assert_allclose(1 - picture[..., 1], 0.5 * (1 - picture[..., 2]), atol=1e-5)


def test_marks_do_not_mind_their_order(random_strokes: Callable[..., Float32]) -> None:
    surface = np.random.default_rng(1).random((12, 4)).astype(np.float32)
    marks = np.concatenate([random_strokes(12, 60, 60, 3), surface], axis=1)
    np.testing.assert_allclose(paint(marks, 60, 60), paint(marks[::-1].copy(), 60, 60), atol=1e-5)


def test_a_wash_has_a_dark_rim_and_lies_within_the_smooth_brush(make_stroke: Make) -> None:
    wash = mark(make_stroke, wet=1.0, r0=14, r1=14, length=1, red=0, green=0, blue=0)
    dark = 1 - paint(wash)[..., 0]
    y, x = np.mgrid[0:40, 0:40] + 0.5
    distance = np.hypot(x - 20, y - 20)
    assert dark[distance > 15.6].max() == 0
    # Somewhere on the way out it is darker than in the middle.
    assert dark.max() > 1.15 * dark[distance < 2].mean()
    # And its outline is no circle.
    covered = dark > 0.3
    angles = np.arctan2(y - 20, x - 20)
    reach = [distance[covered & (np.abs(angles - angle) < 0.12)].max() for angle in np.arange(-3, 3, 0.25)]
    assert np.ptp(reach) > 1


def test_a_dry_line_leaves_paper_white_towards_its_end(make_stroke: Make) -> None:
    line = {"cx": 60.0, "cy": 20.0, "theta": 0.0, "length": 100.0, "r0": 9.0, "r1": 9.0}
    full, dry = paint(mark(make_stroke, **line), 40, 120), paint(mark(make_stroke, dry=0.7, **line), 40, 120)
    start, end = np.s_[14:26, 14:34], np.s_[14:26, 84:104]
    assert full[end].mean() == pytest.approx(full[start].mean(), abs=0.05)
    assert dry[end].mean() > dry[start].mean() + 0.15
    # White and black streaks, not grey.
    assert (dry[end] > 0.95).mean() > 0.1


def test_pieces_of_a_line_join(make_stroke: Make) -> None:
    line = {"cy": 20.0, "theta": 0.0, "length": 30.0, "r0": 3.0, "r1": 3.0, "a0": 0.8, "a1": 0.8}
    picture = paint(np.stack([mark(make_stroke, cx=25.3, **line), mark(make_stroke, cx=55.3, **line)]), 40, 80)
    profile = picture[19:21, 14:66].mean(axis=(0, 2))
    # With round caps the joint would be a blot, with half covered pixels a gap.
    assert np.abs(profile - np.median(profile)).max() < 0.12


def test_marks_scale_with_the_canvas(make_stroke: Make) -> None:
    small = mark(make_stroke, wet=0.8, r0=8, r1=6)
    large = small.copy()
    large[[0, 1, 3, 4, 5, 6, 12]] *= 4
    shrunk = paint(large, 160, 160).reshape(40, 4, 40, 4, 3).mean(axis=(1, 3))
    # Edges are a pixel wide at either size.
    assert np.abs(shrunk - paint(small)).mean() < 0.012


def test_colour_columns_are_where_the_kernel_looks(make_stroke: Make) -> None:
    one = mark(make_stroke)
    one[RED : BLUE + 1] = 1
    assert (paint(one) == 1).all()
