"""The best colours for oil strokes whose shapes are settled: linear least squares with the true surface.

The finished painting is linear in the colours: a pixel is what is left of the ground plus, for each stroke over it, its
opacity times what the strokes above let through, times a mix of its two colours. So all 2 N colours are found together
by conjugate gradients on the normal equations, bristles and all. A weak pull towards the colours that the strokes have
keeps hidden ones where they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from underpaint.renderers.oil.bristles import grain_seed
from underpaint.renderers.oil.paint import GRAIN, RED1, surface, worn_brush
from underpaint.renderers.strokes.columns import A0, A1, BLUE, RED
from underpaint.renderers.strokes.kernels import FAST, ONE, ZERO, geometry
from underpaint.renderers.strokes.layers import directions_of, list_strokes
from underpaint.renderers.strokes.tiles import FAR, TILE_PIXELS, Float32, Grid

# Steps of conjugate gradients. The error settles to a hundredth of a dB in about twelve.
_STEPS = 12
# Weight of a stroke's present colours, in pixels of full coverage.
_PULL = np.float32(2.0)
# The two colours of a stroke may differ by this much from their mean: more is no brush half mixed, it is two brushes.
_CONTRAST = np.float32(0.16)


@njit(**FAST)
def _shares(
    x_TP: Float32, y_TP: Float32, strokes: Float32, columns: int, worn: Any
) -> tuple[Any, Any, Float32, Float32]:
    """Return how much of each stroke's two colours is seen in each pixel.

    Returns (start, indices) as `layers.list_strokes`, weights float32 (len(indices), 2, 64), and what is seen of the
    ground, float32 (tiles, 64).
    """
    rows = len(y_TP)
    directions = directions_of(strokes)
    start, indices = list_strokes(strokes, directions, rows, columns, 1, 0)
    weights = np.empty((len(indices), 2, TILE_PIXELS), np.float32)
    ground = np.empty((rows * columns, TILE_PIXELS), np.float32)
    for j in range(rows * columns):
        x, y, through = x_TP[j % columns], y_TP[j // columns], ground[j]
        for i in range(TILE_PIXELS):
            through[i] = ONE if max(x[i], y[i]) < FAR else ZERO
        for m in range(start[j + 1] - 1, start[j] - 1, -1):
            stroke = strokes[indices[m]]
            geo = geometry(stroke, directions[indices[m], 0], directions[indices[m], 1])
            a0, da, seed = stroke[A0], stroke[A1] - stroke[A0], grain_seed(stroke[GRAIN])
            left, right = weights[m, 0], weights[m, 1]
            for i in range(TILE_PIXELS):
                alpha, share, _ = surface(x[i], y[i], geo, a0, da, seed, worn)
                left[i], right[i] = alpha, share
            for i in range(TILE_PIXELS):
                seen = through[i] * left[i]
                through[i] -= seen
                right[i] *= seen
                left[i] = seen - right[i]
    return start, indices, weights, ground


@njit(**FAST)
def _painted(
    start: Any, indices: Any, weights: Float32, colours: Float32, base: Float32, scale: Any, image: Float32
) -> None:
    """Write image (tiles, 3, 64) = scale * base + Σ weights * colours (N, 2, 3)."""
    for j in range(len(base)):
        for channel in range(3):
            pixels = image[j, channel]
            for i in range(TILE_PIXELS):
                pixels[i] = scale * base[j, channel, i]
            for m in range(start[j], start[j + 1]):
                left, right = weights[m, 0], weights[m, 1]
                c0, c1 = colours[indices[m], 0, channel], colours[indices[m], 1, channel]
                for i in range(TILE_PIXELS):
                    pixels[i] += left[i] * c0 + right[i] * c1


@njit(**FAST)
def _gathered(start: Any, indices: Any, weights: Float32, image: Float32, sums: Float32) -> None:
    """Write sums (N, 2, 3) = Σ over pixels of weights * image (tiles, 3, 64): the transpose of `_painted`."""
    sums[:] = ZERO
    for j in range(len(image)):
        for m in range(start[j], start[j + 1]):
            n = indices[m]
            for channel in range(3):
                left = right = ZERO
                for i in range(TILE_PIXELS):
                    left += weights[m, 0, i] * image[j, channel, i]
                    right += weights[m, 1, i] * image[j, channel, i]
                sums[n, 0, channel] += left
                sums[n, 1, channel] += right


def solve_colours(
    target: Float32, grid: Grid, ground: Float32, strokes: Float32, held: npt.NDArray[np.bool_] | None = None
) -> Float32:
    """Return strokes with the colours that paint the target best, their shapes as they are.

    Args:
        target: tiles float32 (rows, columns, 3, 64), 0..1.
        grid: the target's pixel centres.
        ground: float32 (3,), the blank canvas.
        strokes: float32 (N, 17), see `underpaint.renderers.oil.paint`; in pixels of the target. Not changed.
        held: bool (N,), strokes that keep the colours they have.

    Returns:
        float32 (N, 17), same order.
    """
    rows, columns = target.shape[:2]
    start, indices, weights, seen_ground = _shares(
        grid.x_TP, grid.y_TP, strokes, columns, worn_brush(grid.height, grid.width)
    )
    flat = target.reshape(rows * columns, 3, TILE_PIXELS)
    # Pixels beyond the border have no weights, and so count nothing.
    base = seen_ground[:, None, :] * ground[None, :, None]
    present = np.stack([strokes[:, RED : BLUE + 1], strokes[:, RED1 : RED1 + 3]], axis=1)
    image, sums = np.empty_like(flat), np.empty_like(present)

    def gather() -> Float32:
        _gathered(start, indices, weights, image, sums)
        if held is not None:
            sums[held] = ZERO
        return sums

    def normal_product(colours: Float32) -> Any:
        _painted(start, indices, weights, colours, base, ZERO, image)
        return gather() + _PULL * colours

    _painted(start, indices, weights, present, base, ONE, image)
    image[:] = flat - image
    change = _conjugate_gradients(normal_product, gather().copy())
    return _with_colours(strokes, present + change)


def _conjugate_gradients(product: Callable[[Float32], Any], right_side: Float32) -> Any:
    """Solve product(x) = right_side, each colour channel (the last axis) for itself, from zero."""
    x, residual = np.zeros_like(right_side), right_side
    direction, norm = residual.copy(), _dots(residual, residual)
    for _ in range(_STEPS):
        along = product(direction)
        step = norm / np.maximum(_dots(direction, along), np.float32(1e-12))
        x += step * direction
        residual = residual - step * along
        norm, before = _dots(residual, residual), norm
        direction = residual + norm / np.maximum(before, np.float32(1e-12)) * direction
    return x


def _dots(a: Float32, b: Float32) -> Float32:
    """Return scalar products by channel, (N, 2, 3) x (N, 2, 3) -> float32 (3,)."""
    return np.asarray((a.astype(np.float64) * b).sum(axis=(0, 1)), np.float32)


def _with_colours(strokes: Float32, colours: Float32) -> Float32:
    """Return the strokes with colours (N, 2, 3), made into what paint can be."""
    mean = colours.mean(axis=1, keepdims=True)
    colours = mean + np.clip(colours - mean, -_CONTRAST, _CONTRAST)
    colours = np.clip(colours, ZERO, ONE)
    coloured: Float32 = strokes.copy()
    coloured[:, RED : BLUE + 1], coloured[:, RED1 : RED1 + 3] = colours[:, 0], colours[:, 1]
    return coloured
