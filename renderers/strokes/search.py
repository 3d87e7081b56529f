"""Greedy placement: where the error is, lay the stroke that lowers it most.

A place is drawn from the error map (tile, then pixel, each in proportion to its squared error), shapes are drawn around
it along the picture's structure, each is scored exactly with its best colour and opacity (`kernels.score`), and the
best one is improved by hill climbing. No gradient, no network; cost is counted in scored candidates.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
from numba import njit

from underpaint.renderers.strokes.columns import (
    A0,
    A1,
    BLUE,
    BOW,
    COLUMNS,
    CX,
    CY,
    EDGE,
    GREEN,
    LENGTH,
    MAX_BOW,
    R0,
    R1,
    RED,
    THETA,
)
from underpaint.renderers.strokes.kernels import (
    FAST,
    HALF,
    INLINE,
    ONE,
    TWO,
    ZERO,
    cos_sin,
    paint_stroke,
    score,
    tile_error,
    tile_range,
)
from underpaint.renderers.strokes.sampling import draw, make_state, normal, uniform
from underpaint.renderers.strokes.structure import orientation
from underpaint.renderers.strokes.tiles import FAR, TILE, TILE_PIXELS, Float32, Grid

_MAX_BOW = np.float32(MAX_BOW)
_STROKE_SIZE = len(COLUMNS)
# A stroke must lower the summed squared error (pixels in 0..1) by this much: less is rounding, and nobody would see it.
_LEAST_GAIN = np.float32(1e-3)
# After so many strokes in a row for which no candidate lowers the error, the search gives up.
_PATIENCE = 200


@dataclasses.dataclass(frozen=True, kw_only=True)
class Brush:
    """What strokes may look like while they are placed. Radii are in pixels of the canvas being painted."""

    radius_min: float = 1.0
    radius_max: float = 5.0
    # Mean length in radii: strokes are drawn with 0 to 2 * stretch radii. 3 gives dabs and short strokes, not hairs.
    stretch: float = 3.0
    # Width of the soft edge in radii.
    softness: float = 0.0
    opacity_min: float = 0.3


@dataclasses.dataclass(frozen=True, kw_only=True)
class Search:
    """How hard to look for each stroke."""

    candidates: int = 64
    # Steps of hill climbing from the best candidate. The error falls about as 1 dB per factor 4 of both numbers.
    climbs: int = 120


@njit(**INLINE)
def _draw_place(
    target: Float32, canvas: Float32, x_TP: Float32, y_TP: Float32, errors: Float32, in_tile: Float32, state: Any
) -> tuple[Any, Any]:
    """A position (x, y) in pixels, drawn in proportion to the squared error."""
    columns = canvas.shape[1]
    total = ZERO
    for j in range(len(errors)):
        total += errors[j]
    j = draw(errors, total, state)
    row, column = j // columns, j % columns
    T, C, x, y = target[row, column], canvas[row, column], x_TP[column], y_TP[row]
    total = ZERO
    for i in range(TILE_PIXELS):
        e0, e1, e2 = T[0, i] - C[0, i], T[1, i] - C[1, i], T[2, i] - C[2, i]
        in_tile[i] = e0 * e0 + e1 * e1 + e2 * e2 if max(x[i], y[i]) < FAR else ZERO
        total += in_tile[i]
    i = draw(in_tile, total, state)
    jitter_x, jitter_y = uniform(state) - HALF, uniform(state) - HALF
    return np.float32(column * TILE + i % TILE) + HALF + jitter_x, np.float32(row * TILE + i // TILE) + HALF + jitter_y


@njit(**INLINE)
def _clip(stroke: Float32, height: int, width: int, radius_min: Any, radius_max: Any, longest: Any) -> None:
    stroke[CX] = min(max(stroke[CX], ZERO), np.float32(width))
    stroke[CY] = min(max(stroke[CY], ZERO), np.float32(height))
    stroke[LENGTH] = min(max(stroke[LENGTH], HALF), longest)
    bow = _MAX_BOW * stroke[LENGTH]
    stroke[BOW] = min(max(stroke[BOW], -bow), bow)
    stroke[R0] = min(max(stroke[R0], radius_min), radius_max)
    stroke[R1] = min(max(stroke[R1], radius_min), radius_max)


@njit(**INLINE)
def _draw_shape(
    stroke: Float32,
    angle: Any,
    coherence: Any,
    radius_min: Any,
    radius_max: Any,
    stretch: Any,
    softness: Any,
    state: Any,
) -> None:
    """A random shape at the stroke's place: radius log-uniform, mostly along the picture's structure."""
    radius = radius_min * np.float32(math.exp(np.float32(math.log(radius_max / radius_min)) * uniform(state)))
    if uniform(state) < np.float32(0.75):
        spread = np.float32(0.25) + np.float32(1.2) * (ONE - coherence)
        stroke[THETA] = angle + normal(state) * spread
    else:
        stroke[THETA] = uniform(state) * np.float32(math.pi)
    stroke[LENGTH] = radius * stretch * TWO * uniform(state) + HALF
    stroke[BOW] = stroke[LENGTH] * normal(state) * np.float32(0.12)
    stroke[R0] = radius
    stroke[R1] = radius * (np.float32(0.6) + np.float32(0.8) * uniform(state))
    stroke[EDGE] = softness * radius


@njit(**INLINE)
def mutate(stroke: Float32, kind: int, step: Any, state: Any) -> None:
    """One hill-climbing move: shift, turn and bend, lengthen, or widen."""
    if kind == 0:
        radius = max(stroke[R0], stroke[R1])
        stroke[CX] += normal(state) * radius * np.float32(0.7) * step
        stroke[CY] += normal(state) * radius * np.float32(0.7) * step
    elif kind == 1:
        stroke[THETA] += normal(state) * np.float32(0.25) * step
        stroke[BOW] += normal(state) * np.float32(0.15) * stroke[LENGTH] * step
    elif kind == 2:
        stroke[LENGTH] *= np.float32(math.exp(normal(state) * np.float32(0.35) * step))
    else:
        factor = np.float32(math.exp(normal(state) * np.float32(0.3) * step))
        stroke[R0] *= factor * np.float32(math.exp(normal(state) * np.float32(0.15)))
        stroke[R1] *= factor
        stroke[EDGE] *= factor


@njit(**FAST)
def _place(
    target: Float32,
    canvas: Float32,
    x_TP: Float32,
    y_TP: Float32,
    height: int,
    width: int,
    tensor: Float32,
    radius_min: Any,
    radius_max: Any,
    stretch: Any,
    softness: Any,
    opacity_min: Any,
    candidates: int,
    climbs: int,
    state: Any,
    placed: Float32,
) -> int:
    rows, columns = canvas.shape[:2]
    errors = np.empty(rows * columns, np.float32)
    for row in range(rows):
        for column in range(columns):
            errors[row * columns + column] = tile_error(
                target[row, column], canvas[row, column], x_TP[column], y_TP[row]
            )
    in_tile = np.empty(TILE_PIXELS, np.float32)
    trial, best = np.zeros(_STROKE_SIZE, np.float32), np.zeros(_STROKE_SIZE, np.float32)
    # Hill climbing may leave the brush's range a little, else the range's ends pile up.
    least, most = radius_min * np.float32(0.8), radius_max * np.float32(1.3)
    longest = radius_max * stretch * TWO
    count, failures, place_x, place_y = 0, 0, ZERO, ZERO
    angle, coherence = ZERO, ZERO
    while count < len(placed) and failures < _PATIENCE:
        best_change = -_LEAST_GAIN
        step = ONE
        for k in range(candidates + climbs):
            if k < candidates:
                # Four shapes at each place: more places find more error, more shapes fit it better.
                if k % 4 == 0:
                    place_x, place_y = _draw_place(target, canvas, x_TP, y_TP, errors, in_tile, state)
                    angle, coherence = orientation(tensor, place_y / np.float32(height), place_x / np.float32(width))
                trial[CX], trial[CY] = place_x, place_y
                _draw_shape(trial, angle, coherence, radius_min, radius_max, stretch, softness, state)
            else:
                if best_change >= -_LEAST_GAIN:
                    break
                if k == candidates + climbs // 2:
                    step = HALF
                trial[:] = best
                mutate(trial, k & 3, step, state)
            _clip(trial, height, width, least, most, longest)
            change, opacity, red, green, blue = score(target, canvas, x_TP, y_TP, trial, opacity_min)
            if change < best_change:
                best_change = change
                trial[A0], trial[A1], trial[RED], trial[GREEN], trial[BLUE] = opacity, opacity, red, green, blue
                best[:] = trial
        if best_change >= -_LEAST_GAIN:
            failures += 1
            continue
        failures = 0
        paint_stroke(canvas, x_TP, y_TP, best)
        cos, sin = cos_sin(best[THETA])
        top, bottom, left, right = tile_range(best, cos, sin, rows, columns)
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                errors[row * columns + column] = tile_error(
                    target[row, column], canvas[row, column], x_TP[column], y_TP[row]
                )
        placed[count] = best
        count += 1
    return count


def place_strokes(
    target: Float32,
    canvas: Float32,
    grid: Grid,
    tensor: Float32,
    count: int,
    brush: Brush,
    search: Search,
    seed: int,
) -> Float32:
    """Place up to `count` strokes one after the other, painting each on `canvas` (in place).

    Args:
        target, canvas: tiles float32 (rows, columns, 3, 64), 0..1.
        grid: their pixel centres.
        tensor: float32 (3, h, w), the structure tensor of the picture at any resolution.
        count: how many strokes at most; fewer come back when nothing lowers the error any more.
        brush, search: limits on the shapes, and effort.
        seed: 0..2**63-1; the same seed gives the same strokes.

    Returns:
        float32 (<= count, 13), in pixels of the canvas.
    """
    placed = np.zeros((count, _STROKE_SIZE), np.float32)
    state = make_state(seed)
    found = _place(
        target, canvas, grid.x_TP, grid.y_TP, grid.height, grid.width, tensor,
        np.float32(brush.radius_min), np.float32(brush.radius_max), np.float32(brush.stretch),
        np.float32(brush.softness), np.float32(brush.opacity_min),
        search.candidates, search.climbs, state, placed,
    )  # fmt: skip
    return placed[:found]
