"""Tones: what a picture would be if it were drawn in graphite."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from underpaint.renderers.strokes.tiles import Float32

UInt8 = npt.NDArray[np.uint8]

# Rec. 601, as in Pillow's "L".
_RED, _GREEN, _BLUE = (np.float32(share / 255) for share in (0.299, 0.587, 0.114))
# The share of the pixels that become bare paper, and the share that becomes the densest graphite.
_BARE, _DENSE = 0.04, 0.01
# But tones this light stay light, and this dark stay dark: a picture without contrast must not get any by force.
_LIGHT, _DARK = 0.75, 0.2
# Draughtsmen leave more light than a photograph has: the middle of the scale becomes .6 of it.
_LIFT = np.float32(0.5)


def pencil_tones(image: UInt8, densest: float) -> Float32:
    """Return what the paper should give back, as a share of bare paper: 1 is paper, `densest` the darkest graphite.

    Brightness is stretched between two quantiles, so that highlights become bare paper and shadows dense graphite, and
    lifted by a mild curve. It is not blurred.

    Args:
        image: uint8 (H, W, 3).
        densest: 0..1.

    Returns:
        float32 (H, W), densest..1.
    """
    red, green, blue = image.astype(np.float32).transpose(2, 0, 1)
    luma = red * _RED + green * _GREEN + blue * _BLUE
    dark, light = np.quantile(luma, [_DENSE, 1 - _BARE])
    dark, light = min(float(dark), _DARK), max(float(light), _LIGHT)
    share = np.clip((luma - np.float32(dark)) / np.float32(light - dark), 0, 1)
    share = share * (1 + _LIFT) / (1 + _LIFT * share)
    return np.asarray(np.float32(densest) + np.float32(1 - densest) * share, np.float32)


def pencil_target(image: UInt8, paper: Float32, densest: float) -> UInt8:
    """Return the picture that a drawing is compared with: `pencil_tones` on plain paper, uint8 (H, W, 3).

    `paper` is its colour, float32 (3,) in 0..1.
    """
    return np.asarray(np.round(pencil_tones(image, densest)[..., None] * paper * np.float32(255)), np.uint8)
