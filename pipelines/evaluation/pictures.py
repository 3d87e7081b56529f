"""Measures of single pictures: how close one is to another, and how blank it is. docs/evaluation.md has them all."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from skimage.metrics import structural_similarity

UInt8 = NDArray[np.uint8]

# What equal pictures get in place of infinity, which has no mean and no JSON. A single value that is off by one gives
# 101 dB at 256 px, so nothing real is cut off.
PSNR_MAX = 100.0


def mse(picture: UInt8, target: UInt8) -> float:
    """Return the mean squared difference of two uint8 (H, W, 3), of values in 0..1; 0 to 1."""
    difference = _difference(picture, target)
    # An integer sum is exact, so the figure is the same wherever it is computed.
    return int(np.sum(difference * difference, dtype=np.int64)) / difference.size / 255.0**2


def l1(picture: UInt8, target: UInt8) -> float:
    """Return the mean absolute difference of two uint8 (H, W, 3), of values in 0..1; 0 to 1."""
    difference = _difference(picture, target)
    return int(np.sum(np.abs(difference), dtype=np.int64)) / difference.size / 255.0


def psnr(picture: UInt8, target: UInt8) -> float:
    """Return the peak signal-to-noise ratio of two uint8 (H, W, 3) in dB; 0 to 100, which equal pictures get."""
    error = mse(picture, target)
    return PSNR_MAX if error == 0 else min(PSNR_MAX, -10.0 * math.log10(error))


def ssim(picture: UInt8, target: UInt8) -> float:
    """Return the structural similarity of two uint8 (H, W, 3), mean over the channels; -1 to 1.

    With the settings of the paper (Wang et al. 2004): a Gaussian window of sigma 1.5 and 11 px, population covariance.

    Raises:
        ValueError: pictures of less than 11 px.
    """
    if min(picture.shape[:2]) < 11:
        raise ValueError(f"a picture of {picture.shape[1]} x {picture.shape[0]} px is smaller than SSIM's window of 11")
    _difference(picture, target)
    return float(
        structural_similarity(
            picture, target, channel_axis=2, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
        )
    )


def blankness(picture: UInt8) -> float:
    """Return the spatial standard deviation of a uint8 (H, W, 3), of values in 0..1; 0 (one even colour) to 0.5.

    The root of the variance over the pixels, mean over the channels: the colour of the ground doesn't matter.
    """
    values = picture.reshape(-1, picture.shape[2]).astype(np.int64)
    count = len(values)
    # n² times the variance, in integers: an even picture has exactly 0.
    variances = count * np.square(values).sum(axis=0) - np.square(values.sum(axis=0))
    return float(np.sqrt(variances.mean()) / count / 255.0)


def _difference(a: UInt8, b: UInt8) -> NDArray[np.int32]:
    assert a.shape == b.shape, f"pictures of one shape are compared, not {a.shape} and {b.shape}"
    return a.astype(np.int32) - b
