import numpy as np
import pytest
from PIL import Image

from underpaint.renderers.segment.working_size import enlarge_labels, shrink


def test_small_pictures_are_not_touched() -> None:
    picture = np.zeros((40, 50, 3), np.uint8)
    assert shrink(picture, 50) is picture
    assert enlarge_labels(np.arange(2000, dtype=np.int32).reshape(40, 50), picture, picture).max() == 1999


@pytest.mark.parametrize(("shape", "small"), [((100, 50), (40, 20)), ((1000, 2), (40, 1)), ((64, 80), (32, 40))])
def test_shrinks_to_the_longer_side(shape: tuple[int, int], small: tuple[int, int]) -> None:
    assert shrink(np.zeros((*shape, 3), np.uint8), max(small)).shape[:2] == small


def test_labels_follow_a_slanted_edge_exactly() -> None:
    """Steps of four pixels would be off by hundreds."""
    y, x = np.mgrid[0:160, 0:200]
    truth = (x + 0.37 * y > 130).astype(np.int32)
    picture = np.where(truth[:, :, None] == 1, np.uint8(200), np.uint8(60)).repeat(3, axis=2)
    small = shrink(picture, 50)
    labels = (small[:, :, 0] > 130).astype(np.int32)
    blocks = np.asarray(Image.fromarray(labels).resize((200, 160), Image.Resampling.NEAREST))
    assert (blocks != truth).sum() > 100
    assert (enlarge_labels(labels, small, picture) != truth).sum() == 0
