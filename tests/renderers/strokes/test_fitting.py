import numpy as np
import numpy.typing as npt
import pytest

from tests.pictures import load_picture
from underpaint.renderers import Program, psnr
from underpaint.renderers.strokes.adam import Refinement
from underpaint.renderers.strokes.columns import BLUE, COLUMNS, CX, CY, R0, RED
from underpaint.renderers.strokes.fitting import ScaledTarget, Stage, fit_strokes, working_scale
from underpaint.renderers.strokes.search import Search
from underpaint.renderers.strokes.shapes import Brush
from underpaint.renderers.strokes.tiles import from_tiles

UInt8 = npt.NDArray[np.uint8]
Float32 = npt.NDArray[np.float32]
WHITE = np.ones(3, np.float32)
QUICK = Search(candidates=16, climbs=16)
PLACE = [Stage(scale=0.25, share=1, search=QUICK), Stage(scale=1.0, share=3, search=QUICK)]
REFINE = Stage(scale=1.0, refinement=Refinement(steps=40))


def fidelity(picture: UInt8, strokes: Float32) -> float:
    size = (picture.shape[0], picture.shape[1])
    return psnr(Program(medium="bezier", size=size, ground=WHITE, strokes=strokes).replay(), picture)


@pytest.fixture(scope="module")
def picture() -> UInt8:
    return load_picture("temple", (120, 160))


def test_more_strokes_come_closer(picture: UInt8) -> None:
    fidelities = [fidelity(picture, fit_strokes(picture, WHITE, count, PLACE, 0)[0]) for count in (20, 80, 320)]
    assert fidelities[0] + 1 < fidelities[1]
    assert fidelities[1] + 1 < fidelities[2]


def test_coarse_strokes_come_first_and_are_larger(picture: UInt8) -> None:
    strokes, _ = fit_strokes(picture, WHITE, 100, PLACE, 0)
    assert strokes.shape == (100, len(COLUMNS))
    assert strokes[:25, R0].mean() > 2 * strokes[25:, R0].mean()


def test_shares_split_the_budget(picture: UInt8) -> None:
    brushes = (Brush(radius_min=9, radius_max=10), Brush(radius_min=1, radius_max=1.2))
    stages = [
        Stage(scale=1.0, share=share, brush=brush, search=QUICK) for share, brush in zip((1, 4), brushes, strict=True)
    ]
    radius = fit_strokes(picture, WHITE, 50, stages, 0)[0][:, R0]
    assert (radius[:10] > 5).all()
    assert (radius[10:] < 5).all()


def test_refinement_and_replacement_help(picture: UInt8) -> None:
    placed, _ = fit_strokes(picture, WHITE, 150, PLACE, 0)
    refined, _ = fit_strokes(picture, WHITE, 150, [*PLACE, REFINE], 0)
    replaced, _ = fit_strokes(
        picture, WHITE, 150, [*PLACE, REFINE, Stage(scale=1.0, replace=0.3, search=QUICK), REFINE], 0
    )
    assert len(placed) == len(refined) == len(replaced) == 150
    assert fidelity(picture, placed) + 0.5 < fidelity(picture, refined) < fidelity(picture, replaced) - 0.3


def brightness(strokes: Float32) -> Float32:
    return strokes[:, RED : BLUE + 1] @ np.array([0.299, 0.587, 0.114], np.float32)


def test_strokes_so_far_are_put_in_order_from_dark_to_light(picture: UInt8) -> None:
    """The strokes that were placed before, no others, and those that are placed later lie over them as ever."""
    in_order = Stage(scale=0.25, dark_to_light=True)
    placed, _ = fit_strokes(picture, WHITE, 100, PLACE[:1], 0)
    ordered, _ = fit_strokes(picture, WHITE, 100, [PLACE[0], in_order], 0)
    assert (np.diff(brightness(ordered)) >= 0).all()
    assert not (np.diff(brightness(placed)) >= 0).all()
    np.testing.assert_allclose(ordered, placed[np.argsort(brightness(placed), kind="stable")], rtol=1e-6)

    strokes, placed_in = fit_strokes(picture, WHITE, 100, [PLACE[0], in_order, PLACE[1]], 0)
    np.testing.assert_array_equal(placed_in, np.repeat([0, 2], [25, 75]))
    assert (np.diff(brightness(strokes[:25])) >= 0).all()
    assert not (np.diff(brightness(strokes[25:])) >= 0).all()


def test_order_from_dark_to_light_keeps_the_work_of_each_stage_apart(picture: UInt8) -> None:
    """Strokes change places across stages; how many each stage placed is still told, and never falls."""
    _, placed_in = fit_strokes(picture, WHITE, 100, [*PLACE, Stage(scale=1.0, dark_to_light=True)], 0)
    np.testing.assert_array_equal(placed_in, np.repeat([0, 1], [25, 75]))


def test_nothing_to_put_in_order_is_no_mistake() -> None:
    blank = np.full((40, 50, 3), 255, np.uint8)
    strokes, placed_in = fit_strokes(blank, WHITE, 10, [PLACE[0], Stage(scale=1.0, dark_to_light=True), REFINE], 0)
    assert strokes.shape == (0, len(COLUMNS))
    assert placed_in.shape == (0,)


@pytest.mark.parametrize("size", [(512, 300), (2000, 1500), (64, 1000), (16, 16), (40, 30)])
def test_the_working_canvas_is_no_larger_than_the_strokes_and_the_picture_warrant(size: tuple[int, int]) -> None:
    for strokes in (1, 100, 1000, 4000):
        scale = working_scale(1.0, strokes, *size)
        working = max(size) * scale
        assert scale <= 1
        # At least 32 px long and 8 px across, the picture itself at most; twice 512 px for four times 1,000 strokes.
        assert working >= min(32, max(size)) - 1e-6
        assert min(size) * scale >= 8 - 1e-6
        limit = 512 * max(strokes / 1000, 1) ** 0.5
        assert working <= max(limit, 8 * max(size) / min(size)) + 1e-6
        assert working_scale(0.25, strokes, *size) <= scale


def test_a_level_has_the_picture_at_its_scale(picture: UInt8) -> None:
    level = ScaledTarget(picture, 0.25)
    assert (level.grid.height, level.grid.width) == (30, 40)
    shrunk = picture.reshape(30, 4, 40, 4, 3).mean(axis=(1, 3)) / 255
    # Rounded to 8 bits twice, along each axis.
    np.testing.assert_allclose(from_tiles(level.target, 30, 40), shrunk, atol=1.02 / 255)
    whole = from_tiles(ScaledTarget(picture, 1.0).target, 120, 160)
    np.testing.assert_array_equal(np.round(whole * 255).astype(np.uint8), picture)


def test_pictures_larger_than_the_working_canvas_are_fitted_in_their_own_pixels() -> None:
    large = load_picture("astronaut", (1100, 900))
    strokes, _ = fit_strokes(large, WHITE, 200, [*PLACE, REFINE], 0)
    assert strokes[:, CX].max() > 0.8 * 900
    assert strokes[:, CY].max() > 0.8 * 1100
    small = load_picture("astronaut", (550, 450))
    # The same effort on the same working canvas: about the same painting, only larger.
    assert fidelity(large, strokes) == pytest.approx(
        fidelity(small, fit_strokes(small, WHITE, 200, [*PLACE, REFINE], 0)[0]), abs=1.0
    )


def test_budgets_beyond_a_thousand_earn_a_larger_canvas() -> None:
    """2,500 strokes of a picture 1,000 px wide are placed on 810 px, with brushes that are finer than on 512."""
    large = load_picture("astronaut", (1000, 1000))
    stages = [Stage(scale=1.0, share=1, search=Search(candidates=4, climbs=4))]
    least = [fit_strokes(large, WHITE, count, stages, 0)[0][:, R0].min() for count in (1000, 2500)]
    # The finest brush has a radius of 0.8 px of the working canvas.
    assert least[0] >= 0.8 * 1000 / 512 - 1e-3
    assert 0.8 * 1000 / 810 - 1e-2 <= least[1] < 0.8 * 1000 / 512


@pytest.mark.parametrize("size", [(16, 16), (16, 300), (300, 16), (17, 23)])
def test_small_and_narrow_pictures_use_canvases_that_still_show_something(size: tuple[int, int]) -> None:
    picture = load_picture("temple", size)
    stages = [Stage(scale=0.01, share=1, search=QUICK), Stage(scale=1.0, share=1, search=QUICK), REFINE]
    strokes, placed_in = fit_strokes(picture, WHITE, 40, stages, 0)
    assert len(strokes) == 40
    np.testing.assert_array_equal(placed_in, np.repeat([0, 1], 20))
    assert np.isfinite(strokes).all()
    assert fidelity(picture, strokes) > psnr(np.full_like(picture, 255), picture) + 6


def test_the_seed_decides(picture: UInt8) -> None:
    first, again, other = (fit_strokes(picture, WHITE, 30, PLACE, seed)[0] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
