"""Shading and highlights: shadows that multiply, paint over them, lights that screen, each within its region."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from underpaint.renderers.illustration.layers import (
    BLEND,
    COLOUR,
    LAYER,
    LAYERED_COLUMNS,
    MULTIPLY,
    OVER,
    REGION,
    SCREEN,
    Layers,
)
from underpaint.renderers.illustration.refinement import refine_layered
from underpaint.renderers.order.places import stroke_regions
from underpaint.renderers.strokes.adam import Refinement
from underpaint.renderers.strokes.columns import A0, A1, BLUE, COLUMNS, RED
from underpaint.renderers.strokes.search import Search, place_marks, place_strokes
from underpaint.renderers.strokes.shapes import Brush
from underpaint.renderers.strokes.structure import structure_tensor
from underpaint.renderers.strokes.tiles import Float32, Grid, from_tiles, to_tiles

Int32 = npt.NDArray[np.int32]
_STROKE = len(COLUMNS)


def shadows(
    target: Float32, base: Layers, labels: Int32, tensor: Float32, budget: int, brush: Brush, search: Search, seed: int
) -> Float32:
    """Return strokes that multiply, float32 (<= budget, 17), and lay them on `base`."""
    canvas = base.colour.copy()
    marks, absorbance = place_marks(target, canvas, base.grid, tensor, budget, brush, search, seed)
    strokes = _clipped(marks, MULTIPLY, labels)
    strokes[:, RED : BLUE + 1] = 1 - absorbance / np.maximum(absorbance.max(axis=1, initial=0), 1e-6)[:, None]
    base.lay(strokes)
    return strokes


def lights(
    target: Float32, base: Layers, labels: Int32, tensor: Float32, budget: int, brush: Brush, search: Search, seed: int
) -> Float32:
    """Return strokes that screen, float32 (<= budget, 17), and lay them on `base`: shadows of the negative."""
    negative = np.float32(1) - base.colour
    marks, absorbance = place_marks(
        np.float32(1) - target, negative, base.grid, tensor, budget, brush, search, seed
    )
    strokes = _clipped(marks, SCREEN, labels)
    strokes[:, RED : BLUE + 1] = absorbance / np.maximum(absorbance.max(axis=1, initial=0), 1e-6)[:, None]
    base.lay(strokes)
    return strokes


def paint_over(
    target: Float32, base: Layers, labels: Int32, tensor: Float32, budget: int, brush: Brush, search: Search, seed: int
) -> Float32:
    """Return strokes that cover, float32 (<= budget, 17), and lay them on `base`."""
    placed = place_strokes(target, base.colour.copy(), base.grid, tensor, budget, brush, search, seed)
    strokes = _clipped(placed, OVER, labels)
    base.lay(strokes)
    return strokes


def _clipped(placed: Float32, blend: int, labels: Int32) -> Float32:
    strokes = np.zeros((len(placed), len(LAYERED_COLUMNS)), np.float32)
    strokes[:, :_STROKE] = placed
    strokes[:, BLEND], strokes[:, LAYER] = blend, COLOUR
    strokes[:, REGION] = stroke_regions(placed, labels) if len(placed) else 0
    return strokes
