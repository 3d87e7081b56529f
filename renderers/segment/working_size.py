"""Work on a small copy of a picture, then carry its labels back to full size along the picture's own edges."""

from __future__ import annotations

import math
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from numba import njit
from PIL import Image
from scipy.ndimage import maximum_filter, minimum_filter

from underpaint.renderers.segment.graph import Int32
from underpaint.renderers.strokes.kernels import FAST, HALF, INLINE, ZERO

UInt8 = npt.NDArray[np.uint8]
Value = TypeVar("Value", np.int32, np.float32)

# Labels within this many pixels of the small copy vote on a pixel's label. A voter's weight falls with its distance
# (in those pixels) and with the difference of its colour (root of the summed squares of RGB, 0..441).
_REACH = 2
_DISTANCE = np.float32(1.0)
_COLOUR = np.float32(20.0)


def shrink(image: UInt8, side: int) -> UInt8:
    """Return uint8 (H, W, 3) no larger than `side`, by averaging; the picture itself if small enough."""
    height, width = image.shape[:2]
    if max(height, width) <= side:
        return image
    scale = side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BOX))


def sampled(field: npt.NDArray[Value], height: int, width: int) -> npt.NDArray[Value]:
    """Return a field, (H, W), at another size, the nearest values."""
    rows, columns = (np.arange(new) * old // new for new, old in zip((height, width), field.shape, strict=True))
    return np.ascontiguousarray(field[rows][:, columns])


@njit(**INLINE)
def _cast_votes(labels: Any, small: Any, pixel: Any, v: Any, u: Any, found: Any, votes: Any) -> int:
    """Return the winner among the labels around (v, u); `found` and `votes` are scratch."""
    rows, columns = labels.shape
    count = 0
    for p in range(max(int(v) - _REACH, 0), min(int(v) + _REACH, rows - 1) + 1):
        for q in range(max(int(u) - _REACH, 0), min(int(u) + _REACH, columns - 1) + 1):
            dy, dx = (np.float32(p) + HALF - v) / _DISTANCE, (np.float32(q) + HALF - u) / _DISTANCE
            away = dy * dy + dx * dx
            for c in range(3):
                difference = (np.float32(pixel[c]) - np.float32(small[p, q, c])) / _COLOUR
                away += difference * difference
            k = 0
            while k < count and found[k] != labels[p, q]:
                k += 1
            if k == count:
                found[k], votes[k] = labels[p, q], ZERO
                count += 1
            votes[k] += math.exp(-HALF * away)
    best = 0
    for k in range(1, count):
        if votes[k] > votes[best]:
            best = k
    return int(found[best])


@njit(**FAST)
def _enlarge(labels: Int32, inside: npt.NDArray[np.bool_], small: UInt8, image: UInt8, enlarged: Int32) -> None:
    height, width = enlarged.shape
    tall, wide = np.float32(labels.shape[0] / height), np.float32(labels.shape[1] / width)
    found = np.empty((2 * _REACH + 1) ** 2, np.int32)
    votes = np.empty((2 * _REACH + 1) ** 2, np.float32)
    for y in range(height):
        v = (np.float32(y) + HALF) * tall
        for x in range(width):
            u = (np.float32(x) + HALF) * wide
            p, q = min(int(v), labels.shape[0] - 1), min(int(u), labels.shape[1] - 1)
            if inside[p, q]:
                enlarged[y, x] = labels[p, q]
            else:
                enlarged[y, x] = _cast_votes(labels, small, image[y, x], v, u, found, votes)


def enlarge_labels(labels: Int32, small: UInt8, image: UInt8) -> Int32:
    """Return the labels of a picture from those of a small copy, by joint bilateral upsampling (Kopf et al. 2007).

    Args:
        labels: int32 (h, w), of `small`.
        small: the copy, uint8 (h, w, 3).
        image: the picture, uint8 (H, W, 3).

    Returns:
        int32 (H, W): near borders each pixel takes the label whose pixels nearby resemble it most. Regions may come out
        in pieces.
    """
    if labels.shape == image.shape[:2]:
        return labels
    size = 2 * _REACH + 1
    inside = minimum_filter(labels, size, mode="nearest") == maximum_filter(labels, size, mode="nearest")
    enlarged = np.empty(image.shape[:2], np.int32)
    _enlarge(labels, inside, small, image, enlarged)
    return enlarged
