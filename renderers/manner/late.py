"""Strokes that are placed late move to where their region is painted, as far as what lies under them allows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from underpaint.renderers.manner.marks import Int32
from underpaint.renderers.strokes.columns import A0, A1
from underpaint.renderers.strokes.kernels import FAST, ZERO, coverage, geometry
from underpaint.renderers.strokes.layers import directions_of, list_strokes
from underpaint.renderers.strokes.tiles import TILE_PIXELS, Float32, Grid

# Strokes that share less paint than this, in pixels of the canvas (the sum of the products of their opacities), may
# change places: the refinement that follows makes good what that spoils.
LEAST_SHARED = np.float32(0.04)


def order_with_late(grid: Grid, strokes: Float32, first: int, ends: Int32) -> npt.NDArray[np.int64]:
    """Return the order, int64 (N,), in which late strokes come right after their region's others.

    A late stroke never comes before one that it lies on.

    Args:
        grid: pixel centres of the canvas that overlaps are seen on.
        strokes: float32 (N, 13), in pixels of that canvas.
        first: where the late strokes begin; all after it are late.
        ends: int32 (N - first,), after which stroke, below `first`, each should come.
    """
    after = np.arange(len(strokes), dtype=np.int32)
    after[first:] = ends
    _keep_above(grid.x_TP, grid.y_TP, strokes, first, after)
    return np.argsort(after, kind="stable")


@njit(**FAST)
def _alpha(x: Float32, y: Float32, stroke: Float32, direction: Float32, alpha: Float32) -> None:
    geo = geometry(stroke, direction[0], direction[1])
    for i in range(TILE_PIXELS):
        covered, t = coverage(x[i], y[i], geo)
        alpha[i] = covered * (stroke[A0] + (stroke[A1] - stroke[A0]) * t)


@njit(**FAST)
def _keep_above(x_TP: Float32, y_TP: Float32, strokes: Float32, first: int, after: Int32) -> None:
    """Raise `after` of each late stroke to the largest of those it lies on."""
    rows, columns = len(y_TP), len(x_TP)
    directions = directions_of(strokes)
    start, indices = list_strokes(strokes, directions, rows, columns, 1, 0)
    # Tiles of each stroke, from the strokes of each tile.
    count = len(strokes)
    tile_start = np.zeros(count + 1, np.int64)
    for m in range(len(indices)):
        tile_start[indices[m] + 1] += 1
    for n in range(count):
        tile_start[n + 1] += tile_start[n]
    tiles, free = np.empty(len(indices), np.int32), tile_start.copy()
    for j in range(rows * columns):
        for m in range(start[j], start[j + 1]):
            tiles[free[indices[m]]] = j
            free[indices[m]] += 1
    shared = np.zeros(count, np.float32)
    own, other = np.empty(TILE_PIXELS, np.float32), np.empty(TILE_PIXELS, np.float32)
    for n in range(first, count):
        shared[:n] = ZERO
        for t in range(tile_start[n], tile_start[n + 1]):
            j = tiles[t]
            x, y = x_TP[j % columns], y_TP[j // columns]
            _alpha(x, y, strokes[n], directions[n], own)
            for m in range(start[j], start[j + 1]):
                k = indices[m]
                if k >= n:
                    break
                if after[k] <= after[n] or shared[k] > LEAST_SHARED:
                    continue
                _alpha(x, y, strokes[k], directions[k], other)
                for i in range(TILE_PIXELS):
                    shared[k] += own[i] * other[i]
        latest = after[n]
        for k in range(n):
            if shared[k] > LEAST_SHARED:
                latest = max(latest, after[k])
        after[n] = latest
