"""What each stroke is worth to the finished painting."""

from __future__ import annotations

import numpy as np
from numba import njit

from underpaint.renderers.strokes.columns import RED
from underpaint.renderers.strokes.kernels import FAST, ONE, TWO, ZERO
from underpaint.renderers.strokes.layers import deepest_list, directions_of, list_strokes, paint_layers
from underpaint.renderers.strokes.tiles import TILE_PIXELS, Float32, Grid


@njit(**FAST)
def _removal_change(
    target: Float32, x_TP: Float32, y_TP: Float32, ground: Float32, strokes: Float32, change: Float32
) -> None:
    rows, columns = target.shape[:2]
    directions = directions_of(strokes)
    start, indices = list_strokes(strokes, directions, rows, columns, 1, 0)
    deepest = deepest_list(start)
    under, layers = np.empty((deepest, 3, TILE_PIXELS), np.float32), np.empty((deepest, 4, TILE_PIXELS), np.float32)
    painted = np.empty(deepest, np.int64)
    C, E = np.empty((3, TILE_PIXELS), np.float32), np.empty((3, TILE_PIXELS), np.float32)
    seen = np.empty(TILE_PIXELS, np.float32)
    for row in range(rows):
        for column in range(columns):
            T, x, y, j = target[row, column], x_TP[column], y_TP[row], row * columns + column
            here = indices[start[j] : start[j + 1]]
            depth = paint_layers(C, under, layers, painted, here, x, y, ground, strokes, directions)
            for channel in range(3):
                E[channel, :] = C[channel] - T[channel]
            seen[:] = ONE
            for m in range(depth - 1, -1, -1):
                stroke, total = strokes[painted[m]], ZERO
                for channel in range(3):
                    colour = stroke[RED + channel]
                    for i in range(TILE_PIXELS):
                        difference = seen[i] * layers[m, 0, i] * (under[m, channel, i] - colour)
                        total += difference * (difference + TWO * E[channel, i])
                for i in range(TILE_PIXELS):
                    seen[i] *= ONE - layers[m, 0, i]
                change[painted[m]] += total


def removal_change(target: Float32, grid: Grid, ground: Float32, strokes: Float32) -> Float32:
    """Return by how much the summed squared error changes if one stroke is left out -> float32 (N,).

    Exact, not a first-order guess: the finished picture depends linearly on each layer, so leaving stroke n out adds
    w A (C - c), where w is the share of the stroke still seen through what lies above it. Small or negative: the stroke
    is hidden or does harm.
    """
    change = np.zeros(len(strokes), np.float32)
    _removal_change(target, grid.x_TP, grid.y_TP, ground, strokes, change)
    return change
