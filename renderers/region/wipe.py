"""Wiping a picture in: brush strokes that lie along a region's structure and uncover what is under them.

Wipes are strokes with the columns of `underpaint.renderers.strokes.columns`; of colour and opacity, they use none.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from underpaint.renderers.strokes.columns import A0, BOW, COLUMNS, CX, CY, EDGE, LENGTH, MAX_BOW, R0, R1, RED, THETA
from underpaint.renderers.strokes.kernels import (
    EXACT,
    FAST,
    HALF,
    INLINE,
    ONE,
    TWO,
    ZERO,
    cos_sin,
    coverage,
    geometry,
    tile_range,
    touches,
)
from underpaint.renderers.strokes.structure import orientation
from underpaint.renderers.strokes.tiles import TILE_PIXELS, Float32

# Length of a wipe in radii, and how much of its width counts as covered: they overlap a little.
_LENGTH = np.float32(9)
_OVERLAP = np.float32(0.75)
# Width of the soft edge in radii.
_SOFTNESS = np.float32(0.8)
# Where the structure is clearer than this, wipes follow it; elsewhere they follow the region's own direction.
_CLEAR = np.float32(0.25)
# A wipe is traced by steps of this many radii.
_STEP = np.float32(0.5)
_FEWEST_RADIUS = 2.0
# A wipe runs this many radii inside the first bare pixel, so that its upper edge, not its middle, meets what is bare.
_INSET = np.float32(0.7)
# Where the budget ends before the region is bare, the brush grows by this factor until it does not.
_GROWTH = 1.12
_ENOUGH = 0.98


@njit(**EXACT)
def uncover(cover: Float32, x_TP: Float32, y_TP: Float32, wipes: Float32) -> None:
    """Lay wipes (N, 13) on cover, tiles float32 (rows, columns, 64) in 0..1, in place: each raises it to its own."""
    for n in range(len(wipes)):
        wipe = wipes[n]
        cos, sin = cos_sin(wipe[THETA])
        geo = geometry(wipe, cos, sin)
        top, bottom, left, right = tile_range(wipe, cos, sin, cover.shape[0], cover.shape[1])
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                if not touches(wipe, cos, sin, row, column):
                    continue
                C, x, y = cover[row, column], x_TP[column], y_TP[row]
                for i in range(TILE_PIXELS):
                    k, _ = coverage(x[i], y[i], geo)
                    C[i] = max(C[i], k)


@njit(**INLINE)
def _direction(tensor: Float32, y: Any, x: Any, height: int, width: int, axis: Any) -> Any:
    """Return where a wipe at (x, y) runs: along clear structure, else along the region, within 90° of `axis`."""
    angle, coherence = orientation(tensor, y / np.float32(height), x / np.float32(width))
    if coherence < _CLEAR:
        angle = axis
    # Directions have no sign: take the one that goes with the axis.
    turns = math.floor((angle - axis) / np.float32(math.pi) + HALF)
    return angle - np.float32(turns) * np.float32(math.pi)


@njit(**INLINE)
def _trace(mask: Any, tensor: Float32, x: Any, y: Any, axis: Any, radius: Any, sign: Any) -> tuple[Any, Any]:
    """Return the end of half a wipe that starts at (x, y) and runs with `axis` (sign 1) or against it (-1)."""
    height, width = mask.shape
    step = sign * _STEP * radius
    for _ in range(int(_LENGTH / (TWO * _STEP))):
        cos, sin = cos_sin(_direction(tensor, y, x, height, width, axis))
        next_x, next_y = x + step * cos, y + step * sin
        column, row = math.floor(next_x), math.floor(next_y)
        if row < 0 or row >= height or column < 0 or column >= width or not mask[row, column]:
            break
        x, y = next_x, next_y
    return x, y


@njit(**FAST)
def _lay(
    mask: Any, tensor: Float32, rows: Any, columns: Any, axis: Any, radius: Any, covered: Any, wipes: Float32
) -> int:
    """Lay wipes until every pixel (rows[i], columns[i]) is covered, in that order. Returns how many."""
    height, width = mask.shape
    across_cos, across_sin = cos_sin(axis)
    # The way in which rows and columns are in order: across the axis, from the upper left.
    turn = ONE if across_cos >= abs(across_sin) else -ONE
    across_x, across_y = -across_sin * turn, across_cos * turn
    count = 0
    for i in range(len(rows)):
        if count == len(wipes):
            break
        if covered[rows[i], columns[i]]:
            continue
        x, y = np.float32(columns[i]) + HALF, np.float32(rows[i]) + HALF
        inset_x, inset_y = x + across_x * _INSET * radius, y + across_y * _INSET * radius
        column, row = math.floor(inset_x), math.floor(inset_y)
        if 0 <= row < height and 0 <= column < width and mask[row, column]:
            x, y = inset_x, inset_y
        x0, y0 = _trace(mask, tensor, x, y, axis, radius, -ONE)
        x2, y2 = _trace(mask, tensor, x, y, axis, radius, ONE)
        wipe = wipes[count]
        wipe[CX], wipe[CY] = HALF * (x0 + x2), HALF * (y0 + y2)
        wipe[LENGTH] = math.sqrt((x2 - x0) * (x2 - x0) + (y2 - y0) * (y2 - y0))
        wipe[THETA] = math.atan2(y2 - y0, x2 - x0) if wipe[LENGTH] > ZERO else axis
        cos, sin = cos_sin(wipe[THETA])
        # The curve passes the point it started from, at that height over the chord.
        bow = (y - wipe[CY]) * cos - (x - wipe[CX]) * sin
        most = np.float32(MAX_BOW) * wipe[LENGTH]
        wipe[BOW] = min(max(bow, -most), most)
        wipe[R0] = wipe[R1] = radius
        wipe[EDGE] = _SOFTNESS * radius
        geo = geometry(wipe, cos, sin)
        reach = radius + abs(wipe[BOW])
        reach_x, reach_y = HALF * wipe[LENGTH] * abs(cos) + reach, HALF * wipe[LENGTH] * abs(sin) + reach
        for row in range(max(int(wipe[CY] - reach_y), 0), min(int(wipe[CY] + reach_y) + 1, height - 1) + 1):
            for column in range(max(int(wipe[CX] - reach_x), 0), min(int(wipe[CX] + reach_x) + 1, width - 1) + 1):
                k, _ = coverage(np.float32(column) + HALF, np.float32(row) + HALF, geo)
                if k > _OVERLAP:
                    covered[row, column] = True
        count += 1
    return count


def wipe_region(mask: npt.NDArray[np.bool_], image: npt.NDArray[np.uint8], tensor: Float32, budget: int) -> Float32:
    """Return wipes that uncover a region, from one side of it to the other, along its structure.

    Args:
        mask: bool (H, W), the region.
        image: uint8 (H, W, 3); wipes have the colour of the pixel in their middle, for whoever draws them as strokes.
        tensor: float32 (3, h, w), the picture's structure tensor.
        budget: how many wipes at most, at least 1. The brush is as large as it needs to be.

    Returns:
        float32 (1..budget, 13), in pixels of the picture. They may leave a few specks uncovered.
    """
    rows, columns = np.nonzero(mask)
    axis = _main_axis(rows, columns)
    # Across the axis, from the upper left.
    across = columns * -np.sin(axis) + rows * np.cos(axis)
    order = np.argsort(np.where(np.cos(axis) >= np.abs(np.sin(axis)), across, -across), kind="stable")
    rows, columns = rows[order], columns[order]
    # A wipe uncovers about half of the box it would fill alone: wipes overlap, and borders cut them off.
    radius = max(math.sqrt(len(rows) / (float(_LENGTH) * budget)), _FEWEST_RADIUS)
    while True:
        wipes, covered = np.zeros((budget, len(COLUMNS)), np.float32), np.zeros_like(mask)
        count = _lay(mask, tensor, rows, columns, np.float32(axis), np.float32(radius), covered, wipes)
        if (covered & mask).sum() >= _ENOUGH * len(rows):
            break
        radius *= _GROWTH
    wipes = wipes[:count]
    wipes[:, A0:RED] = 1.0
    x = np.clip(wipes[:, CX].astype(np.int64), 0, mask.shape[1] - 1)
    y = np.clip(wipes[:, CY].astype(np.int64), 0, mask.shape[0] - 1)
    wipes[:, RED:EDGE] = image[y, x] / np.float32(255)
    return wipes


def _main_axis(rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64]) -> float:
    """Return the direction in which pixels spread most, radians in -90..90 degrees; level for a round region."""
    x, y = columns - columns.mean(), rows - rows.mean()
    return 0.5 * math.atan2(2.0 * float((x * y).mean()), float((x * x).mean() - (y * y).mean()))
