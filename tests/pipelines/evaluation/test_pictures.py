from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import metrics

from tests.pipelines.evaluation.canvases import noise, sheets
from underpaint import renderers
from underpaint.pipelines.evaluation.pictures import PSNR_MAX, blankness, l1, mse, psnr, ssim


def test_errors_of_even_pictures_are_known() -> None:
    black, white, grey = sheets(0, 255, 51)
    assert (mse(black, white), l1(black, white), psnr(black, white)) == (1.0, 1.0, 0.0)
    assert mse(black, grey) == pytest.approx(0.04)
    assert l1(black, grey) == pytest.approx(0.2)
    assert psnr(black, grey) == pytest.approx(13.9794, abs=1e-4)


def test_equal_pictures_are_as_good_as_can_be() -> None:
    picture = noise(0)[0]
    assert (mse(picture, picture), l1(picture, picture), psnr(picture, picture)) == (0, 0, PSNR_MAX)
    assert ssim(picture, picture) == pytest.approx(1.0)


def test_one_value_off_by_one_is_still_told_from_equal() -> None:
    picture = noise(0, size=(64, 64))[0]
    other = picture.copy()
    other[0, 0, 0] ^= 1
    assert 80 < psnr(picture, other) < PSNR_MAX


@given(st.integers(0, 1000), st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_errors_agree_with_scikit_image_and_the_renderers(one: int, two: int) -> None:
    a, b = noise(one)[0], noise(two + 2000)[0]
    assert mse(a, b) == pytest.approx(metrics.mean_squared_error(a / 255, b / 255))
    assert psnr(a, b) == pytest.approx(metrics.peak_signal_noise_ratio(b, a))
    assert psnr(a, b) == pytest.approx(renderers.psnr(a, b))
    assert l1(a, b) == pytest.approx(np.abs(a / 255 - b / 255).mean())
    assert mse(a, b) == mse(b, a)
    assert l1(a, b) ** 2 <= mse(a, b) <= l1(a, b)


def test_ssim_is_that_of_the_paper() -> None:
    """SSIM of two even pictures is its luminance term alone, (2ab + C) / (a² + b² + C) with C = (0.01 · 255)²."""
    dark, light = sheets(50, 100, size=(32, 32))
    constant = 2.55**2
    assert ssim(dark, light) == pytest.approx((2 * 50 * 100 + constant) / (50**2 + 100**2 + constant))


def test_ssim_falls_with_noise_and_can_be_negative() -> None:
    picture = noise(1, size=(48, 48))[0]
    slightly = np.clip(picture + np.random.default_rng(2).normal(0, 20, picture.shape), 0, 255).astype(np.uint8)
    assert 1 > ssim(picture, slightly) > ssim(picture, noise(3, size=(48, 48))[0])
    assert ssim(picture, 255 - picture) < 0


def test_ssim_needs_room_for_its_window() -> None:
    with pytest.raises(ValueError, match="smaller than SSIM's window"):
        ssim(*sheets(0, 1, size=(10, 40)))


def test_blankness_of_known_pictures() -> None:
    halves = sheets(0, size=(20, 24))[0]
    halves[:, 12:] = 255
    assert blankness(halves) == 0.5
    assert blankness(np.full((7, 9, 3), (10, 200, 77), np.uint8)) == 0, "the ground may have any colour"
    one_channel = halves.copy()
    one_channel[..., 1:] = 9
    assert blankness(one_channel) == pytest.approx(0.5 / 3**0.5)


@given(st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_blankness_agrees_with_numpy(seed: int) -> None:
    picture = noise(seed)[0]
    assert blankness(picture) == pytest.approx(np.sqrt((picture / 255).var(axis=(0, 1)).mean()))
    assert 0 <= blankness(picture) <= 0.5
