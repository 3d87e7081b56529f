"""What an ink stroke leaves on paper: a wash with a wet rim, or bristles that run dry.

Strokes have the thirteen columns of renderers/strokes/columns.py and four more. Red, green and blue are what the mark
lets through at full strength, so that painting is C *= 1 - A (1 - colour): channels never rise.

    WET    0..1: above zero the mark is a wash: its outline wanders over the paper and dries to a dark rim
    DRY    0..1: else it is a line: the share of the bristles that has run dry at its end
    TIP    0..1: how ragged the ends of a line are: zero cuts them straight, so that the pieces of a long line join
    GRAIN  [0, 1): the seed of the mark's own noise
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from underpaint.renderers.ink.paper import noise, seed_of
from underpaint.renderers.strokes.columns import A0, A1, COLUMNS, R0, R1, RED, THETA
from underpaint.renderers.strokes.kernels import (
    EXACT,
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

INK_COLUMNS = (*COLUMNS, "wet", "dry", "tip", "grain")
WET, DRY, TIP, GRAIN = range(len(COLUMNS), len(INK_COLUMNS))

# How far the outline of a fully wet wash wanders inwards, in radii.
WANDER = np.float32(0.4)
# What the rim of a fully wet wash has more than its middle, and how far it reaches inwards, in radii.
_RIM, _RIM_WIDTH = np.float32(0.3), np.float32(0.22)
# Share of the ink that high points of the paper refuse.
_GRANULATION = np.float32(0.12)
# Bristles across a brush, and how many radii a streak lasts.
_BRISTLES, _STREAK = np.float32(9), np.float32(6)
# How sharply a bristle runs dry.
_CONTRAST = np.float32(4.0)
# Where two pieces of a line meet each covers this much of the pixel: at a half, the joint would be a light gap.
_JOIN = np.float32(0.7)
# How much the height of the paper decides where a dry brush leaves ink.
_TOOTH = np.float32(0.6)


@njit(**INLINE)
def _wash(K: Float32, x: Float32, y: Float32, paper: Float32, stroke: Float32, geo: tuple[Any, ...]) -> None:
    """Write the opacity of a wash on one tile -> K (64,)."""
    cos, sin, u0, v0, r0, dr, sharpness = geo[0], geo[1], geo[2], geo[3], geo[7], geo[8], geo[9]
    a0, da, wet, seed = stroke[A0], stroke[A1] - stroke[A0], stroke[WET], seed_of(stroke[GRAIN])
    coarse = ONE / max(stroke[R0], stroke[R1])
    fine = np.float32(3) * coarse
    for i in range(TILE_PIXELS):
        t, du, dv = nearest(x[i], y[i], geo)
        u, v = x[i] * cos + y[i] * sin + u0, y[i] * cos - x[i] * sin + v0
        radius = r0 + dr * t
        wander = np.float32(0.6) * noise(u * coarse, v * coarse, seed) + np.float32(0.15) * paper[i]
        wander += np.float32(0.25) * noise(u * fine, v * fine, seed)
        inside = radius * (ONE - WANDER * wet * wander) - math.sqrt(du * du + dv * dv)
        k = max(min(inside * sharpness + HALF, min(ONE, TWO * radius * sharpness)), ZERO)
        rim = max(ONE - max(inside, ZERO) / (_RIM_WIDTH * radius), ZERO)
        k *= ONE - _RIM * wet * (ONE - rim)
        K[i] = k * (a0 + da * t) * (ONE - _GRANULATION * paper[i])


@njit(**INLINE)
def _line(K: Float32, x: Float32, y: Float32, paper: Float32, stroke: Float32, geo: tuple[Any, ...]) -> None:
    """Write the opacity of a line on one tile -> K (64,)."""
    length, bow4, r0, dr, sharpness = geo[4], geo[6], geo[7], geo[8], geo[9]
    a0, da, dry, tip, seed = stroke[A0], stroke[A1] - stroke[A0], stroke[DRY], stroke[TIP], seed_of(stroke[GRAIN])
    mean_radius = HALF * (stroke[R0] + stroke[R1])
    streaks = length / (_STREAK * mean_radius)
    # Bristles finer than a pixel are not seen one by one.
    seen = max(min(np.float32(3) * mean_radius / _BRISTLES, ONE), ZERO)
    for i in range(TILE_PIXELS):
        t, du, dv = nearest(x[i], y[i], geo)
        radius = r0 + dr * t
        slope = bow4 * (ONE - TWO * t)
        inverse = ONE / math.sqrt(length * length + slope * slope)
        along, across = (du * length + dv * slope) * inverse, (dv * length - du * slope) * inverse
        k = max(min((radius - abs(across)) * sharpness + HALF, min(ONE, TWO * radius * sharpness)), ZERO)
        bristle = noise((across / radius + ONE) * HALF * _BRISTLES, t * streaks, seed)
        # Signed distance to the nearer end, positive inside; the middle bristles leave the paper last.
        off = across / radius
        ragged = tip * radius * (np.float32(0.8) * off * off + np.float32(1.5) * seen * bristle)
        end = min(t, ONE - t) * length - abs(along) - ragged
        k *= max(min(end + _JOIN, ONE), ZERO)
        ink = np.float32(0.5) + seen * (bristle - HALF) + _TOOTH * (HALF - paper[i])
        spent = dry * (np.float32(0.3) + np.float32(0.7) * t)
        k *= max(min((ink - spent) * _CONTRAST + ONE, ONE), ZERO)
        K[i] = k * (a0 + da * t) * (ONE - _GRANULATION * paper[i])


@njit(**INLINE)
def mark_tile(K: Float32, x: Float32, y: Float32, paper: Float32, stroke: Float32, geo: tuple[Any, ...]) -> None:
    """Write how much of the ink each pixel of a tile takes, 0..1 -> K (64,): opacity times the mark's surface."""
    if stroke[WET] > ZERO:
        _wash(K, x, y, paper, stroke, geo)
    else:
        _line(K, x, y, paper, stroke, geo)


@njit(**EXACT)
def paint_marks(canvas: Float32, x_TP: Float32, y_TP: Float32, paper: Float32, strokes: Float32) -> None:
    """Lay ink strokes (N, 17) on the canvas, tiles (rows, columns, 3, 64), in order, in place. Channels never rise."""
    K = np.empty(TILE_PIXELS, np.float32)
    for n in range(len(strokes)):
        stroke = strokes[n]
        cos, sin = cos_sin(stroke[THETA])
        geo = geometry(stroke, cos, sin)
        top, bottom, left, right = tile_range(stroke, cos, sin, canvas.shape[0], canvas.shape[1])
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                if not touches(stroke, cos, sin, row, column):
                    continue
                mark_tile(K, x_TP[column], y_TP[row], paper[row, column], stroke, geo)
                for channel in range(3):
                    C, taken = canvas[row, column, channel], ONE - stroke[RED + channel]
                    for i in range(TILE_PIXELS):
                        C[i] *= ONE - K[i] * taken
