"""Marks that only darken, as ink does: the best that one can do, and laying it.

With coverage k a mark of absorbance q leaves C (1 - q k), so over the covered pixels Σ k C (C - T) and Σ k² C² give the
best q and the exact change of the squared error in closed form, for each channel by itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from underpaint.renderers.strokes.columns import THETA
from underpaint.renderers.strokes.kernels import (
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
from underpaint.renderers.strokes.tiles import FAR, TILE_PIXELS, Float32


@njit(**INLINE)
def score_mark(
    target: Float32, canvas: Float32, x_TP: Float32, y_TP: Float32, stroke: Float32, low: Any, high: Any, q: Float32,
    K: Float32,
) -> Any:  # fmt: skip
    """Return the change of the summed squared error that this shape can bring; its absorbances -> q (channels,).

    K is scratch, float32 (64 + 2 * channels,).
    """
    cos, sin = cos_sin(stroke[THETA])
    geo = geometry(stroke, cos, sin)
    channels = canvas.shape[2]
    sums = K[TILE_PIXELS:]
    sums[:] = ZERO
    top, bottom, left, right = tile_range(stroke, cos, sin, canvas.shape[0], canvas.shape[1])
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            if not touches(stroke, cos, sin, row, column):
                continue
            x, y = x_TP[column], y_TP[row]
            for i in range(TILE_PIXELS):
                k, _ = coverage(x[i], y[i], geo)
                K[i] = k
            for channel in range(channels):
                C, T, wanted, whole = canvas[row, column, channel], target[row, column, channel], ZERO, ZERO
                for i in range(TILE_PIXELS):
                    kc = K[i] * C[i]
                    wanted += kc * (C[i] - T[i])
                    whole += kc * kc
                sums[2 * channel] += wanted
                sums[2 * channel + 1] += whole
    change = ZERO
    for channel in range(channels):
        wanted, whole = sums[2 * channel], sums[2 * channel + 1]
        q[channel] = ZERO
        if whole > np.float32(1e-3):
            q[channel] = min(max(wanted / whole, low), high)
        change += q[channel] * (q[channel] * whole - TWO * wanted)
    return change


@njit(**INLINE)
def lay_mark(canvas: Float32, x_TP: Float32, y_TP: Float32, stroke: Float32, q: Float32, K: Float32) -> None:
    """Lay the shape with absorbances q (channels,) on the canvas, in place; K is scratch, float32 (64 or more,)."""
    cos, sin = cos_sin(stroke[THETA])
    geo = geometry(stroke, cos, sin)
    top, bottom, left, right = tile_range(stroke, cos, sin, canvas.shape[0], canvas.shape[1])
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            x, y = x_TP[column], y_TP[row]
            for i in range(TILE_PIXELS):
                k, _ = coverage(x[i], y[i], geo)
                K[i] = k
            for channel in range(canvas.shape[2]):
                C = canvas[row, column, channel]
                for i in range(TILE_PIXELS):
                    C[i] *= ONE - q[channel] * K[i]


@njit(**INLINE)
def tile_excess(target: Float32, canvas: Float32, x: Float32, y: Float32, E: Float32) -> Any:
    """Return the squared error of a tile where it is too light, all that a mark can help; of each pixel -> E (64,)."""
    for i in range(TILE_PIXELS):
        E[i] = ZERO
    for channel in range(canvas.shape[0]):
        T, C = target[channel], canvas[channel]
        for i in range(TILE_PIXELS):
            excess = max(C[i] - T[i], ZERO)
            E[i] += excess * excess if max(x[i], y[i]) < FAR else ZERO
    total = ZERO
    for i in range(TILE_PIXELS):
        total += E[i]
    return total
