"""The exact gradient of the painting's error with respect to every number of every stroke, written by hand.

One pass per tile: paint the tile's strokes in order and keep the canvas under each (a few kilobytes, so it stays in the
first-level cache), then walk back through them. With G = dE/dC above a stroke of opacity A and colour c over canvas C,
    dE/dc = A G,    dE/dA = G·(c - C),    dE/dC = (1 - A) G,
and dE/dA goes on to the shape in two ways: through the distance d to the curve, which by the envelope theorem changes
as if the nearest point t stayed where it is, and through t, on which radius and opacity depend. Checked against finite
differences in the tests.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from underpaint.renderers.strokes.columns import A0, A1, BLUE, BOW, CX, CY, EDGE, GREEN, LENGTH, R0, R1, RED, THETA
from underpaint.renderers.strokes.kernels import FAST, HALF, INLINE, ONE, SHORTEST, TWO, ZERO, tile_error
from underpaint.renderers.strokes.layers import deepest_list, directions_of, first_column, list_strokes, paint_layers
from underpaint.renderers.strokes.tiles import FAR, TILE_PIXELS, Float32, Grid

_FOUR = np.float32(4)
# Keeps the direction to a pixel on the curve itself finite.
_TINY = np.float32(1e-12)


@njit(**INLINE)
def _differentiate_tile(
    G: Float32, under: Float32, layer: Float32, stroke: Float32, direction: Float32, gradient: Float32
) -> None:
    """Add one stroke's gradient on one tile to `gradient` (13,), and carry G through to the canvas below it."""
    cos, sin, length, bow4 = direction[0], direction[1], max(stroke[LENGTH], SHORTEST), _FOUR * stroke[BOW]
    r0, dr, a0, da = stroke[R0], stroke[R1] - stroke[R0], stroke[A0], stroke[A1] - stroke[A0]
    red, green, blue, sharpness = stroke[RED], stroke[GREEN], stroke[BLUE], ONE / max(stroke[EDGE], ONE)
    g_red = g_green = g_blue = g_a = g_at = g_r = g_rt = g_u = g_ut = g_v = g_bow = g_theta = ZERO
    for i in range(TILE_PIXELS):
        alpha, t, du, dv = layer[0, i], layer[1, i], layer[2, i], layer[3, i]
        squared = du * du + dv * dv + _TINY
        inverse_distance = ONE / math.sqrt(squared)
        radius = r0 + dr * t
        edge = (radius - squared * inverse_distance) * sharpness + HALF
        full = min(ONE, TWO * radius * sharpness)
        G0, G1, G2 = G[0, i], G[1, i], G[2, i]
        g_red += G0 * alpha
        g_green += G1 * alpha
        g_blue += G2 * alpha
        g_alpha = G0 * (red - under[0, i]) + G1 * (green - under[1, i]) + G2 * (blue - under[2, i])
        along_opacity = g_alpha * max(min(edge, full), ZERO)
        g_a += along_opacity
        g_at += along_opacity * t
        along_radius = g_alpha * (a0 + da * t) * sharpness if (edge > ZERO and edge < full) else ZERO
        g_r += along_radius
        g_rt += along_radius * t
        # d(distance)/d(u, v) = (du, dv) / distance, at the fixed nearest point t.
        along_u, along_v = -along_radius * du * inverse_distance, -along_radius * dv * inverse_distance
        bend = t * (ONE - t)
        # Between the ends t follows the pixel: dt/d(u, v) = (length, slope) / (length² + slope²).
        slope = bow4 * (ONE - TWO * t)
        along_t = along_opacity * da + along_radius * dr if (t > ZERO and t < ONE) else ZERO
        along_t /= length * length + slope * slope
        g_ut += along_u * t - along_t * (du - t * length)
        g_bow -= (along_v + along_t * slope) * bend - along_t * dv * (ONE - TWO * t)
        along_u += along_t * length
        along_v += along_t * slope
        g_u += along_u
        g_v += along_v
        # Turning the chord moves (u - length/2, v) by (v, -(u - length/2)).
        g_theta += along_u * (dv + bow4 * bend) - along_v * (du + (t - HALF) * length)
    for channel in range(3):
        for i in range(TILE_PIXELS):
            G[channel, i] *= ONE - layer[0, i]
    gradient[CX] += g_v * sin - g_u * cos
    gradient[CY] -= g_u * sin + g_v * cos
    gradient[THETA] += g_theta
    gradient[LENGTH] += HALF * g_u - g_ut
    gradient[BOW] += _FOUR * g_bow
    gradient[R0] += g_r - g_rt
    gradient[R1] += g_rt
    gradient[A0] += g_a - g_at
    gradient[A1] += g_at
    gradient[RED] += g_red
    gradient[GREEN] += g_green
    gradient[BLUE] += g_blue


@njit(**FAST)
def _error_gradient(
    target: Float32,
    x_TP: Float32,
    y_TP: Float32,
    ground: Float32,
    strokes: Float32,
    stride: int,
    phase: int,
    gradient: Float32,
) -> Any:
    rows, columns = target.shape[:2]
    directions = directions_of(strokes)
    start, indices = list_strokes(strokes, directions, rows, columns, stride, phase)
    deepest = deepest_list(start)
    under, layers = np.empty((deepest, 3, TILE_PIXELS), np.float32), np.empty((deepest, 4, TILE_PIXELS), np.float32)
    painted = np.empty(deepest, np.int64)
    C, G = np.empty((3, TILE_PIXELS), np.float32), np.empty((3, TILE_PIXELS), np.float32)
    gradient[:] = ZERO
    error = 0.0
    for row in range(rows):
        for column in range(first_column(0, row, stride, phase), columns, stride):
            T, x, y, j = target[row, column], x_TP[column], y_TP[row], row * columns + column
            here = indices[start[j] : start[j + 1]]
            depth = paint_layers(C, under, layers, painted, here, x, y, ground, strokes, directions)
            error += tile_error(T, C, x, y)
            for channel in range(3):
                for i in range(TILE_PIXELS):
                    G[channel, i] = TWO * (C[channel, i] - T[channel, i]) if max(x[i], y[i]) < FAR else ZERO
            for m in range(depth - 1, -1, -1):
                n = painted[m]
                _differentiate_tile(G, under[m], layers[m], strokes[n], directions[n], gradient[n])
    return error


def error_gradient(
    target: Float32, grid: Grid, ground: Float32, strokes: Float32, gradient: Float32, stride: int = 1, phase: int = 0
) -> float:
    """Return the summed squared error, and write its derivative by every stroke parameter -> `gradient`.

    The width of the edge alone has no gradient (zero): it stays as it was placed.

    Args:
        target: tiles float32 (rows, columns, 3, 64), 0..1.
        grid: the target's pixel centres.
        ground: float32 (3,), the colour of the blank canvas.
        strokes: float32 (N, 13), in pixels of the target.
        gradient: float32 (N, 13), overwritten.
        stride, phase: only every `stride`-th tile counts, `phase` says which ones: a stochastic gradient at 1/stride of
            the price. The defaults give the whole canvas.

    Returns:
        The summed squared error over the tiles that count.
    """
    return float(_error_gradient(target, grid.x_TP, grid.y_TP, ground, strokes, stride, phase, gradient))
