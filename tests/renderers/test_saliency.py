import numpy as np
import numpy.typing as npt
import pytest

from tests.pictures import load_picture
from tests.renderers.scenes import make_subjects
from underpaint.renderers.saliency import saliency

UInt8 = npt.NDArray[np.uint8]


def test_subjects_are_found_before_grounds_that_are_not_plain() -> None:
    """A mean error of 0.04 and an F-measure of 0.95 were measured when this was written."""
    errors, precisions, recalls = [], [], []
    levels = np.arange(1, 20) / 20
    for picture, subject in make_subjects():
        found = saliency(picture)
        errors.append(np.abs(found - subject).mean())
        hits = [(found >= level)[subject].sum() for level in levels]
        precisions.append(hits / np.maximum([(found >= level).sum() for level in levels], 1))
        recalls.append(hits / subject.sum())
    precision, recall = np.mean(precisions, axis=0), np.mean(recalls, axis=0)
    assert np.mean(errors) < 0.05
    assert (1.3 * precision * recall / (0.3 * precision + recall)).max() > 0.93


def test_object_on_plain_ground_is_salient_to_the_pixel() -> None:
    picture = np.full((120, 160, 3), (60, 110, 160), np.uint8)
    picture[40:90, 50:100] = (200, 120, 40)
    found = saliency(picture)
    assert (found.shape, found.dtype) == ((120, 160), np.float32)
    assert found[42:88, 52:98].min() > 0.9
    found[38:92, 48:102] = 0
    assert found.max() < 0.1


def test_large_pictures_are_seen_small_and_give_a_map_of_their_size() -> None:
    large = saliency(load_picture("astronaut", (800, 1200)))
    small = saliency(load_picture("astronaut", (200, 300)))
    assert large.shape == (800, 1200)
    assert np.corrcoef(large[2::4, 2::4].ravel(), small.ravel())[0, 1] > 0.7


def test_same_picture_gives_same_map() -> None:
    picture = load_picture("cat", (128, 128))
    assert np.array_equal(saliency(picture), saliency(picture.copy()))


def test_nothing_is_salient_in_one_colour() -> None:
    assert not saliency(np.full((40, 30, 3), 90, np.uint8)).any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 60), (2, 3), (16, 16), (400, 5)])
def test_any_shape_gives_0_to_1(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (*shape, 3)).astype(np.uint8)
    found = saliency(noise)
    assert found.shape == shape
    assert np.isfinite(found).all()
    assert 0 <= found.min() <= found.max() <= 1


def test_the_lower_edge_counts_half() -> None:
    """What stands on it, as a bust does, is more salient than the same hanging from the upper edge."""
    picture = np.full((120, 160, 3), (60, 110, 160), np.uint8)
    picture[90:, 40:120] = (200, 120, 40)
    picture[20:60, 60:100] = (180, 30, 90)
    standing, hanging = saliency(picture)[90:, 40:120], saliency(picture[::-1].copy())[:30, 40:120]
    assert standing.mean() > hanging.mean() + 0.4


def test_more_patches_than_superpixels_are_numbers_still() -> None:
    patches = np.random.default_rng(0).integers(0, 256, (16, 16, 3)).astype(np.uint8)
    found = saliency(patches.repeat(16, axis=0).repeat(16, axis=1))
    assert np.isfinite(found).all()
    assert found.max() > 0
