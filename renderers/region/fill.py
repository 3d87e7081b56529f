"""Filling a region with the strokes of a medium: fitted to its part of the picture, large to small, on a crop of it."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt

from underpaint.renderers.medium import Medium
from underpaint.renderers.program import ProgramData
from underpaint.renderers.strokes.blur import blurred
from underpaint.renderers.strokes.columns import CX, CY

UInt8 = npt.NDArray[np.uint8]
Float32 = npt.NDArray[np.float32]

# Pixels around the region's box: strokes that follow its border lie half outside.
_MARGIN = 8
# The least crop a medium is given to fit.
_LEAST_SIDE = 32
# How far (sigma, px) a region's colours are carried on beyond its border.
_CARRY = 6.0


def fill_region(
    medium: Medium, image: UInt8, mask: npt.NDArray[np.bool_], budget: int, quality: str, seed: int, options: Any
) -> ProgramData:
    """Return a program that paints one region of a picture, in pixels of the picture, and beyond its border.

    Args:
        medium: what to paint it with; one that needs no guides.
        image: uint8 (H, W, 3).
        mask: bool (H, W), the region.
        budget: how many strokes at most, at least 1.
        quality, seed, options: see `renderers.paint`.
    """
    rows, columns = _box(mask)
    crop = _carried_on(image[rows, columns], mask[rows, columns])
    part = medium.fit(crop, strokes=budget, quality=quality, seed=seed, options=options, guides={})
    moved = _moved(part.strokes, columns.start, rows.start)
    return dataclasses.replace(part, size=(image.shape[0], image.shape[1]), strokes=moved)


def fill_progress(
    medium: Medium, part: ProgramData, image: UInt8, mask: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """Return how far a region has come after each mark of `part`, of `fill_region` -> float64 (N,), 0..1."""
    rows, columns = _box(mask)
    crop = _carried_on(image[rows, columns], mask[rows, columns])
    moved = _moved(part.strokes, -columns.start, -rows.start)
    progress = medium.progress(dataclasses.replace(part, size=(crop.shape[0], crop.shape[1]), strokes=moved), crop)
    if progress[-1] <= progress[0]:
        return np.arange(1, len(part) + 1) / max(len(part), 1)
    return np.asarray((progress[1:] - progress[0]) / (progress[-1] - progress[0]), np.float64)


def _moved(strokes: Float32, x: int, y: int) -> Float32:
    moved: Float32 = strokes.copy()
    moved[:, CX] += np.float32(x)
    moved[:, CY] += np.float32(y)
    return moved


def _box(mask: npt.NDArray[np.bool_]) -> tuple[slice, slice]:
    """Return the region's bounding box with a margin, at least `_LEAST_SIDE` wide where the picture is."""
    slices = []
    for axis in (1, 0):
        inside = np.nonzero(mask.any(axis=axis))[0]
        size = mask.shape[1 - axis]
        short = max(_LEAST_SIDE - (int(inside[-1]) + 1 - int(inside[0])), 0)
        margin = max(_MARGIN, -(-short // 2))
        start = max(int(inside[0]) - margin, 0)
        stop = min(max(int(inside[-1]) + 1 + margin, start + _LEAST_SIDE), size)
        slices.append(slice(max(min(start, stop - _LEAST_SIDE), 0), stop))
    return slices[0], slices[1]


def _carried_on(crop: UInt8, mask: npt.NDArray[np.bool_]) -> UInt8:
    """Return the crop with everything outside the region replaced by the region's colours, smoothly.

    No strokes are spent on what lies next to it, and none on its outline.
    """
    inside = mask.astype(np.float64)
    weight = blurred(inside, _CARRY, "reflect")
    carried = np.empty(crop.shape, np.float64)
    for channel in range(3):
        values = crop[:, :, channel] * inside
        mean = values.sum() / inside.sum()
        # Where nothing of the region is near, its mean.
        carried[:, :, channel] = (blurred(values, _CARRY, "reflect") + 1e-3 * mean) / (weight + 1e-3)
    return np.where(mask[:, :, None], crop, np.clip(np.round(carried), 0, 255)).astype(np.uint8)
