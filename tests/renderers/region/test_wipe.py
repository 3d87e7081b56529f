import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from tests.pictures import load_picture
from tests.renderers.conftest import nearest_by_search
from underpaint.renderers.region.wipe import uncover, wipe_region
from underpaint.renderers.strokes.columns import (
    A0,
    A1,
    BLUE,
    BOW,
    COLUMNS,
    CX,
    CY,
    EDGE,
    LENGTH,
    MAX_BOW,
    R0,
    R1,
    RED,
    THETA,
)
from underpaint.renderers.strokes.structure import structure_tensor
from underpaint.renderers.strokes.tiles import TILE_PIXELS, from_tiles, make_grid

UInt8 = npt.NDArray[np.uint8]
Bool = npt.NDArray[np.bool_]
Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]


def blank(height: int, width: int) -> Float32:
    return np.zeros((-(-height // 8), -(-width // 8), TILE_PIXELS), np.float32)


def as_image(cover: Float32, height: int, width: int) -> Float32:
    return from_tiles(np.repeat(cover[:, :, None], 3, axis=2), height, width)[:, :, 0]


def covered(wipes: Float32, height: int, width: int) -> Float32:
    """How far the wipes uncover each pixel, (height, width) in 0..1."""
    cover, grid = blank(height, width), make_grid(height, width)
    uncover(cover, grid.x_TP, grid.y_TP, wipes)
    return as_image(cover, height, width)


def covered_by_search(wipes: Float32, height: int, width: int) -> Float64:
    """The same with none of the project's kernels."""
    y, x = np.mgrid[0:height, 0:width] + 0.5
    cover = np.zeros((height, width))
    for wipe in wipes.astype(np.float64):
        distance, t = nearest_by_search(wipe, x, y)
        radius, edge = wipe[R0] + (wipe[R1] - wipe[R0]) * t, max(wipe[EDGE], 1.0)
        cover = np.maximum(cover, np.clip(np.minimum((radius - distance) / edge + 0.5, 2 * radius / edge), 0, 1))
    return cover


def lay(image: UInt8, mask: Bool, budget: int) -> Float32:
    return wipe_region(mask, image, structure_tensor(image.astype(np.float32) / np.float32(255)), budget)


def shapes(height: int, width: int) -> dict[str, Bool]:
    """Regions as segmenters make them: compact, long and thin, with a hole, in two pieces, and a single pixel."""
    y, x = np.mgrid[0:height, 0:width]
    radius = np.hypot((y - height / 2) / height, (x - width / 2) / width)
    return {
        "everything": np.ones((height, width), np.bool_),
        "disc": radius < 0.3,
        "diagonal band": np.abs(y / height - x / width) < 0.04,
        "ring": (radius > 0.25) & (radius < 0.4),
        "two corners": (y + x < 25) | (y + x > height + width - 30),
        "pixel": (y == 7) & (x == 9),
    }


# --- uncovering


@pytest.mark.parametrize("seed", range(3))
def test_uncovering_agrees_with_an_independent_painter(seed: int, random_strokes: Callable[..., Float32]) -> None:
    bent = random_strokes(12, 37, 53, seed)
    straight = bent.copy()
    straight[:, BOW] = 0
    np.testing.assert_allclose(covered(straight, 37, 53), covered_by_search(straight, 37, 53), atol=1e-4)
    # One Newton step is a fraction of a pixel off where a fat brush takes a short bend.
    assert np.abs(covered(bent, 37, 53) - covered_by_search(bent, 37, 53)).mean() < 5e-3


def test_uncovering_never_hides_again(random_strokes: Callable[..., Float32]) -> None:
    wipes, grid, cover = random_strokes(10, 40, 40, 7), make_grid(40, 40), blank(40, 40)
    before = as_image(cover, 40, 40)
    for n in range(len(wipes)):
        uncover(cover, grid.x_TP, grid.y_TP, wipes[n : n + 1])
        after = as_image(cover, 40, 40)
        assert (after >= before).all()
        before = after
    assert 0 <= before.min() < before.max() <= 1


def test_the_order_of_wipes_does_not_matter(random_strokes: Callable[..., Float32]) -> None:
    wipes = random_strokes(10, 40, 40, 8)
    np.testing.assert_array_equal(covered(wipes, 40, 40), covered(wipes[::-1].copy(), 40, 40))


def test_no_wipe_uncovers_nothing() -> None:
    assert (covered(np.zeros((0, len(COLUMNS)), np.float32), 20, 30) == 0).all()


# --- laying wipes


@pytest.mark.parametrize("budget", [1, 5, 60])
@pytest.mark.parametrize("name", list(shapes(8, 8)))
def test_wipes_uncover_any_region_within_the_budget(name: str, budget: int) -> None:
    image = load_picture("temple", (90, 120))
    mask = shapes(90, 120)[name]
    wipes = lay(image, mask, budget)
    assert 1 <= len(wipes) <= budget
    assert wipes.shape[1] == len(COLUMNS)
    assert np.isfinite(wipes).all()
    assert (covered(wipes, 90, 120)[mask] > 0.5).mean() >= 0.95


@pytest.mark.parametrize("picture", ["temple", "coffee"])
def test_the_budget_of_a_real_picture_is_enough(picture: str) -> None:
    """At the sizes and budgets of a corpus, where the brush could be anything: not only what is left at the end."""
    image = load_picture(picture, (384, 512))
    mask = shapes(384, 512)["disc"]
    wipes = lay(image, mask, 280)
    assert (covered(wipes, 384, 512)[mask] > 0.5).mean() >= 0.95
    # Nor is the region done at once.
    assert (covered(wipes[: len(wipes) // 2], 384, 512)[mask] > 0.5).mean() < 0.7


def test_wipes_are_strokes_that_any_medium_could_paint() -> None:
    image = load_picture("temple", (90, 120))
    wipes = lay(image, shapes(90, 120)["disc"], 40)
    assert wipes.dtype == np.float32
    assert (np.abs(wipes[:, BOW]) <= MAX_BOW * wipes[:, LENGTH] + 1e-5).all()
    np.testing.assert_array_equal(wipes[:, R0], wipes[:, R1])
    assert (wipes[:, A0 : A1 + 1] == 1).all()
    assert wipes[:, RED : BLUE + 1].min() >= 0
    assert wipes[:, RED : BLUE + 1].max() <= 1
    assert ((wipes[:, CX] >= 0) & (wipes[:, CX] <= 120) & (wipes[:, CY] >= 0) & (wipes[:, CY] <= 90)).all()


def test_a_larger_budget_takes_a_finer_brush() -> None:
    image = load_picture("temple", (90, 120))
    mask = shapes(90, 120)["disc"]
    radii = [lay(image, mask, budget)[0, R0] for budget in (3, 10, 40)]
    assert radii[0] > radii[1] > radii[2]
    # However many, no finer than this: the rest of the budget is left.
    fine = lay(image, mask, 4000)
    assert len(fine) < 1000
    assert fine[0, R0] == 2


@pytest.mark.parametrize("degrees", [20, 75, 140])
def test_wipes_follow_clear_structure(degrees: int) -> None:
    """Stripes at an angle, in a region that is wider than high."""
    y, x = np.mgrid[0:80, 0:120]
    phase = x * math.sin(math.radians(degrees)) - y * math.cos(math.radians(degrees))
    stripes = np.round(127.5 + 100 * np.sin(phase * 2 * math.pi / 10)).astype(np.uint8)
    wipes = lay(np.repeat(stripes[:, :, None], 3, axis=2), np.ones((80, 120), np.bool_), 60)
    long = wipes[wipes[:, LENGTH] > 2 * wipes[:, R0]]
    assert len(long) > len(wipes) / 3
    off = (np.degrees(long[:, THETA]) - degrees + 90) % 180 - 90
    assert np.median(np.abs(off)) < 4


def test_where_there_is_no_structure_wipes_run_along_the_region() -> None:
    y, x = np.mgrid[0:100, 0:100]
    mask = np.abs(y - x) < 12
    wipes = lay(np.full((100, 100, 3), 90, np.uint8), mask, 30)
    long = wipes[wipes[:, LENGTH] > 2 * wipes[:, R0]]
    assert len(long) > len(wipes) / 3
    np.testing.assert_allclose(np.degrees(long[:, THETA]), 45, atol=3)


def test_wiping_goes_from_one_side_to_the_other() -> None:
    """A level region from its upper edge down, an upright one from left to right."""
    for high, wide, across in ((40, 120, CY), (120, 40, CX)):
        wipes = lay(np.full((high, wide, 3), 90, np.uint8), np.ones((high, wide), np.bool_), 50)
        first, last = wipes[: len(wipes) // 4, across], wipes[-(len(wipes) // 4) :, across]
        assert first.max() < last.min()


def test_same_region_same_wipes() -> None:
    image, mask = load_picture("temple", (90, 120)), shapes(90, 120)["ring"]
    np.testing.assert_array_equal(lay(image, mask, 30), lay(image.copy(), mask.copy(), 30))
