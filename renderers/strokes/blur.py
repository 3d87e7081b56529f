"""A Gaussian blur that is the same on every processor."""

from __future__ import annotations

import math
from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt
from scipy.ndimage import correlate1d

Plane = TypeVar("Plane", npt.NDArray[np.float32], npt.NDArray[np.float64])


def blurred(plane: Plane, sigma: float, mode: Literal["nearest", "reflect"] = "nearest") -> Plane:
    """Return a plane, float32 or float64 (H, W), blurred with a Gaussian of `sigma` px, cut off at 4 sigma.

    As scipy's `gaussian_filter`, whose weights differ in their last bit from processor to processor.

    Args:
        plane: float32 or float64 (H, W).
        sigma: in pixels, above 0.
        mode: what lies beyond the border, as in scipy: the `nearest` pixels again, or the picture `reflect`ed.
    """
    reach = int(4 * sigma + 0.5)
    weights = np.array([math.exp(-0.5 / (sigma * sigma) * x**2) for x in range(-reach, reach + 1)])
    weights /= weights.sum()
    for axis in (0, 1):
        plane = correlate1d(plane, weights, axis=axis, mode=mode)
    return plane
