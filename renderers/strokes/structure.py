"""Where a picture's structure runs: the structure tensor's direction and coherence, for aligning strokes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from underpaint.renderers.strokes.kernels import FAST, INLINE
from underpaint.renderers.strokes.tiles import Float32

# Two passes of a box of this radius come near a Gaussian of sigma 2, the scale of the smallest strokes. They are not
# those of segment/contrast.py, whose sums round differently on some processors: every painting hangs on these.
_BOX_RADIUS = 2


@njit(**FAST)
def _box_rows(source: Float32, target: Float32, radius: int) -> None:
    """Write the transpose of the running mean along rows, edges repeated, so that two calls blur both ways."""
    height, width = source.shape
    share = np.float32(1.0 / (2 * radius + 1))
    for y in range(height):
        total = np.float32(0)
        for x in range(-radius, radius + 1):
            total += source[y, min(max(x, 0), width - 1)]
        for x in range(width):
            target[x, y] = total * share
            total += source[y, min(x + radius + 1, width - 1)] - source[y, max(x - radius, 0)]


def _blur(field: Float32) -> Float32:
    turned = np.empty(field.shape[::-1], np.float32)
    for _ in range(2):
        _box_rows(field, turned, _BOX_RADIUS)
        _box_rows(turned, field, _BOX_RADIUS)
    return field


@njit(**FAST)
def _gradient_products(luma: Float32, xx: Float32, yy: Float32, xy: Float32) -> None:
    height, width = luma.shape
    half = np.float32(0.5)
    for y in range(height):
        for x in range(width):
            dx = (luma[y, min(x + 1, width - 1)] - luma[y, max(x - 1, 0)]) * half
            dy = (luma[min(y + 1, height - 1), x] - luma[max(y - 1, 0), x]) * half
            xx[y, x], yy[y, x], xy[y, x] = dx * dx, dy * dy, dx * dy


def structure_tensor(image_HWC: Float32) -> Float32:
    """Return the smoothed structure tensor (Förstner & Gülch 1987) of a picture's brightness.

    Args:
        image_HWC: float32 (H, W, 3), 0..1.

    Returns:
        float32 (3, H, W): the mean over about two pixels of dx², dy² and dx dy.
    """
    luma = np.ascontiguousarray(image_HWC.sum(axis=2) * np.float32(1 / 3))
    tensor = np.empty((3, *luma.shape), np.float32)
    _gradient_products(luma, *tensor)
    for field in tensor:
        _blur(field)
    return tensor


@njit(**INLINE)
def orientation(tensor: Float32, y: Any, x: Any) -> tuple[Any, Any]:
    """Return the structure's direction (radians, along edges) and clarity (0..1) at (y, x), 0..1 of the picture."""
    row = min(int(y * np.float32(tensor.shape[1])), tensor.shape[1] - 1)
    column = min(int(x * np.float32(tensor.shape[2])), tensor.shape[2] - 1)
    xx, yy, xy = tensor[0, row, column], tensor[1, row, column], tensor[2, row, column]
    difference, cross = xx - yy, np.float32(2) * xy
    # Half the angle is the gradient's direction; 90 degrees on lies the edge.
    angle = np.float32(0.5) * math.atan2(cross, difference) + np.float32(0.5 * math.pi)
    return angle, math.sqrt(difference * difference + cross * cross) / (xx + yy + np.float32(1e-6))
