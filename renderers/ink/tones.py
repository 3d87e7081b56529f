"""Tones: what a picture would be if it were made of ink on paper."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from underpaint.renderers.strokes.kernels import EXACT
from underpaint.renderers.strokes.tiles import Float32

UInt8 = npt.NDArray[np.uint8]

# Rec. 601, as in Pillow's "L".
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
# What the densest ink lets through of the light that the paper gives back.
DENSEST = 0.1
# The share of the pixels that become bare paper, and the share that becomes the densest ink.
_BARE, _DENSE = 0.05, 0.01
# But tones this light stay light, and this dark stay dark: a picture without contrast must not get any by force.
_LIGHT, _DARK = 0.75, 0.2
# Ink painters leave more light than a photograph has.
_GAMMA = 0.75


def _luma(image: UInt8) -> Float32:
    # Written out: each processor's BLAS sums a product in its own order.
    red, green, blue = np.moveaxis(image.astype(np.float32) * (_LUMA / np.float32(255)), 2, 0)
    return np.asarray(red + green + blue, np.float32)


@njit(**EXACT)
def _curved(share: Float32, gamma: np.float32) -> Float32:
    """Return share ** gamma, float32 (H, W), as the C library has it: numpy's own differs between processors."""
    curved = np.empty_like(share)
    for y in range(share.shape[0]):
        for x in range(share.shape[1]):
            curved[y, x] = share[y, x] ** gamma
    return curved


def ink_tones(image: UInt8, colour: float) -> Float32:
    """Return what the paper should give back, per channel, as a share of bare paper.

    1 is paper, `DENSEST` the darkest ink.

    Brightness is stretched between two quantiles, so that highlights become bare paper and shadows dense ink, lifted by
    a mild curve, and the picture's differences between channels are added, `colour` times as strong. It is not blurred.

    Args:
        image: uint8 (H, W, 3).
        colour: 0 (ink alone) to 1 (the picture's own colours).

    Returns:
        float32 (H, W, 3), DENSEST..1.
    """
    values, luma = image.astype(np.float32) / np.float32(255), _luma(image)
    dark, light = np.quantile(luma, [_DENSE, 1 - _BARE])
    dark, light = min(float(dark), _DARK), max(float(light), _LIGHT)
    share = _curved(np.clip((luma - dark) / (light - dark), 0, 1), np.float32(_GAMMA))
    tone = DENSEST + (1 - DENSEST) * share
    toned = tone[..., None] + colour * (values - luma[..., None])
    return np.asarray(np.clip(toned, DENSEST, 1), np.float32)


def outlines(image: UInt8) -> Float32:
    """Return the plane whose edges are contours: brightness, with some of the darkest channel.

    Thus contours lie where only colours differ, too.

    Args:
        image: uint8 (H, W, 3).

    Returns:
        float32 (H, W), 0..1.
    """
    return np.asarray(0.7 * _luma(image) + image.min(axis=2) * np.float32(0.3 / 255), np.float32)


def ink_target(image: UInt8, paper: Float32, colour: float) -> UInt8:
    """Return the ink-toned picture that a painting is compared with: `ink_tones` on plain paper, uint8 (H, W, 3).

    `paper` is its colour, float32 (3,) in 0..1.
    """
    return np.asarray(np.round(ink_tones(image, colour) * paper * np.float32(255)), np.uint8)
