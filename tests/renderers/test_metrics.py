import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.metrics import peak_signal_noise_ratio

from tests.pictures import load_picture
from underpaint.renderers.metrics import mean_squared_error, psnr


def test_psnr_is_skimages() -> None:
    a, b = load_picture("temple", (50, 60)), load_picture("coffee", (50, 60))
    assert psnr(a, b) == pytest.approx(peak_signal_noise_ratio(a, b))


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_error_is_exact_and_the_same_both_ways(seed: int) -> None:
    a, b = np.random.default_rng(seed).integers(0, 256, (2, 7, 9, 3), np.uint8)
    expected = sum((int(x) - int(y)) ** 2 for x, y in zip(a.ravel(), b.ravel(), strict=True)) / a.size
    assert mean_squared_error(a, b) == mean_squared_error(b, a) == expected


def test_equal_pictures_are_infinitely_close_and_opposite_ones_at_0_db() -> None:
    black, white = np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 255, np.uint8)
    assert psnr(black, black.copy()) == math.inf
    assert psnr(black, white) == 0.0


def test_pictures_of_different_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(4, 4, 3\) and \(4, 5, 3\)"):
        psnr(np.zeros((4, 4, 3), np.uint8), np.zeros((4, 5, 3), np.uint8))
