"""Greedy placement of ink: where the canvas is still too light, lay the mark that helps most.

As in renderers/strokes/search.py, but marks only darken. With coverage k a mark of absorbance q leaves C (1 - q k), so over
the covered pixels Σ k C (C - T) and Σ k² C² give the best q and the exact change of the squared error in closed form,
for each channel by itself.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numba import njit

from underpaint.renderers.ink.shapes import InkBrush, clip, draw_shape
from underpaint.renderers.strokes.columns import A0, A1, COLUMNS, CX, CY, EDGE, RED, THETA
from underpaint.renderers.strokes.kernels import (
    FAST,
    HALF,
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
from underpaint.renderers.strokes.sampling import draw, make_state, uniform
from underpaint.renderers.strokes.search import mutate
from underpaint.renderers.strokes.structure import orientation
from underpaint.renderers.strokes.tiles import FAR, TILE, TILE_PIXELS, Float32, Grid

_PATIENCE = 200
# A mark must lower the summed squared error by this much: less is rounding.
_LEAST_GAIN = np.float32(1e-3)


@dataclasses.dataclass(frozen=True, kw_only=True)
class InkSearch:
    """How hard to look for each mark."""

    candidates: int = 24
    climbs: int = 40


@njit(**INLINE)
def _score(
    target: Float32, canvas: Float32, x_TP: Float32, y_TP: Float32, stroke: Float32, low: Any, high: Any, q: Float32,
    K: Float32,
) -> Any:  # fmt: skip
    """The change of the summed squared error that this shape can bring; its absorbances -> q (channels,)."""
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
def _lay(
    target: Float32, canvas: Float32, x_TP: Float32, y_TP: Float32, stroke: Float32, q: Float32, K: Float32,
    errors: Float32,
) -> None:  # fmt: skip
    """Paint the shape with absorbances q, in place, and renew `errors` (rows * columns,) where it lies."""
    cos, sin = cos_sin(stroke[THETA])
    geo = geometry(stroke, cos, sin)
    columns = canvas.shape[1]
    top, bottom, left, right = tile_range(stroke, cos, sin, canvas.shape[0], columns)
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
            errors[row * columns + column] = _tile_excess(target[row, column], canvas[row, column], x, y, K)


@njit(**INLINE)
def _tile_excess(target: Float32, canvas: Float32, x: Float32, y: Float32, E: Float32) -> Any:
    """Squared error of one tile where the canvas is too light, all that ink can help: E (64,), and its sum."""
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


@njit(**FAST)
def _place(
    target: Float32, canvas: Float32, x_TP: Float32, y_TP: Float32, height: int, width: int, tensor: Float32,
    radius_min: Any, radius_max: Any, stretch: Any, shortest: Any, softness: Any, low: Any, high: Any,
    candidates: int, climbs: int, state: Any, placed: Float32,
) -> int:  # fmt: skip
    rows, columns, channels = canvas.shape[:3]
    # The last entries are room for the sums of every channel.
    K = np.zeros(TILE_PIXELS + 2 * channels, np.float32)
    errors = np.empty(rows * columns, np.float32)
    for row in range(rows):
        for column in range(columns):
            errors[row * columns + column] = _tile_excess(
                target[row, column], canvas[row, column], x_TP[column], y_TP[row], K
            )
    size = placed.shape[1] - channels
    trial, best = np.zeros(size, np.float32), np.zeros(size, np.float32)
    q, best_q = np.zeros(channels, np.float32), np.zeros(channels, np.float32)
    least, most, longest = radius_min * np.float32(0.8), radius_max * np.float32(1.3), radius_max * stretch * TWO
    count, failures, place_x, place_y, angle, coherence = 0, 0, ZERO, ZERO, ZERO, ZERO
    while count < len(placed) and failures < _PATIENCE:
        best_change, step = -_LEAST_GAIN, ONE
        for k in range(candidates + climbs):
            if k < candidates:
                if k % 4 == 0:
                    total = ZERO
                    for j in range(len(errors)):
                        total += errors[j]
                    j = draw(errors, total, state)
                    row, column = j // columns, j % columns
                    total = _tile_excess(target[row, column], canvas[row, column], x_TP[column], y_TP[row], K)
                    i = draw(K[:TILE_PIXELS], total, state)
                    place_x = np.float32(column * TILE + i % TILE) + uniform(state)
                    place_y = np.float32(row * TILE + i // TILE) + uniform(state)
                    angle, coherence = orientation(
                        tensor,
                        min(place_y / np.float32(height), np.float32(0.999)),
                        min(place_x / np.float32(width), np.float32(0.999)),
                    )
                trial[CX], trial[CY] = place_x, place_y
                draw_shape(trial, angle, coherence, radius_min, radius_max, stretch, softness, state)
            else:
                if best_change >= -_LEAST_GAIN:
                    break
                if k == candidates + climbs // 2:
                    step = HALF
                trial[:] = best
                mutate(trial, k & 3, step, state)
            clip(trial, height, width, least, most, shortest, longest)
            change = _score(target, canvas, x_TP, y_TP, trial, low, high, q, K)
            if change < best_change:
                best_change = change
                best[:], best_q[:] = trial, q
        if best_change >= -_LEAST_GAIN:
            failures += 1
            continue
        failures = 0
        _lay(target, canvas, x_TP, y_TP, best, best_q, K, errors)
        placed[count, :size], placed[count, size:] = best, best_q
        count += 1
    return count


def place_ink(
    target: Float32,
    canvas: Float32,
    grid: Grid,
    tensor: Float32,
    count: int,
    brush: InkBrush,
    search: InkSearch,
    seed: int,
) -> tuple[Float32, Float32]:
    """Place up to `count` marks one after the other, painting each on `canvas` (in place).

    Args:
        target, canvas: tiles float32 (rows, columns, channels, 64), 0..1: shares of light let through.
        grid: their pixel centres.
        tensor: float32 (3, h, w), the structure tensor of the picture at any resolution.
        count: how many marks at most; fewer come back when nothing helps any more.
        brush, search: limits on the shapes, and effort.
        seed: 0..2**63-1; the same seed gives the same marks.

    Returns:
        float32 (<= count, 13), the marks in black, their largest absorbance being their opacity; and float32
        (<= count, channels), the absorbance of each channel.
    """
    channels = canvas.shape[2]
    placed = np.zeros((count, len(COLUMNS) + channels), np.float32)
    found = _place(
        target, canvas, grid.x_TP, grid.y_TP, grid.height, grid.width, tensor, np.float32(brush.radius_min),
        np.float32(brush.radius_max), np.float32(brush.stretch), np.float32(brush.shortest), np.float32(brush.softness),
        np.float32(brush.absorbance_min), np.float32(brush.absorbance_max), search.candidates, search.climbs,
        make_state(seed), placed,
    )  # fmt: skip
    shapes, absorbance = placed[:found, : len(COLUMNS)].copy(), placed[:found, len(COLUMNS) :].copy()
    shapes[:, A0] = shapes[:, A1] = absorbance.max(axis=1, initial=0)
    shapes[:, RED:EDGE] = 0
    return shapes, absorbance
