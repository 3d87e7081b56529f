"""A painting as layers, tile by tile: which strokes lie on a tile, and what each of them covered there."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from underpaint.renderers.strokes.columns import A0, A1, RED, THETA
from underpaint.renderers.strokes.kernels import (
    HALF,
    INLINE,
    ONE,
    TWO,
    ZERO,
    cos_sin,
    geometry,
    nearest,
    tile_range,
    touches,
)
from underpaint.renderers.strokes.tiles import TILE_PIXELS, Float32


@njit(**INLINE)
def first_column(left: int, row: int, stride: int, phase: int) -> int:
    """Return the first tile column from `left` on of subset `phase` of `stride` interleaved ones in this row."""
    return left + (phase - left - 2 * row) % stride


@njit(**INLINE)
def directions_of(strokes: Float32) -> Float32:
    """Return cosine and sine of every stroke's direction -> (N, 2), so that tiles need not compute them again."""
    directions = np.empty((len(strokes), 2), np.float32)
    for n in range(len(strokes)):
        directions[n, 0], directions[n, 1] = cos_sin(strokes[n, THETA])
    return directions


@njit(**INLINE)
def list_strokes(
    strokes: Float32, directions: Float32, rows: int, columns: int, stride: int, phase: int
) -> tuple[Any, Any]:
    """Return which strokes touch which tile, in painting order.

    Returns (start, int64 (rows * columns + 1,); indices, int32): tile j's strokes are indices[start[j]:start[j+1]].
    Tiles outside the subset (`stride`, `phase`) get none.
    """
    most = 0
    for n in range(len(strokes)):
        top, bottom, left, right = tile_range(strokes[n], directions[n, 0], directions[n, 1], rows, columns)
        most += max(bottom - top + 1, 0) * (max(right - left, 0) // stride + 1)
    tile_of, stroke_of, found = np.empty(most, np.int32), np.empty(most, np.int32), 0
    start = np.zeros(rows * columns + 1, np.int64)
    for n in range(len(strokes)):
        stroke, cos, sin = strokes[n], directions[n, 0], directions[n, 1]
        top, bottom, left, right = tile_range(stroke, cos, sin, rows, columns)
        for row in range(top, bottom + 1):
            for column in range(first_column(left, row, stride, phase), right + 1, stride):
                if touches(stroke, cos, sin, row, column):
                    tile_of[found], stroke_of[found] = row * columns + column, n
                    start[row * columns + column + 1] += 1
                    found += 1
    # A counting sort by tile keeps the painting order within each.
    for j in range(rows * columns):
        start[j + 1] += start[j]
    position, indices = start.copy(), np.empty(found, np.int32)
    for m in range(found):
        j = tile_of[m]
        indices[position[j]] = stroke_of[m]
        position[j] += 1
    return start, indices


@njit(**INLINE)
def paint_tile(
    C: Float32, under: Float32, layer: Float32, x: Float32, y: Float32, stroke: Float32, direction: Float32
) -> Any:
    """Paint one stroke on one tile (3, 64), in place, and return its summed opacity.

    Leaves the canvas under it in `under` (3, 64) and what the way back needs in `layer` (4, 64): its opacity, and t, du
    and dv of `kernels.nearest`.
    """
    geo = geometry(stroke, direction[0], direction[1])
    a0, da, r0, dr, sharpness = stroke[A0], stroke[A1] - stroke[A0], geo[7], geo[8], geo[9]
    total = ZERO
    for i in range(TILE_PIXELS):
        t, du, dv = nearest(x[i], y[i], geo)
        radius = r0 + dr * t
        edge = (radius - math.sqrt(du * du + dv * dv)) * sharpness + HALF
        k = max(min(edge, min(ONE, TWO * radius * sharpness)), ZERO)
        alpha = (a0 + da * t) * k
        layer[0, i], layer[1, i], layer[2, i], layer[3, i] = alpha, t, du, dv
        total += alpha
    if total > ZERO:
        for channel in range(3):
            colour = stroke[RED + channel]
            for i in range(TILE_PIXELS):
                under[channel, i] = C[channel, i]
                C[channel, i] += layer[0, i] * (colour - C[channel, i])
    return total


@njit(**INLINE)
def paint_layers(
    C: Float32,
    under: Float32,
    layers: Float32,
    painted: Any,
    indices: Any,
    x: Float32,
    y: Float32,
    ground: Float32,
    strokes: Float32,
    directions: Float32,
) -> Any:
    """Paint a blank tile with the strokes `indices`, one layer each; `painted` says whose. Returns the layers' number.

    Strokes that leave nothing on the tile get no layer.
    """
    for channel in range(3):
        C[channel, :] = ground[channel]
    depth = 0
    for n in indices:
        if paint_tile(C, under[depth], layers[depth], x, y, strokes[n], directions[n]) > ZERO:
            painted[depth] = n
            depth += 1
    return depth


@njit(**INLINE)
def deepest_list(start: Any) -> int:
    """Return the longest list of strokes that any tile has."""
    deepest = 0
    for j in range(len(start) - 1):
        deepest = max(deepest, start[j + 1] - start[j])
    return deepest
