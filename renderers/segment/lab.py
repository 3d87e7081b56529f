"""CIELAB, by arithmetic that gives the same numbers on every machine."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from underpaint.renderers.strokes.kernels import EXACT
from underpaint.renderers.strokes.tiles import Float32

# Light of each sRGB value (IEC 61966-2-1). Rounded, so that the last bit of a system's power function does not count.
_LIGHT = np.array(
    [round(v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4, 9) for v in (k / 255 for k in range(256))]
)
# From linear sRGB to X, Y and Z over those of the white of D65 (2 degrees).
_XYZ = np.array(
    [
        [0.412453 / 0.95047, 0.357580 / 0.95047, 0.180423 / 0.95047],
        [0.212671, 0.715160, 0.072169],
        [0.019334 / 1.08883, 0.119193 / 1.08883, 0.950227 / 1.08883],
    ]
)


@njit(**{**EXACT, "inline": "always"})
def _root(value: Any) -> Any:
    """Return CIELAB's f: the cube root of a value of 0 to 1, linear near 0."""
    if value <= 0.008856:
        return 7.787 * value + 16.0 / 116.0
    # Newton's method from a start that is right to a fifth: five steps reach the last bits.
    root = 0.3 + 0.7 * value
    for _ in range(5):
        root -= (root - value / (root * root)) / 3.0
    return root


@njit(**EXACT)
def _convert(image: npt.NDArray[np.uint8], light: Any, xyz: Any, lab: Float32) -> None:
    height, width = image.shape[:2]
    for y in range(height):
        for x in range(width):
            red, green, blue = light[image[y, x, 0]], light[image[y, x, 1]], light[image[y, x, 2]]
            fx = _root(xyz[0, 0] * red + xyz[0, 1] * green + xyz[0, 2] * blue)
            fy = _root(xyz[1, 0] * red + xyz[1, 1] * green + xyz[1, 2] * blue)
            fz = _root(xyz[2, 0] * red + xyz[2, 1] * green + xyz[2, 2] * blue)
            lab[0, y, x] = 116.0 * fy - 16.0
            lab[1, y, x] = 500.0 * (fx - fy)
            lab[2, y, x] = 200.0 * (fy - fz)


def to_lab(image: npt.NDArray[np.uint8]) -> Float32:
    """Return lightness (0..100), a and b of sRGB, uint8 (H, W, 3) -> float32 (3, H, W)."""
    lab = np.empty((3, *image.shape[:2]), np.float32)
    # A copy: for an array that is read-only, as Pillow gives them, the kernel would be compiled once more.
    _convert(np.array(image, order="C"), _LIGHT, _XYZ, lab)
    return lab
