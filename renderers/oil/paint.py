"""Oil paint: opaque strokes with two colours across the brush, the marks of its bristles, and a thickness of their own.

A stroke has the thirteen columns of renderers/strokes/columns.py, of which RED GREEN BLUE is the colour on its left
(looking along it), and four more: the colour on its right, and `grain`, which seeds its bristles. The relief that
strokes leave is a height field; `shade` lights it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from underpaint.renderers.oil.bristles import bristle, grain_seed
from underpaint.renderers.strokes.columns import A0, A1, COLUMNS, R0, R1, RED, THETA
from underpaint.renderers.strokes.kernels import (
    EXACT,
    FAST,
    HALF,
    INLINE,
    ONE,
    SHORTEST,
    TWO,
    ZERO,
    cos_sin,
    error_change,
    geometry,
    nearest,
    tile_errors,
    tile_range,
    touches,
)
from underpaint.renderers.strokes.tiles import TILE_PIXELS, Float32

OIL_COLUMNS = (*COLUMNS, "red1", "green1", "blue1", "grain")
RED1, _, _, GRAIN = range(13, 17)

# The brush is loaded at the start; at the end this share of the paint is left in its weaker bristles.
_LOAD_END = np.float32(0.45)
# How far a bristle's own load shifts the mix of the two colours across the brush: streaks, as of paint half mixed.
_STREAK = np.float32(0.35)
# Thickness of the paint in radii of the brush that lays it thickest, one of _THICKEST pixels on a 512 px canvas.
# Smaller brushes lay it thinner by the square of their size, else the light on details drowns them.
_BODY = np.float32(0.18)
_THICKEST = 9
# The brush radius, in thickest ones, from which on bristles leave gaps and ragged ends. Finer details would only fray.
_WORN = np.float32(0.8)
# Paint is laid over the relief that is there: the thickest pushes this share of it away, thinner paint less.
_REPLACED = np.float32(0.7)
# Paint pushed aside piles up along both edges of the stroke.
_RIDGE = np.float32(0.5)
# Slopes that face the light less than this don't shine.
_DULL = np.float32(0.1)


@njit(**INLINE)
def surface(x: Any, y: Any, geo: tuple[Any, ...], a0: Any, da: Any, seed: Any, worn: Any) -> tuple[Any, Any, Any]:
    """Return what one pixel gets of a stroke: (opacity, share of the right-hand colour, height in radii).

    `geo` is `kernels.geometry`'s, `a0` and `da` the opacity and its change along the stroke, `worn` the radius in
    pixels from which on a brush shows all its bristles: thinner ones are drawn to a point and run less dry.
    """
    t, du, dv = nearest(x, y, geo)
    length, bow4, sharpness = geo[4], geo[6], geo[9]
    # A brush drawn to a point has no radius at its end, and what follows divides by it.
    radius = max(geo[7] + geo[8] * t, SHORTEST)
    edge = (radius - math.sqrt(du * du + dv * dv)) * sharpness + HALF
    k = max(min(edge, min(ONE, TWO * radius * sharpness)), ZERO)
    # Along and across the curve; `beyond` is what lies past its ends, in radii.
    slope = bow4 * (ONE - TWO * t)
    inverse = ONE / (math.sqrt(length * length + slope * slope) * radius)
    across = min(max((length * dv - slope * du) * inverse, -ONE), ONE)
    beyond = (length * du + slope * dv) * inverse
    hair = bristle(across, t * length / radius + beyond, radius, seed)
    # The weaker half of the bristles runs dry towards the end, and ends sooner.
    load = ONE - (ONE - _LOAD_END) * t * t * max(min(TWO - TWO * TWO * hair, ONE), ZERO)
    ragged = max(min((hair * np.float32(1.6) - max(beyond, ZERO)) * TWO * TWO + HALF, ONE), ZERO)
    wear = min(radius / worn, ONE)
    alpha = (a0 + da * t) * k * (ONE + wear * (load * ragged - ONE))
    share = min(max(HALF + HALF * across + _STREAK * (hair - HALF), ZERO), ONE)
    rim = across * across
    height = (HALF + hair) * (ONE - HALF * t) + _RIDGE * rim * rim
    return alpha, share, height


@njit(**INLINE)
def _lay(canvas: Float32, relief: Float32, x_TP: Float32, y_TP: Float32, stroke: Float32, thickest: Any) -> None:
    """Lay one stroke on colours and relief, in place; see `paint_oil`."""
    # Opacity, share of the right-hand colour and height of a tile's pixels: short loops vectorise, a long one does not.
    layer = np.empty((3, TILE_PIXELS), np.float32)
    cos, sin = cos_sin(stroke[THETA])
    geo = geometry(stroke, cos, sin)
    a0, da, seed, worn = stroke[A0], stroke[A1] - stroke[A0], grain_seed(stroke[GRAIN]), _WORN * thickest
    brush = min(max(stroke[R0], stroke[R1]), thickest)
    replaced = _REPLACED * brush / thickest
    body = _BODY * brush * brush / thickest
    top, bottom, left, right = tile_range(stroke, cos, sin, canvas.shape[0], canvas.shape[1])
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            if not touches(stroke, cos, sin, row, column):
                continue
            C, H, x, y = canvas[row, column], relief[row, column], x_TP[column], y_TP[row]
            for i in range(TILE_PIXELS):
                layer[0, i], layer[1, i], layer[2, i] = surface(x[i], y[i], geo, a0, da, seed, worn)
            for channel in range(3):
                c0 = stroke[RED + channel]
                dc = stroke[RED1 + channel] - c0
                for i in range(TILE_PIXELS):
                    C[channel, i] += layer[0, i] * (c0 + dc * layer[1, i] - C[channel, i])
            for i in range(TILE_PIXELS):
                H[i] += layer[0, i] * (body * layer[2, i] - replaced * H[i])


@njit(**EXACT)
def paint_oil(canvas: Float32, relief: Float32, x_TP: Float32, y_TP: Float32, strokes: Float32, thickest: Any) -> None:
    """Lay strokes in order, in place.

    Args:
        canvas: colours, tiles float32 (rows, columns, 3, 64).
        relief: height of the paint, tiles float32 (rows, columns, 64), in pixels.
        x_TP, y_TP: pixel centres, see `tiles.Grid`.
        strokes: float32 (N, 17), in pixels of the canvas.
        thickest: the radius from which on larger brushes leave no thicker paint, in pixels; see `thickest_brush`.
    """
    for n in range(len(strokes)):
        _lay(canvas, relief, x_TP, y_TP, strokes[n], thickest)


@njit(**FAST)
def oil_error_curve(
    target: Float32,
    canvas: Float32,
    relief: Float32,
    x_TP: Float32,
    y_TP: Float32,
    strokes: Float32,
    thickest: Any,
) -> Any:
    """Return `kernels.error_curve`, float64 (N + 1,), of oil in even light. Paints the canvas in place."""
    errors = tile_errors(target, canvas, x_TP, y_TP)
    curve = np.zeros(len(strokes) + 1, np.float64)
    curve[0] = errors.sum()
    for n in range(len(strokes)):
        _lay(canvas, relief, x_TP, y_TP, strokes[n], thickest)
        curve[n + 1] = max(curve[n] + error_change(target, canvas, x_TP, y_TP, strokes[n], errors), 0.0)
    return curve


def thickest_brush(height: int, width: int) -> Any:
    """Return the brush radius that leaves the thickest paint on a canvas of this size, float32, in pixels."""
    return np.float32(max(height, width) * _THICKEST / 512)


def worn_brush(height: int, width: int) -> Any:
    """Return the brush radius from which on all bristles show on a canvas of this size, float32, in pixels."""
    return _WORN * thickest_brush(height, width)


@njit(**INLINE)
def _facing(relief: Float32, y: int, x: int, strength: Any) -> tuple[Any, Any]:
    """Return how much a pixel of the relief turns to the light at the upper left: (shading, highlight)."""
    height, width = relief.shape
    slope = relief[y, min(x + 1, width - 1)] - relief[y, max(x - 1, 0)]
    slope += relief[min(y + 1, height - 1), x] - relief[max(y - 1, 0), x]
    facing = strength * max(min(slope * HALF, ONE), -ONE)
    shine = max(facing - _DULL, ZERO)
    return facing * HALF, shine * shine


@njit(**EXACT)
def shade(image: Float32, relief: Float32, strength: Any) -> None:
    """Light a painting from the upper left, in place: slopes that face the light brighten, others darken.

    Args:
        image: float32 (H, W, 3), 0..1; may leave that range.
        relief: float32 (H, W), height in pixels.
        strength: 0 leaves the image as it is; 1 is raking light.
    """
    for y in range(len(relief)):
        for x in range(len(relief[0])):
            shading, highlight = _facing(relief, y, x, strength)
            for channel in range(3):
                image[y, x, channel] += shading * image[y, x, channel] + highlight


@njit(**FAST)
def unshade(image: Float32, relief: Float32, strength: Any) -> None:
    """Undo `shade`, in place: find the colours that look like this image once they are lit."""
    for y in range(len(relief)):
        for x in range(len(relief[0])):
            shading, highlight = _facing(relief, y, x, strength)
            for channel in range(3):
                image[y, x, channel] = (image[y, x, channel] - highlight) / (ONE + shading)
