import itertools

import numpy as np
import numpy.typing as npt
import pytest
from scipy.ndimage import uniform_filter

from tests.pictures import load_picture
from underpaint.renderers.segment.contrast import CHANNEL_STARTS, blur, contrast, soft_histograms

UInt8 = npt.NDArray[np.uint8]


def test_histograms_of_each_channel_sum_to_one() -> None:
    histograms = soft_histograms(load_picture("motorcycle", (60, 80)))
    assert histograms.shape == (CHANNEL_STARTS[-1], 60, 80)
    for start, stop in itertools.pairwise(CHANNEL_STARTS.tolist()):
        np.testing.assert_allclose(histograms[start:stop].sum(axis=0), 1, atol=1e-5)


@pytest.mark.parametrize("shape", [(40, 30), (1, 9), (3, 2)])
def test_blur_is_a_box_twice(shape: tuple[int, int]) -> None:
    field = np.random.default_rng(0).random(shape, np.float32)
    expected = uniform_filter(uniform_filter(field, 5, mode="nearest"), 5, mode="nearest")
    np.testing.assert_allclose(blur(field, 2), expected, atol=1e-5)


def test_contrast_peaks_on_the_border_of_two_colours_and_is_nothing_on_flat_ground() -> None:
    picture = np.full((60, 80, 3), (90, 120, 60), np.uint8)
    picture[:, 40:] = (160, 90, 60)
    strength = contrast(soft_histograms(picture))
    # Flat for the two pixels that both discs keep clear of.
    assert set(strength.argmax(axis=1)) <= {38, 39, 40, 41}
    assert strength[:, :18].max() < 0.1
    assert strength.max() <= 12


def test_contrast_finds_the_border_of_two_textures_of_equal_mean() -> None:
    """Fine stripes against flat grey: strongest around the border once the grain itself is averaged out."""
    picture = np.full((80, 120, 3), 128, np.uint8)
    picture[::2, :60] = 108
    picture[1::2, :60] = 148
    strength = blur(contrast(soft_histograms(picture)), 2)
    assert abs(int(strength[20:60].mean(axis=0).argmax()) - 60) <= 3
