"""The exact gradient of the picture's error by every number of every stroke that is blended and clipped.

As renderers/strokes/gradient.py, for strokes over any canvas: with opacity A a stroke leaves C + A (p + q C - C), where
p and q depend on its blend and colour (see `layers.mixing`), so with G = dE/dC above it
    dE/dA = G·(p + (q - 1) C),    dE/dC = (1 + A (q - 1)) G,
and dE/dcolour is A G for OVER, A C G for MULTIPLY and A (1 - C) G for SCREEN.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from underpaint.renderers.illustration.clip import clip_share
from underpaint.renderers.illustration.layers import BLEND, MULTIPLY, REGION, SCREEN, UNDER, Layers, mixing
from underpaint.renderers.strokes.columns import A0, A1, BOW, CX, CY, EDGE, LENGTH, R0, R1, RED, THETA
from underpaint.renderers.strokes.kernels import FAST, HALF, INLINE, ONE, SHORTEST, TWO, ZERO, geometry, nearest
from underpaint.renderers.strokes.layers import deepest_list, directions_of, first_column, list_strokes
from underpaint.renderers.strokes.tiles import TILE_PIXELS, Float32

_FOUR = np.float32(4)
# Keeps the direction to a pixel on the curve itself finite.
_TINY = np.float32(1e-12)


@njit(**INLINE)
def _paint_tile(
    C: Float32, under: Float32, layer: Float32, x: Float32, y: Float32, first: Any, second: Any, share: Float32,
    stroke: Float32, direction: Float32,
) -> Any:  # fmt: skip
    """Paint one stroke on one tile (3, 64), in place, and return its summed opacity.

    Leaves the canvas under it in `under` (3, 64), and in `layer` (5, 64) its opacity, t, du and dv of
    `kernels.nearest`, and the share that the clip leaves.
    """
    geo = geometry(stroke, direction[0], direction[1])
    a0, da, r0, dr, sharpness = stroke[A0], stroke[A1] - stroke[A0], geo[7], geo[8], geo[9]
    region, runs_under = int(stroke[REGION]), stroke[UNDER] > ZERO
    total = ZERO
    for i in range(TILE_PIXELS):
        layer[4, i] = clip_share(first[i], second[i], share[i], region, runs_under) if region >= 0 else ONE
    for i in range(TILE_PIXELS):
        t, du, dv = nearest(x[i], y[i], geo)
        radius = r0 + dr * t
        edge = (radius - math.sqrt(du * du + dv * dv)) * sharpness + HALF
        k = max(min(edge, min(ONE, TWO * radius * sharpness)), ZERO)
        alpha = (a0 + da * t) * k * layer[4, i]
        layer[0, i], layer[1, i], layer[2, i], layer[3, i] = alpha, t, du, dv
        total += alpha
    if total > ZERO:
        for channel in range(3):
            p, q = mixing(int(stroke[BLEND]), stroke[RED + channel])
            for i in range(TILE_PIXELS):
                under[channel, i] = C[channel, i]
                C[channel, i] += layer[0, i] * (p + (q - ONE) * C[channel, i])
    return total


@njit(**INLINE)
def _differentiate_tile(
    G: Float32, under: Float32, layer: Float32, along: Float32, stroke: Float32, direction: Float32, gradient: Float32
) -> None:
    """Add one stroke's gradient on one tile to `gradient` (13,), and carry G through to the canvas below it.

    `along` is scratch, float32 (64,).
    """
    blend = int(stroke[BLEND])
    along[:] = ZERO
    for channel in range(3):
        p, q = mixing(blend, stroke[RED + channel])
        g_colour = ZERO
        if blend == MULTIPLY:
            for i in range(TILE_PIXELS):
                g_colour += G[channel, i] * layer[0, i] * under[channel, i]
        elif blend == SCREEN:
            for i in range(TILE_PIXELS):
                g_colour += G[channel, i] * layer[0, i] * (ONE - under[channel, i])
        else:
            for i in range(TILE_PIXELS):
                g_colour += G[channel, i] * layer[0, i]
        gradient[RED + channel] += g_colour
        for i in range(TILE_PIXELS):
            along[i] += G[channel, i] * (p + (q - ONE) * under[channel, i])
            G[channel, i] *= ONE + layer[0, i] * (q - ONE)
    cos, sin, length, bow4 = direction[0], direction[1], max(stroke[LENGTH], SHORTEST), _FOUR * stroke[BOW]
    r0, dr, a0, da = stroke[R0], stroke[R1] - stroke[R0], stroke[A0], stroke[A1] - stroke[A0]
    sharpness = ONE / max(stroke[EDGE], ONE)
    g_a = g_at = g_r = g_rt = g_u = g_ut = g_v = g_bow = g_theta = ZERO
    for i in range(TILE_PIXELS):
        t, du, dv = layer[1, i], layer[2, i], layer[3, i]
        squared = du * du + dv * dv + _TINY
        inverse_distance = ONE / math.sqrt(squared)
        radius = r0 + dr * t
        edge = (radius - squared * inverse_distance) * sharpness + HALF
        full = min(ONE, TWO * radius * sharpness)
        g_alpha = along[i] * layer[4, i]
        along_opacity = g_alpha * max(min(edge, full), ZERO)
        g_a += along_opacity
        g_at += along_opacity * t
        along_radius = g_alpha * (a0 + da * t) * sharpness if (edge > ZERO and edge < full) else ZERO
        g_r += along_radius
        g_rt += along_radius * t
        along_u, along_v = -along_radius * du * inverse_distance, -along_radius * dv * inverse_distance
        bend = t * (ONE - t)
        slope = bow4 * (ONE - TWO * t)
        along_t = along_opacity * da + along_radius * dr if (t > ZERO and t < ONE) else ZERO
        along_t /= length * length + slope * slope
        g_ut += along_u * t - along_t * (du - t * length)
        g_bow -= (along_v + along_t * slope) * bend - along_t * dv * (ONE - TWO * t)
        along_u += along_t * length
        along_v += along_t * slope
        g_u += along_u
        g_v += along_v
        g_theta += along_u * (dv + bow4 * bend) - along_v * (du + (t - HALF) * length)
    gradient[CX] += g_v * sin - g_u * cos
    gradient[CY] -= g_u * sin + g_v * cos
    gradient[THETA] += g_theta
    gradient[LENGTH] += HALF * g_u - g_ut
    gradient[BOW] += _FOUR * g_bow
    gradient[R0] += g_r - g_rt
    gradient[R1] += g_rt
    gradient[A0] += g_a - g_at
    gradient[A1] += g_at


@njit(**FAST)
def _layered_gradient(
    target: Float32, weight: Float32, base: Float32, x_TP: Float32, y_TP: Float32, first: Any, second: Any,
    share: Float32, strokes: Float32, stride: int, phase: int, gradient: Float32,
) -> Any:  # fmt: skip
    rows, columns = target.shape[:2]
    directions = directions_of(strokes)
    start, indices = list_strokes(strokes, directions, rows, columns, stride, phase)
    deepest = deepest_list(start)
    under, layers = np.empty((deepest, 3, TILE_PIXELS), np.float32), np.empty((deepest, 5, TILE_PIXELS), np.float32)
    painted = np.empty(deepest, np.int64)
    C, G = np.empty((3, TILE_PIXELS), np.float32), np.empty((3, TILE_PIXELS), np.float32)
    along = np.empty(TILE_PIXELS, np.float32)
    gradient[:] = ZERO
    error = 0.0
    for row in range(rows):
        for column in range(first_column(0, row, stride, phase), columns, stride):
            j, depth = row * columns + column, 0
            C[:] = base[row, column]
            for n in indices[start[j] : start[j + 1]]:
                laid = _paint_tile(
                    C, under[depth], layers[depth], x_TP[column], y_TP[row], first[row, column], second[row, column],
                    share[row, column], strokes[n], directions[n],
                )  # fmt: skip
                if laid > ZERO:
                    painted[depth] = n
                    depth += 1
            total = ZERO
            for channel in range(3):
                for i in range(TILE_PIXELS):
                    difference = C[channel, i] - target[row, column, channel, i]
                    total += weight[row, column, i] * difference * difference
                    G[channel, i] = TWO * weight[row, column, i] * difference
            error += total
            for m in range(depth - 1, -1, -1):
                n = painted[m]
                _differentiate_tile(G, under[m], layers[m], along, strokes[n], directions[n], gradient[n])
    return error


def layered_gradient(
    target: Float32, weight: Float32, base: Layers, strokes: Float32, gradient: Float32, stride: int = 1, phase: int = 0
) -> float:
    """Return the weighted squared error of the colour layer, and write its derivative by every stroke parameter.

    Args:
        target: tiles float32 (rows, columns, 3, 64), 0..1.
        weight: tiles float32 (rows, columns, 64), of each pixel's squared error; 0 beyond the border.
        base: the canvas under the strokes; not changed.
        strokes: float32 (N, 17) on the colour layer, in pixels of the target.
        gradient: float32 (N, 13), overwritten. The width of the edge has none.
        stride, phase: see `strokes.gradient.error_gradient`.
    """
    grid = base.grid
    return float(
        _layered_gradient(
            target, weight, base.colour, grid.x_TP, grid.y_TP, *base.clip, strokes, stride, phase, gradient
        )
    )
