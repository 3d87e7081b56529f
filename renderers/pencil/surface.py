"""What a pencil leaves on paper: a line, a patch of hatching, a smudge; and what an eraser takes away.

Strokes have the thirteen columns of renderers/strokes/columns.py and seven more:

    LINES  hatching lines across the widest part of the mark; 0 is a single line, or a smudge where LIFT is 1
    SLANT  direction of the hatching lines, radians, whatever the direction of the mark
    DUTY   0..1: the share of the way from one hatching line to the next that is covered
    FADE   0..1: the share of a line over which the pressure rises, and falls again; 0 cuts
           both ends straight, so that pieces join
    TOOTH  0..1: how bare the hollows of the paper stay
    LIFT   0: graphite, which multiplies, C *= 1 - A (1 - colour). 1: a finger or an eraser, C += A (colour - C)
    GRAIN  [0, 1): the seed of the mark's own noise

Hatching lines lie on one lattice for all marks of equal slant and spacing, so patches that touch go on in each other.
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
    FAST,
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

PENCIL_COLUMNS = (*COLUMNS, "lines", "slant", "duty", "fade", "tooth", "lift", "grain")
LINES, SLANT, DUTY, FADE, TOOTH, LIFT, GRAIN = range(len(COLUMNS), len(PENCIL_COLUMNS))

# How far a hatching line strays from its place on the lattice, in spacings, and over how many spacings it does so.
_STRAY, _STRAY_LENGTH = np.float32(0.9), np.float32(16)
# How unequal the lines of a patch are in pressure, and in length (in radii of the patch).
_UNEQUAL, _RAGGED = np.float32(0.35), np.float32(0.5)
# Where two pieces of a line meet each covers this much of the pixel: at a half, the joint would be a light gap.
_JOIN = np.float32(0.7)
# The pressure with which a line begins that fades in, as a share of the full.
_SET_DOWN = np.float32(0.3)
# How much of the graphite the deepest hollow misses at TOOTH 1.
_HOLLOW = np.float32(1.5)
_LATTICE_SEED = np.uint32(101)


@njit(**INLINE)
def _hatching(K: Float32, x: Float32, y: Float32, paper: Float32, stroke: Float32, geo: tuple[Any, ...]) -> None:
    """Write the opacity of a patch of hatching on one tile -> K (64,)."""
    r0, dr, sharpness = geo[7], geo[8], geo[9]
    a0, da, tooth, seed = stroke[A0], stroke[A1] - stroke[A0], _HOLLOW * stroke[TOOTH], seed_of(stroke[GRAIN])
    cos, sin = cos_sin(stroke[SLANT])
    spacing = TWO * max(stroke[R0], stroke[R1]) / stroke[LINES]
    dense = ONE / spacing
    half = HALF * stroke[DUTY] * spacing
    seen = min(ONE, TWO * half)
    # Lines nearer to each other than two pixels blur, until there is nothing but their mean.
    clear = max(min(spacing - ONE, ONE), ZERO)
    for i in range(TILE_PIXELS):
        t, du, dv = nearest(x[i], y[i], geo)
        radius = r0 + dr * t
        along, across = (x[i] * cos + y[i] * sin) * dense, (y[i] * cos - x[i] * sin) * dense
        across += _STRAY * noise(along / _STRAY_LENGTH, across * np.float32(0.4), _LATTICE_SEED)
        number = math.floor(across)
        off = abs(across - number - HALF) * spacing
        # One value per line and mark, changing slowly along the line.
        own = noise(along * np.float32(0.02), np.float32(number), seed)
        k = max(min(half - off + HALF, seen), ZERO)
        k = (stroke[DUTY] + clear * (k - stroke[DUTY])) * (ONE - _UNEQUAL * own)
        inside = radius * (ONE - _RAGGED * own) - math.sqrt(du * du + dv * dv)
        k *= max(min(inside * sharpness + HALF, ONE), ZERO)
        K[i] = k * (a0 + da * t) * max(ONE - tooth * paper[i], ZERO)


@njit(**INLINE)
def _line(K: Float32, x: Float32, y: Float32, paper: Float32, stroke: Float32, geo: tuple[Any, ...]) -> None:
    """Write the opacity of a single line on one tile -> K (64,)."""
    length, bow4, r0, dr, sharpness = geo[4], geo[6], geo[7], geo[8], geo[9]
    a0, da, fade, tooth = stroke[A0], stroke[A1] - stroke[A0], stroke[FADE], _HOLLOW * stroke[TOOTH]
    for i in range(TILE_PIXELS):
        t, du, dv = nearest(x[i], y[i], geo)
        radius = r0 + dr * t
        slope = bow4 * (ONE - TWO * t)
        inverse = ONE / math.sqrt(length * length + slope * slope)
        along, across = (du * length + dv * slope) * inverse, (dv * length - du * slope) * inverse
        away = math.sqrt(du * du + dv * dv) if fade > ZERO else abs(across)
        k = max(min((radius - away) * sharpness + HALF, min(ONE, TWO * radius * sharpness)), ZERO)
        if fade > ZERO:
            k *= min(min(t, ONE - t) / fade + _SET_DOWN, ONE)
        else:
            k *= max(min(min(t, ONE - t) * length - abs(along) + _JOIN, ONE), ZERO)
        K[i] = k * (a0 + da * t) * max(ONE - tooth * paper[i], ZERO)


@njit(**INLINE)
def _touch(K: Float32, x: Float32, y: Float32, paper: Float32, stroke: Float32, geo: tuple[Any, ...]) -> None:
    """Write the opacity of a finger or an eraser on one tile -> K (64,)."""
    r0, dr, sharpness = geo[7], geo[8], geo[9]
    a0, da, tooth = stroke[A0], stroke[A1] - stroke[A0], _HOLLOW * stroke[TOOTH]
    for i in range(TILE_PIXELS):
        t, du, dv = nearest(x[i], y[i], geo)
        radius = r0 + dr * t
        edge = (radius - math.sqrt(du * du + dv * dv)) * sharpness + HALF
        k = max(min(edge, min(ONE, TWO * radius * sharpness)), ZERO)
        K[i] = k * (a0 + da * t) * max(ONE - tooth * paper[i], ZERO)


@njit(**INLINE)
def pencil_tile(K: Float32, x: Float32, y: Float32, paper: Float32, stroke: Float32, geo: tuple[Any, ...]) -> None:
    """Write how much of each pixel of a tile the mark covers, 0..1 -> K (64,): opacity times the mark's surface."""
    if stroke[LIFT] > ZERO:
        _touch(K, x, y, paper, stroke, geo)
    elif stroke[LINES] > ZERO:
        _hatching(K, x, y, paper, stroke, geo)
    else:
        _line(K, x, y, paper, stroke, geo)


@njit(**FAST)
def fill_pencil(
    strokes: Float32, x_TP: Float32, y_TP: Float32, paper: Float32, start: Any, tiles: Any, marks: Float32
) -> None:
    """Write what strokes (N, 20) leave on their tiles, `tiles[start[n] : start[n + 1]]` -> marks (M, 64)."""
    columns = paper.shape[1]
    for n in range(len(strokes)):
        cos, sin = cos_sin(strokes[n, THETA])
        geo = geometry(strokes[n], cos, sin)
        for m in range(start[n], start[n + 1]):
            row, column = tiles[m] // columns, tiles[m] % columns
            pencil_tile(marks[m], x_TP[column], y_TP[row], paper[row, column], strokes[n], geo)


@njit(**EXACT)
def draw_marks(canvas: Float32, x_TP: Float32, y_TP: Float32, paper: Float32, strokes: Float32) -> None:
    """Lay pencil strokes (N, 20) on the canvas, tiles (rows, columns, channels, 64), in order, in place.

    `paper` is the depth of its hollows, tiles float32 (rows, columns, 64), see `paper.paper_hollows`. One channel takes
    the red of the strokes for their colour.
    """
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
                pencil_tile(K, x_TP[column], y_TP[row], paper[row, column], stroke, geo)
                for channel in range(canvas.shape[2]):
                    C, colour = canvas[row, column, channel], stroke[RED + channel]
                    if stroke[LIFT] > ZERO:
                        for i in range(TILE_PIXELS):
                            C[i] += K[i] * (colour - C[i])
                    else:
                        for i in range(TILE_PIXELS):
                            C[i] *= ONE - K[i] * (ONE - colour)
