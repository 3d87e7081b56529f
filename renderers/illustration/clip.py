"""Regions with smooth outlines at any size: of each pixel the two regions that share it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from underpaint.renderers.strokes.kernels import EXACT, HALF, INLINE, ONE, ZERO
from underpaint.renderers.strokes.tiles import TILE, TILE_PIXELS, Float32, Grid

UInt8 = npt.NDArray[np.uint8]
Int32 = npt.NDArray[np.int32]

# How fast the difference of two B-spline weights grows across a straight border, per pixel of the label map.
_SLOPE = np.float32(4 / 3)


class Clip(NamedTuple):
    """The regions of each pixel, in tiles: uint8, uint8 and float32 (rows, columns, 64).

    `share` of a pixel, 0.5..1, belongs to region `first`, the rest to `second`.
    """

    first: UInt8
    second: UInt8
    share: Float32


@njit(**INLINE)
def clip_share(first: Any, second: Any, share: Any, region: Any, under: Any) -> Any:
    """Return the share of a pixel that belongs to a region; with `under` to it and those of higher numbers."""
    inside = ZERO
    if first == region or (under and first > region):
        inside += share
    if second == region or (under and second > region):
        inside += ONE - share
    return inside


def make_clip(labels: UInt8, grid: Grid) -> Clip:
    """Return the regions of each pixel of a canvas of any size.

    Labels are weighted by a cubic B-spline, so that outlines are smooth when the map is enlarged; the largest sum wins.

    Args:
        labels: uint8 (h, w), the region of each pixel of the label map.
        grid: of the canvas, of the same aspect ratio.
    """
    shape = (len(grid.y_TP), len(grid.x_TP), TILE_PIXELS)
    clip = Clip(np.zeros(shape, np.uint8), np.zeros(shape, np.uint8), np.ones(shape, np.float32))
    _blend_labels(labels, grid.height, grid.width, *clip)
    return clip


@njit(**INLINE)
def _spline(f: Any, weights: Any) -> None:
    """Write the weights of four neighbours at offset f, 0..1, past the second."""
    g = ONE - f
    weights[0] = g * g * g / np.float32(6)
    weights[1] = np.float32(2 / 3) - f * f * (ONE - HALF * f)
    weights[2] = np.float32(2 / 3) - g * g * (ONE - HALF * g)
    weights[3] = f * f * f / np.float32(6)


@njit(**EXACT)
def _blend_labels(labels: UInt8, height: int, width: int, first: UInt8, second: UInt8, share: Float32) -> None:
    rows, columns = labels.shape
    scale_y, scale_x = np.float32(rows / height), np.float32(columns / width)
    # On a canvas as large as the map, or smaller, at least what belongs to one region alone is that one's.
    sharpness = max(ONE / (_SLOPE * max(scale_x, scale_y)), ONE)
    along_y, along_x = np.empty(4, np.float32), np.empty(4, np.float32)
    weight = np.zeros(256, np.float32)
    for y in range(height):
        v = (np.float32(y) + HALF) * scale_y - HALF
        y0 = int(np.floor(v))
        _spline(v - np.float32(y0), along_y)
        for x in range(width):
            u = (np.float32(x) + HALF) * scale_x - HALF
            x0 = int(np.floor(u))
            row, column, i = y // TILE, x // TILE, (y % TILE) * TILE + x % TILE
            here = labels[min(max(y0, 0), rows - 1), min(max(x0, 0), columns - 1)]
            alike = True
            for dy in range(-1, 3):
                for dx in range(-1, 3):
                    alike &= here == labels[min(max(y0 + dy, 0), rows - 1), min(max(x0 + dx, 0), columns - 1)]
            if alike:
                first[row, column, i] = second[row, column, i] = here
                continue
            _spline(u - np.float32(x0), along_x)
            for dy in range(4):
                for dx in range(4):
                    k = labels[min(max(y0 + dy - 1, 0), rows - 1), min(max(x0 + dx - 1, 0), columns - 1)]
                    weight[k] += along_y[dy] * along_x[dx]
            best, next_best = ZERO, ZERO
            for dy in range(4):
                for dx in range(4):
                    k = labels[min(max(y0 + dy - 1, 0), rows - 1), min(max(x0 + dx - 1, 0), columns - 1)]
                    w = weight[k]
                    weight[k] = ZERO
                    if w > best:
                        next_best, second[row, column, i] = best, first[row, column, i]
                        best, first[row, column, i] = w, k
                    elif w > next_best:
                        next_best, second[row, column, i] = w, k
            if next_best <= ZERO:
                second[row, column, i] = first[row, column, i]
            share[row, column, i] = min(HALF + HALF * (best - next_best) * sharpness, ONE)


def smooth_labels(labels: Int32, radius: int) -> Int32:
    """Return labels, int32 (H, W), with the outlines that a hand would draw: each pixel as most of those around it.

    The nearest `radius` pixels to every side count. Regions that vanish leave no gap in the numbers.
    """
    smoothed = np.empty_like(labels)
    _majority(labels, radius, int(labels.max()) + 1, smoothed)
    return np.unique(smoothed, return_inverse=True)[1].reshape(labels.shape).astype(np.int32)


@njit(**EXACT)
def _majority(labels: Int32, radius: int, count: int, smoothed: Int32) -> None:
    rows, columns = labels.shape
    votes = np.zeros(count, np.int32)
    for y in range(rows):
        top, bottom = max(y - radius, 0), min(y + radius, rows - 1)
        for x in range(columns):
            left, right = max(x - radius, 0), min(x + radius, columns - 1)
            best = labels[y, x]
            for row in range(top, bottom + 1):
                for column in range(left, right + 1):
                    k = labels[row, column]
                    votes[k] += 1
                    if votes[k] > votes[best]:
                        best = k
            smoothed[y, x] = best
            for row in range(top, bottom + 1):
                for column in range(left, right + 1):
                    votes[labels[row, column]] = 0
