"""The stroke kernels: coverage of a tile by a stroke, scoring a candidate, painting, the error after every stroke.

All run on tiles (see `tiles.py`) in float32 on one thread. A loop over the 64 pixels of a tile either only reads arrays
or writes few: LLVM vectorises it only if it needs few run-time checks of whether arrays overlap. A scalar that sums
over a tile is a vector register.

Kernels that search (`FAST`) may reorder sums and fuse multiply-adds. Kernels that make pixels (`EXACT`) may not, and
use no function of the C library, so a program replays to the same bytes on every processor and operating system.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from underpaint.renderers.strokes.columns import A0, A1, BLUE, BOW, CX, CY, EDGE, GREEN, LENGTH, R0, R1, RED, THETA
from underpaint.renderers.strokes.tiles import FAR, TILE, TILE_PIXELS, Float32

# `cache` writes the machine code to disk, so only the first run ever compiles.
_COMMON: dict[str, Any] = {"error_model": "numpy", "cache": True, "nogil": True}
# What EXACT permits changes no result on finite numbers. FAST leaves division and square root exact too (no `arcp`, no
# `afn`): they would come from each processor's own reciprocal tables.
EXACT: dict[str, Any] = {**_COMMON, "fastmath": {"nnan", "ninf", "nsz"}}
FAST: dict[str, Any] = {**_COMMON, "fastmath": {"nnan", "ninf", "nsz", "reassoc", "contract"}}
# Everything that a kernel calls is inlined into it, and obeys its rules. Two kernels that share a compiled function
# would both run whichever of its versions was loaded first, fresh from the compiler or from the cache, and a sum would
# come out differently in the last bit from one process to the next.
INLINE: dict[str, Any] = {**FAST, "inline": "always"}

ZERO, HALF, ONE, TWO = np.float32(0), np.float32(0.5), np.float32(1), np.float32(2)
SHORTEST = np.float32(1e-3)
_TILE_CENTRE = np.float32(TILE / 2)
_TILE_REACH = np.float32((TILE - 1) / 2)
# Below this summed squared coverage (in pixels) a stroke is not on the canvas.
_LEAST_COVERAGE = np.float32(1e-3)


@njit(**INLINE)
def cos_sin(angle: Any) -> tuple[Any, Any]:
    """Return cosine and sine of a float32 angle, correct to float32.

    Taylor series in float64 around a multiple of 90 degrees.

    The C library's own differ in the last bit from one system to the next.
    """
    quarter = math.floor(np.float64(angle) * (2.0 / math.pi) + 0.5)
    r = np.float64(angle) - quarter * (math.pi / 2.0)
    q = r * r
    cos = 1.0 + q * (-1 / 2 + q * (1 / 24 + q * (-1 / 720 + q * (1 / 40320 - q / 3628800))))
    sin = r * (1.0 + q * (-1 / 6 + q * (1 / 120 + q * (-1 / 5040 + q * (1 / 362880 - q / 39916800)))))
    turn = int(quarter) & 3
    if turn == 1:
        cos, sin = -sin, cos
    elif turn == 2:
        cos, sin = -cos, -sin
    elif turn == 3:
        cos, sin = sin, -cos
    return np.float32(cos), np.float32(sin)


@njit(**INLINE)
def geometry(stroke: Float32, cos: Any, sin: Any) -> tuple[Any, ...]:
    """Return what `coverage` needs of a stroke: the chord frame (u along the chord from P0, v across), the profile."""
    length = max(stroke[LENGTH], SHORTEST)
    sharpness = ONE / max(stroke[EDGE], ONE)
    u0 = HALF * length - stroke[CX] * cos - stroke[CY] * sin
    v0 = stroke[CX] * sin - stroke[CY] * cos
    bow4, dr = np.float32(4) * stroke[BOW], stroke[R1] - stroke[R0]
    return cos, sin, u0, v0, length, ONE / length, bow4, stroke[R0], dr, sharpness


@njit(**INLINE)
def nearest(x: Any, y: Any, stroke_geometry: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the parameter t, 0..1, of the curve's point next to pixel (x, y), and the offset (du, dv) to the pixel.

    In the chord frame the curve is v = 4 bow t (1 - t), u = t length. The foot of the perpendicular on the chord is the
    first guess, one Gauss-Newton step on the squared distance the answer. It ends at t = 0 and 1, so caps are round.
    """
    cos, sin, u0, v0, length, inverse_length, bow4, _, _, _ = stroke_geometry
    u = x * cos + y * sin + u0
    v = y * cos - x * sin + v0
    t = min(max(u * inverse_length, ZERO), ONE)
    slope = bow4 * (ONE - TWO * t)
    du, dv = u - t * length, v - bow4 * t * (ONE - t)
    t = min(max(t + (du * length + dv * slope) / (length * length + slope * slope), ZERO), ONE)
    return t, u - t * length, v - bow4 * t * (ONE - t)


@njit(**INLINE)
def coverage(x: Any, y: Any, stroke_geometry: tuple[Any, ...]) -> tuple[Any, Any]:
    """Return how much of the brush's paint the pixel at (x, y) gets, 0..1, and the curve parameter t there.

    A disc filtered by a box as wide as its soft edge, one pixel at least; a brush thinner than that gives its width's
    share.
    """
    t, du, dv = nearest(x, y, stroke_geometry)
    radius, sharpness = stroke_geometry[7] + stroke_geometry[8] * t, stroke_geometry[9]
    edge = (radius - math.sqrt(du * du + dv * dv)) * sharpness + HALF
    return max(min(edge, min(ONE, TWO * radius * sharpness)), ZERO), t


@njit(**INLINE)
def brush_reach(stroke: Float32) -> Any:
    """Return how far from its curve the stroke leaves paint, in pixels."""
    return max(stroke[R0], stroke[R1]) + HALF * max(stroke[EDGE], ONE)


@njit(**INLINE)
def tile_range(stroke: Float32, cos: Any, sin: Any, rows: int, columns: int) -> tuple[int, int, int, int]:
    """Return first and last tile row and column that the stroke's bounding box touches; empty if last < first."""
    reach = brush_reach(stroke)
    along = stroke[LENGTH] * HALF + reach
    low, high = min(ZERO, stroke[BOW]) - reach, max(ZERO, stroke[BOW]) + reach
    left = stroke[CX] - along * abs(cos) + min(-low * sin, -high * sin)
    right = stroke[CX] + along * abs(cos) + max(-low * sin, -high * sin)
    top = stroke[CY] - along * abs(sin) + min(low * cos, high * cos)
    bottom = stroke[CY] + along * abs(sin) + max(low * cos, high * cos)
    return (
        max(math.floor(top) // TILE, 0),
        min(math.floor(bottom) // TILE, rows - 1),
        max(math.floor(left) // TILE, 0),
        min(math.floor(right) // TILE, columns - 1),
    )


@njit(**INLINE)
def touches(stroke: Float32, cos: Any, sin: Any, row: int, column: int) -> Any:
    """Return whether the oriented box of the stroke meets the tile (never wrong in saying no)."""
    dx = np.float32(column * TILE) + _TILE_CENTRE - stroke[CX]
    dy = np.float32(row * TILE) + _TILE_CENTRE - stroke[CY]
    u, v = dx * cos + dy * sin, dy * cos - dx * sin
    reach = brush_reach(stroke) + _TILE_REACH * (abs(cos) + abs(sin))
    inside_ends = abs(u) <= stroke[LENGTH] * HALF + reach
    return inside_ends and min(ZERO, stroke[BOW]) - reach <= v <= max(ZERO, stroke[BOW]) + reach


@njit(**INLINE)
def score(
    target: Float32, canvas: Float32, x_TP: Float32, y_TP: Float32, stroke: Float32, least_opacity: Any
) -> tuple[Any, Any, Any, Any, Any]:
    """Return the best this shape can do: (change of the summed squared error, opacity, red, green, blue).

    With coverage k, target T, canvas C, one constant opacity a and colour c, painting leaves C + a k (c - C). Nine sums
    over the covered pixels, D = Σk², R = Σk(T-C), Q = Σk²C, P = Σk(T-C)·C, S = Σk²|C|², give the exact change of error
        dE = 2a (P - c·R) + a² (S - 2 c·Q + |c|² D)
    and its minimum in closed form: a = -(P - R·Q/D)/(S - |Q|²/D) and c = (R/a + Q)/D. Where c must be clipped to what
    paint can do, the opacity is chosen once more for the clipped colour.
    """
    cos, sin = cos_sin(stroke[THETA])
    geo = geometry(stroke, cos, sin)
    d = r0 = r1 = r2 = q0 = q1 = q2 = p = s = ZERO
    top, bottom, left, right = tile_range(stroke, cos, sin, canvas.shape[0], canvas.shape[1])
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            if not touches(stroke, cos, sin, row, column):
                continue
            C, T, x, y = canvas[row, column], target[row, column], x_TP[column], y_TP[row]
            for i in range(TILE_PIXELS):
                k, _ = coverage(x[i], y[i], geo)
                c0, c1, c2 = C[0, i], C[1, i], C[2, i]
                e0, e1, e2 = k * (T[0, i] - c0), k * (T[1, i] - c1), k * (T[2, i] - c2)
                k2 = k * k
                g0, g1, g2 = k2 * c0, k2 * c1, k2 * c2
                d += k2
                r0 += e0
                r1 += e1
                r2 += e2
                q0 += g0
                q1 += g1
                q2 += g2
                p += e0 * c0 + e1 * c1 + e2 * c2
                s += g0 * c0 + g1 * c1 + g2 * c2
    if d < _LEAST_COVERAGE:
        return ZERO, ONE, ZERO, ZERO, ZERO
    inverse_d = ONE / d
    curvature = s - (q0 * q0 + q1 * q1 + q2 * q2) * inverse_d
    a = ONE
    # On a canvas of one colour every opacity does as well with its own colour, and the rest is rounding: take 1.
    if curvature > np.float32(1e-4) * s:
        a = min(max((r0 * q0 + r1 * q1 + r2 * q2) * inverse_d - p, least_opacity * curvature) / curvature, ONE)
    red = min(max((r0 / a + q0) * inverse_d, ZERO), ONE)
    green = min(max((r1 / a + q1) * inverse_d, ZERO), ONE)
    blue = min(max((r2 / a + q2) * inverse_d, ZERO), ONE)
    linear = p - red * r0 - green * r1 - blue * r2
    squared = s - TWO * (red * q0 + green * q1 + blue * q2) + (red * red + green * green + blue * blue) * d
    if squared > ZERO:
        a = min(max(-linear / squared, least_opacity), ONE)
    return TWO * a * linear + a * a * squared, a, red, green, blue


@njit(**INLINE)
def paint_stroke(canvas: Float32, x_TP: Float32, y_TP: Float32, stroke: Float32) -> None:
    """Lay one stroke on the canvas, in place: C += A (colour - C), A = opacity(t) * coverage."""
    cos, sin = cos_sin(stroke[THETA])
    geo = geometry(stroke, cos, sin)
    a0, da = stroke[A0], stroke[A1] - stroke[A0]
    red, green, blue = stroke[RED], stroke[GREEN], stroke[BLUE]
    top, bottom, left, right = tile_range(stroke, cos, sin, canvas.shape[0], canvas.shape[1])
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            if not touches(stroke, cos, sin, row, column):
                continue
            C, x, y = canvas[row, column], x_TP[column], y_TP[row]
            for i in range(TILE_PIXELS):
                k, t = coverage(x[i], y[i], geo)
                alpha = (a0 + da * t) * k
                C[0, i] += alpha * (red - C[0, i])
                C[1, i] += alpha * (green - C[1, i])
                C[2, i] += alpha * (blue - C[2, i])


@njit(**EXACT)
def paint_strokes(canvas: Float32, x_TP: Float32, y_TP: Float32, strokes: Float32) -> None:
    """Lay strokes (N, 13) on the canvas, in order, in place."""
    for n in range(len(strokes)):
        paint_stroke(canvas, x_TP, y_TP, strokes[n])


@njit(**INLINE)
def tile_error(target_tile: Float32, canvas_tile: Float32, x: Float32, y: Float32) -> Any:
    """Return the summed squared error of one tile (3, 64), pixels beyond the border left out."""
    total = ZERO
    for i in range(TILE_PIXELS):
        e0 = target_tile[0, i] - canvas_tile[0, i]
        e1 = target_tile[1, i] - canvas_tile[1, i]
        e2 = target_tile[2, i] - canvas_tile[2, i]
        total += e0 * e0 + e1 * e1 + e2 * e2 if max(x[i], y[i]) < FAR else ZERO
    return total


@njit(**INLINE)
def tile_errors(target: Float32, canvas: Float32, x_TP: Float32, y_TP: Float32) -> Any:
    """Return the summed squared error of every tile -> float64 (rows, columns)."""
    rows, columns = canvas.shape[:2]
    errors = np.zeros((rows, columns), np.float64)
    for row in range(rows):
        for column in range(columns):
            errors[row, column] = tile_error(target[row, column], canvas[row, column], x_TP[column], y_TP[row])
    return errors


@njit(**INLINE)
def error_change(target: Float32, canvas: Float32, x_TP: Float32, y_TP: Float32, stroke: Float32, errors: Any) -> Any:
    """Return how `errors`, of `tile_errors`, changed by painting `stroke`; brings them up to date in place."""
    cos, sin = cos_sin(stroke[THETA])
    top, bottom, left, right = tile_range(stroke, cos, sin, canvas.shape[0], canvas.shape[1])
    change = 0.0
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            error = tile_error(target[row, column], canvas[row, column], x_TP[column], y_TP[row])
            change += error - errors[row, column]
            errors[row, column] = error
    return change


@njit(**FAST)
def error_curve(target: Float32, canvas: Float32, x_TP: Float32, y_TP: Float32, strokes: Float32) -> Any:
    """Return the summed squared error before the first and after each stroke -> float64 (N + 1,).

    Paints the canvas in place."""
    errors = tile_errors(target, canvas, x_TP, y_TP)
    curve = np.zeros(len(strokes) + 1, np.float64)
    curve[0] = errors.sum()
    for n in range(len(strokes)):
        paint_stroke(canvas, x_TP, y_TP, strokes[n])
        curve[n + 1] = max(curve[n] + error_change(target, canvas, x_TP, y_TP, strokes[n], errors), 0.0)
    return curve
