import numpy as np
import numpy.typing as npt
import pytest

from tests.pictures import load_picture
from underpaint.renderers import Program, get_medium, names, psnr
from underpaint.renderers.region.fill import fill_region
from underpaint.renderers.strokes.columns import CX, CY

UInt8 = npt.NDArray[np.uint8]
Bool = npt.NDArray[np.bool_]

MEDIA = [name for name in names() if name != "region" and get_medium(name).fills]


@pytest.fixture(scope="module")
def picture() -> UInt8:
    return load_picture("coffee", (100, 140))


def disc(height: int, width: int, y: float, x: float, radius: float) -> Bool:
    rows, columns = np.mgrid[0:height, 0:width]
    return np.hypot(rows - y, columns - x) < radius


def fill(name: str, picture: UInt8, mask: Bool, budget: int, seed: int = 0) -> Program:
    medium = get_medium(name)
    return Program.of(fill_region(medium, picture, mask, budget, "draft", seed, medium.filling()))


@pytest.mark.parametrize("name", MEDIA)
def test_strokes_are_in_pixels_of_the_picture(name: str, picture: UInt8) -> None:
    mask = disc(100, 140, 65, 95, 28)
    part = fill(name, picture, mask, 60)
    assert (part.medium, part.size) == (name, (100, 140))
    assert 1 <= len(part) <= 60
    # Within the box of the region and its margin, give or take a stroke's centre that lies beyond it.
    assert 95 - 50 < np.median(part.strokes[:, CX]) < 95 + 50
    assert abs(np.median(part.strokes[:, CX]) - 95) < 15
    assert abs(np.median(part.strokes[:, CY]) - 65) < 15
    get_medium(name).check(part)


@pytest.mark.parametrize("mask", [disc(100, 140, 65, 95, 28), disc(100, 140, 0, 0, 40), disc(100, 140, 99, 139, 30)])
def test_the_region_is_painted_where_it_is(mask: Bool, picture: UInt8) -> None:
    """Closer to the picture than its best single colour, and than the same strokes a few pixels off."""
    canvas = fill("bezier", picture, mask, 80).replay()
    inside = picture[mask][:, None]
    flat = np.full_like(inside, inside.mean(axis=(0, 1)))
    assert psnr(canvas[mask][:, None], inside) > psnr(flat, inside) + 4
    moved = np.roll(canvas, (4, 4), (0, 1))
    assert psnr(canvas[mask][:, None], inside) > psnr(moved[mask][:, None], inside) + 2


@pytest.mark.parametrize("name", MEDIA)
def test_nothing_outside_the_region_matters(name: str, picture: UInt8) -> None:
    mask = disc(100, 140, 50, 60, 25)
    other = np.where(mask[:, :, None], picture, 255 - np.roll(picture, 31, axis=1))
    one, two = fill(name, picture, mask, 30), fill(name, other, mask, 30)
    np.testing.assert_array_equal(one.strokes, two.strokes)


def test_no_strokes_are_spent_on_the_outline(picture: UInt8) -> None:
    """A flat region in a busy picture is flat to the medium: painting it to its edge takes next to nothing."""
    mask = disc(100, 140, 50, 60, 30)
    flat = np.where(mask[:, :, None], np.uint8(90), picture)
    canvas = fill("bezier", flat, mask, 12).replay()
    assert np.abs(canvas[mask].astype(int) - 90).max() <= 6


def test_same_seed_same_strokes_another_seed_others(picture: UInt8) -> None:
    mask = disc(100, 140, 50, 60, 25)
    first, again, other = (fill("bezier", picture, mask, 30, seed=seed).strokes for seed in (5, 5, 6))
    np.testing.assert_array_equal(first, again)
    assert first.shape != other.shape or (first != other).any()


@pytest.mark.parametrize("size", [(16, 16), (16, 200), (200, 17)])
@pytest.mark.parametrize("where", [(0, 0), (-1, -1), (8, 8)])
def test_a_single_pixel_is_a_region_too(size: tuple[int, int], where: tuple[int, int]) -> None:
    picture = load_picture("coffee", size)
    mask = np.zeros(size, np.bool_)
    mask[where] = True
    part = fill("bezier", picture, mask, 3)
    assert 1 <= len(part) <= 3
    assert np.abs(part.replay()[where].astype(int) - picture[where]).max() <= 8


def test_the_whole_picture_is_filled_as_the_medium_paints_it(picture: UInt8) -> None:
    """With nothing outside it there is nothing to carry on and nothing to cut off."""
    everything, medium = np.ones((100, 140), np.bool_), get_medium("bezier")
    whole = medium.fit(picture, strokes=40, quality="draft", seed=3, options=medium.filling(), guides={})
    np.testing.assert_array_equal(fill("bezier", picture, everything, 40, seed=3).strokes, whole.strokes)
