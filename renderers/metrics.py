"""How close two pictures are."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

UInt8 = npt.NDArray[np.uint8]


def mean_squared_error(a: UInt8, b: UInt8) -> float:
    """Return the mean squared difference of two uint8 pictures of the same shape, in (0..255)²."""
    if a.shape != b.shape:
        raise ValueError(f"pictures of different shapes can't be compared: {a.shape} and {b.shape}")
    difference = a.astype(np.int32) - b.astype(np.int32)
    # An integer sum is exact, so the figure is the same wherever it is computed.
    return int(np.sum(difference * difference, dtype=np.int64)) / difference.size


def psnr(a: UInt8, b: UInt8) -> float:
    """Return the peak signal-to-noise ratio of two uint8 pictures of the same shape, in dB; infinite if equal."""
    error = mean_squared_error(a, b)
    return math.inf if error == 0 else 10.0 * math.log10(255.0**2 / error)
