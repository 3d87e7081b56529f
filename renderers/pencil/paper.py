"""Drawing paper: hollows that a pencil skips, the same at every size of canvas."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from underpaint.renderers.ink.paper import noise
from underpaint.renderers.strokes.kernels import EXACT, HALF, ONE, TWO, ZERO
from underpaint.renderers.strokes.tiles import FAR, TILE_PIXELS, Float32, Grid

# Hollows along the longer side of a sheet: about two pixels of a canvas of 512 px wide.
_HOLLOWS = 230.0
# How much steeper the sides of a hollow are than those of noise.
_STEEP = np.float32(1.6)


@njit(**EXACT)
def _fill(hollows: Float32, x_TP: Float32, y_TP: Float32, unit: Any, seen: Any) -> None:
    for row in range(hollows.shape[0]):
        for column in range(hollows.shape[1]):
            x, y, h = x_TP[column], y_TP[row], hollows[row, column]
            for i in range(TILE_PIXELS):
                # Pixels over the border are far away, beyond what a lattice coordinate may be.
                u, v = min(x[i], FAR) * unit, min(y[i], FAR) * unit
                coarse = noise(u + np.float32(0.35) * v, v - np.float32(0.35) * u, np.uint32(53))
                fine = noise(u * TWO, v * TWO, np.uint32(71))
                depth = (coarse * np.float32(0.65) + fine * np.float32(0.35) - HALF) * _STEEP * seen
                h[i] = max(min(depth + HALF, ONE), ZERO)


def paper_hollows(grid: Grid) -> Float32:
    """Return how deep the paper lies at every pixel -> tiles float32 (rows, columns, 64), 0..1, mean 1/2.

    Hollows smaller than a pixel are not seen one by one: on small canvases the sheet is smoother.
    """
    unit = _HOLLOWS / max(grid.height, grid.width)
    hollows = np.empty((len(grid.y_TP), len(grid.x_TP), TILE_PIXELS), np.float32)
    _fill(hollows, grid.x_TP, grid.y_TP, np.float32(unit), np.float32(min(0.8 / unit, 1.0)))
    return hollows
