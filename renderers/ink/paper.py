"""Paper: a height field that ink catches on, and the procedural noise it is made of.

Noise comes from hashing whole numbers, so it is the same on every machine, and from coordinates in units of the sheet
or of the brush, so it is the same at every size.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from underpaint.renderers.strokes.kernels import EXACT, INLINE, ONE, TWO
from underpaint.renderers.strokes.tiles import FAR, TILE_PIXELS, Float32, Grid

# A sheet has so many tufts of fibre along its longer side: as fine as a pixel or two of a canvas of 512 px.
_TUFTS = 320.0
# Fibres are so many times as long as they are wide.
_STRETCH = 7.0


@njit(**INLINE)
def _lattice(column: Any, row: Any, seed: Any) -> Any:
    """Return a random number in [0, 1) for a point of the lattice: 32-bit integer hashing (as xxHash ends)."""
    h = np.uint32(np.uint32(column) * np.uint32(0x9E3779B1))
    h = np.uint32(h ^ np.uint32(np.uint32(row) * np.uint32(0x85EBCA77)))
    h = np.uint32(h + seed)
    h = np.uint32(np.uint32(h ^ (h >> np.uint32(15))) * np.uint32(0x2C1B3C6D))
    h = np.uint32(np.uint32(h ^ (h >> np.uint32(12))) * np.uint32(0x297A2D39))
    h = np.uint32(h ^ (h >> np.uint32(15)))
    return np.float32(np.int32(h >> np.uint32(8))) * np.float32(1.0 / 16777216.0)


@njit(**INLINE)
def noise(x: Any, y: Any, seed: Any) -> Any:
    """Return smooth noise in 0..1 with one hill or hollow per unit, mean 1/2; `seed` is uint32."""
    column, row = math.floor(x), math.floor(y)
    fx, fy = x - np.float32(column), y - np.float32(row)
    fx, fy = fx * fx * (np.float32(3) - TWO * fx), fy * fy * (np.float32(3) - TWO * fy)
    left, top = np.int32(column), np.int32(row)
    right, bottom = np.int32(left + np.int32(1)), np.int32(top + np.int32(1))
    upper = _lattice(left, top, seed) * (ONE - fx) + _lattice(right, top, seed) * fx
    lower = _lattice(left, bottom, seed) * (ONE - fx) + _lattice(right, bottom, seed) * fx
    return upper * (ONE - fy) + lower * fy


@njit(**INLINE)
def seed_of(grain: Any) -> Any:
    """Return the seed, uint32, that a number in [0, 1) stands for."""
    return np.uint32(np.int32(min(max(grain, np.float32(0)), np.float32(0.9999999)) * np.float32(16777216)))


@njit(**EXACT)
def _fill_paper(heights: Float32, x_TP: Float32, y_TP: Float32, unit: Any) -> None:
    long = np.float32(1.0 / _STRETCH)
    for row in range(heights.shape[0]):
        for column in range(heights.shape[1]):
            x, y, h = x_TP[column], y_TP[row], heights[row, column]
            for i in range(TILE_PIXELS):
                # Pixels over the border are far away, beyond what a lattice coordinate may be.
                u, v = min(x[i], FAR) * unit, min(y[i], FAR) * unit
                tooth = noise(u, v, np.uint32(11))
                # Fibres run both ways, slightly askew.
                across = noise(u * long + v * np.float32(0.06), v * TWO, np.uint32(23))
                down = noise(u * TWO, v * long - u * np.float32(0.06), np.uint32(37))
                h[i] = tooth * np.float32(0.5) + (across + down) * np.float32(0.25)


def paper_heights(grid: Grid) -> Float32:
    """Return the height of the paper at every pixel -> tiles float32 (rows, columns, 64), 0..1, mean 1/2.

    The same sheet at every size of canvas: its grain is a fixed share of the longer side.
    """
    heights = np.empty((len(grid.y_TP), len(grid.x_TP), TILE_PIXELS), np.float32)
    _fill_paper(heights, grid.x_TP, grid.y_TP, np.float32(_TUFTS / max(grid.height, grid.width)))
    return heights
