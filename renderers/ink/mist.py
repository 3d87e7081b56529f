"""Mist: a dark background that is left out, as Chinese painters do, but for a pale wash around what is painted."""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy.ndimage import distance_transform_edt

from underpaint.renderers.ink.tones import UInt8, ink_tones
from underpaint.renderers.order.scene import Scene
from underpaint.renderers.region.order import region_means
from underpaint.renderers.strokes.blur import blurred
from underpaint.renderers.strokes.tiles import Float32

# Tones (1 is bare paper) of regions: those below the first are left out, those above the second are painted.
_DARK, _LIGHT = 0.45, 0.65
# How soft the border between regions that are left out and those that aren't is, in sides of the picture.
_SOFT = 0.02
# The wash is as dark as the background is on the whole, so many times paler, and fades within this many sides.
_PALER, _REACH, _EVEN = 0.4, 0.3, 0.04


def dark_background(image: UInt8, scene: Scene) -> Float32:
    """Return how far each pixel belongs to what mist may hide, float32 (H, W), 0..1: dark, and no part of the subject.

    Args:
        image: uint8 (H, W, 3).
        scene: the picture as it is seen.
    """
    tones = region_means(scene.labels, ink_tones(image, 0.0).max(axis=2))
    dark = np.clip((_LIGHT - tones) / (_LIGHT - _DARK), 0, 1)
    behind = (~scene.subject)[scene.labels].astype(np.float32)
    # The subject keeps its edge: only what lies behind it is averaged.
    sigma = _SOFT * max(behind.shape)
    soft = blurred((dark[scene.labels] * behind).astype(np.float32), sigma) / np.maximum(blurred(behind, sigma), 1e-6)
    return np.asarray(soft * behind, np.float32)


def in_mist(tones: Float32, outline: Float32, mist: Float32) -> tuple[Float32, Float32]:
    """Return tones and the plane whose edges are drawn, with mist over them.

    Args:
        tones: float32 (H, W, 3), see `tones.ink_tones`.
        outline: float32 (H, W), see `tones.outlines`. Where mist is, it becomes even, so that only the edge of what is
            painted is drawn.
        mist: float32 (h, w), 0..1, how much of each pixel is left out, at any size.
    """
    size = (tones.shape[1], tones.shape[0])
    mist = np.asarray(Image.fromarray(mist).resize(size, Image.Resampling.BOX))
    if not mist.any():
        return tones, outline
    side = max(size)
    way = distance_transform_edt(mist > mist.max() / 2).astype(np.float32) / np.float32(side)
    near = np.maximum(1 - way / np.float32(_REACH), 0)
    dark = 1 - blurred(np.ascontiguousarray(tones.max(axis=2)), _EVEN * side)
    wash = 1 - np.float32(_PALER) * near * near * dark
    veiled = tones + mist[:, :, None] * (wash[:, :, None] - tones)
    even = np.float32((outline * mist).sum(dtype=np.float64) / mist.sum(dtype=np.float64))
    return veiled.astype(np.float32), (outline + mist * (even - outline)).astype(np.float32)
