"""Greedy placement: where the error is, lay the stroke that lowers it most.

A place is drawn from the error map (tile, then pixel, each in proportion to its squared error), shapes are drawn around
it along the picture's structure, each is scored exactly with the best colour and opacity that it can have
(`kernels.score` for paint, `absorption.score_mark` for ink), and the best one is improved by hill climbing. No
gradient, no network; cost is counted in scored candidates.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numba import njit

from underpaint.renderers.strokes.absorption import lay_mark, score_mark, tile_excess
from underpaint.renderers.strokes.columns import A0, A1, BLUE, COLUMNS, CX, CY, EDGE, GREEN, RED, THETA
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
    tile_range,
)
from underpaint.renderers.strokes.sampling import draw, make_state, uniform
from underpaint.renderers.strokes.shapes import Brush, clip, draw_dab, draw_mark, mutate
from underpaint.renderers.strokes.structure import orientation
from underpaint.renderers.strokes.tiles import FAR, TILE, TILE_PIXELS, Float32, Grid

_STROKE_SIZE = len(COLUMNS)
# A stroke must lower the summed squared error (pixels in 0..1) by this much: less is rounding, and nobody would see it.
_LEAST_GAIN = np.float32(1e-3)
# After so many strokes in a row for which no candidate lowers the error, the search gives up.
_PATIENCE = 200
# Ink looks up the structure a little inside the lower and right border.
_INSIDE = np.float32(0.999)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Search:
    """How hard to look for each stroke."""

    candidates: int = 64
    # Steps of hill climbing from the best candidate. The error falls about as 1 dB per factor 4 of both numbers.
    climbs: int = 120


@njit(**INLINE)
def _squared_error(T: Float32, C: Float32, x: Float32, y: Float32, E: Float32) -> Any:
    """Return the squared error of one tile (3, 64); of each pixel -> E (64,)."""
    total = ZERO
    for i in range(TILE_PIXELS):
        e0, e1, e2 = T[0, i] - C[0, i], T[1, i] - C[1, i], T[2, i] - C[2, i]
        E[i] = e0 * e0 + e1 * e1 + e2 * e2 if max(x[i], y[i]) < FAR else ZERO
        total += E[i]
    return total


@njit(**INLINE)
def _tile_error(darkens: bool, T: Float32, C: Float32, x: Float32, y: Float32, E: Float32) -> Any:
    """Return the squared error of a tile that a stroke can help; of each pixel -> E (64,)."""
    if darkens:
        return tile_excess(T, C, x, y, E)
    return _squared_error(T, C, x, y, E)


@njit(**FAST)
def _place(
    darkens: bool, target: Float32, canvas: Float32, x_TP: Float32, y_TP: Float32, height: int, width: int,
    tensor: Float32, radius_min: Any, radius_max: Any, stretch: Any, shortest: Any, softness: Any, opacity_min: Any,
    opacity_max: Any, candidates: int, climbs: int, state: Any, placed: Float32,
) -> int:  # fmt: skip
    """Place strokes of paint, or marks that darken, until `placed` is full or nothing helps. Returns how many.

    A row of `placed` is a stroke, and for a mark the absorbance of each channel.
    """
    rows, columns, channels = canvas.shape[:3]
    # Scratch: a value for each pixel of a tile, and the sums of every channel.
    scratch = np.zeros(TILE_PIXELS + 2 * channels, np.float32)
    errors = np.empty(rows * columns, np.float32)
    for row in range(rows):
        for column in range(columns):
            errors[row * columns + column] = _tile_error(
                darkens, target[row, column], canvas[row, column], x_TP[column], y_TP[row], scratch
            )
    trial, best = np.zeros(placed.shape[1], np.float32), np.zeros(placed.shape[1], np.float32)
    # Hill climbing may leave the brush's range a little, else the range's ends pile up.
    least, most, longest = radius_min * np.float32(0.8), radius_max * np.float32(1.3), radius_max * stretch * TWO
    inside = _INSIDE if darkens else ONE
    count, failures, place_x, place_y, angle, coherence = 0, 0, ZERO, ZERO, ZERO, ZERO
    while count < len(placed) and failures < _PATIENCE:
        best_change, step = -_LEAST_GAIN, ONE
        for k in range(candidates + climbs):
            if k < candidates:
                # Four shapes at each place: more places find more error, more shapes fit it better.
                if k % 4 == 0:
                    total = ZERO
                    for j in range(len(errors)):
                        total += errors[j]
                    j = draw(errors, total, state)
                    row, column = j // columns, j % columns
                    T, C = target[row, column], canvas[row, column]
                    total = _tile_error(darkens, T, C, x_TP[column], y_TP[row], scratch)
                    i = draw(scratch[:TILE_PIXELS], total, state)
                    place_x = np.float32(column * TILE + i % TILE) + uniform(state)
                    place_y = np.float32(row * TILE + i // TILE) + uniform(state)
                    angle, coherence = orientation(
                        tensor, min(place_y / np.float32(height), inside), min(place_x / np.float32(width), inside)
                    )
                trial[CX], trial[CY] = place_x, place_y
                if darkens:
                    draw_mark(trial, angle, coherence, radius_min, radius_max, stretch, softness, state)
                else:
                    draw_dab(trial, angle, coherence, radius_min, radius_max, stretch, softness, state)
            else:
                if best_change >= -_LEAST_GAIN:
                    break
                if k == candidates + climbs // 2:
                    step = HALF
                trial[:] = best
                mutate(trial, k & 3, step, state)
            clip(trial, height, width, least, most, shortest, longest)
            if darkens:
                absorbance = trial[_STROKE_SIZE:]
                change = score_mark(target, canvas, x_TP, y_TP, trial, opacity_min, opacity_max, absorbance, scratch)
            else:
                change, opacity, red, green, blue = score(target, canvas, x_TP, y_TP, trial, opacity_min)
                trial[A0], trial[A1], trial[RED], trial[GREEN], trial[BLUE] = opacity, opacity, red, green, blue
            if change < best_change:
                best_change = change
                best[:] = trial
        if best_change >= -_LEAST_GAIN:
            failures += 1
            continue
        failures = 0
        if darkens:
            lay_mark(canvas, x_TP, y_TP, best, best[_STROKE_SIZE:], scratch)
        else:
            paint_stroke(canvas, x_TP, y_TP, best)
        cos, sin = cos_sin(best[THETA])
        top, bottom, left, right = tile_range(best, cos, sin, rows, columns)
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                errors[row * columns + column] = _tile_error(
                    darkens, target[row, column], canvas[row, column], x_TP[column], y_TP[row], scratch
                )
        placed[count] = best
        count += 1
    return count


def _search(
    darkens: bool,
    target: Float32,
    canvas: Float32,
    grid: Grid,
    tensor: Float32,
    count: int,
    brush: Brush,
    search: Search,
    seed: int,
) -> Float32:
    """Place up to `count` strokes -> the rows of `_place`."""
    placed = np.zeros((count, _STROKE_SIZE + (canvas.shape[2] if darkens else 0)), np.float32)
    found = _place(
        darkens, target, canvas, grid.x_TP, grid.y_TP, grid.height, grid.width, tensor, np.float32(brush.radius_min),
        np.float32(brush.radius_max), np.float32(brush.stretch), np.float32(brush.shortest), np.float32(brush.softness),
        np.float32(brush.opacity_min), np.float32(brush.opacity_max), search.candidates, search.climbs,
        make_state(seed), placed,
    )  # fmt: skip
    return placed[:found]


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
    """Place up to `count` strokes of paint one after the other, painting each on `canvas` (in place).

    Args:
        target: tiles float32 (rows, columns, 3, 64), 0..1.
        canvas: tiles of the same shape.
        grid: their pixel centres.
        tensor: float32 (3, h, w), the structure tensor of the picture at any resolution.
        count: how many strokes at most; fewer come back when nothing lowers the error any more.
        brush: limits on the shapes.
        search: effort.
        seed: at least 0; the same seed gives the same strokes.

    Returns:
        float32 (<= count, 13), in pixels of the canvas.
    """
    return _search(False, target, canvas, grid, tensor, count, brush, search, seed)


def place_marks(
    target: Float32,
    canvas: Float32,
    grid: Grid,
    tensor: Float32,
    count: int,
    brush: Brush,
    search: Search,
    seed: int,
) -> tuple[Float32, Float32]:
    """Place up to `count` marks that only darken one after the other, painting each on `canvas` (in place).

    Args:
        target: tiles float32 (rows, columns, channels, 64), 0..1: shares of light to let through.
        canvas: tiles of the same shape.
        grid: their pixel centres.
        tensor: float32 (3, h, w), the structure tensor of the picture at any resolution.
        count: how many marks at most; fewer come back when nothing helps any more.
        brush: limits on the shapes; its opacities are absorbances.
        search: effort.
        seed: at least 0; the same seed gives the same marks.

    Returns:
        float32 (<= count, 13), the marks in black, their largest absorbance being their opacity; and float32
        (<= count, channels), the absorbance of each channel.
    """
    placed = _search(True, target, canvas, grid, tensor, count, brush, search, seed)
    marks, absorbance = placed[:, :_STROKE_SIZE].copy(), placed[:, _STROKE_SIZE:].copy()
    marks[:, A0] = marks[:, A1] = absorbance.max(axis=1, initial=0)
    marks[:, RED:EDGE] = 0
    return marks, absorbance
