"""The sketch and the clean line: contours, once searched for with a loose hand, once drawn."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from underpaint.renderers.illustration.habits import DrawingHabits
from underpaint.renderers.illustration.layers import BLEND, ERASE, LAYER, LAYERED_COLUMNS, LINE, REGION, SKETCH
from underpaint.renderers.ink.contours import Lines, contour_strokes
from underpaint.renderers.strokes.columns import (
    A0,
    A1,
    BLUE,
    BOW,
    COLUMNS,
    CX,
    CY,
    LENGTH,
    MAX_BOW,
    R0,
    R1,
    RED,
    THETA,
)
from underpaint.renderers.strokes.tiles import Float32

# What people sketch with.
_PENCILS = {"blue": (0.42, 0.56, 0.83), "red": (0.85, 0.48, 0.45), "grey": (0.55, 0.55, 0.58)}
# The colour of the line, and how much of a dark shade of what it outlines is mixed in.
_INK = {"black": ((0.09, 0.08, 0.11), 0.25), "sepia": ((0.24, 0.13, 0.08), 0.25), "local": ((0.09, 0.08, 0.11), 0.85)}
_CLEAN = Lines(sigma=2.0, least=0.005, tolerance=1.1, shortest=16.0, thin=0.75, thick=1.9, gap=4.0)
_ROUGH = Lines(sigma=3.0, least=0.003, tolerance=3.0, shortest=24.0, thin=0.9, thick=1.3, gap=7.0, inhibition=0.5)
_LINE_OPACITY = 0.88
# What the sketch loses before the line is drawn over it.
_FADE = 0.4
# The share of the sketch that is drawn twice, where it is roughest.
_AGAIN = 0.5


def line_strokes(
    outline: Float32, dark: Float32, budget: int, habits: DrawingHabits, random: np.random.Generator
) -> Float32:
    """Return the clean line, float32 (<= budget, 17) in drawing order and in pixels of `outline`.

    Args:
        outline: float32 (H, W), the plane whose edges are drawn, 0..1.
        dark: float32 (H, W, 3), dark shades of what lies there.
        budget: how many strokes at most.
        habits: weight and colour.
        random: for what doesn't matter.
    """
    lines = dataclasses.replace(_CLEAN, thin=_CLEAN.thin * habits.line_weight, thick=_CLEAN.thick * habits.line_weight)
    strokes = _on(LINE, contour_strokes(outline, np.zeros_like(outline), budget, lines, random))
    strokes[:, A0 : A1 + 1] = _LINE_OPACITY
    x = np.clip(strokes[:, CX].astype(np.intp), 0, outline.shape[1] - 1)
    y = np.clip(strokes[:, CY].astype(np.intp), 0, outline.shape[0] - 1)
    ink, hold = _INK[habits.line_colour]
    strokes[:, RED : BLUE + 1] = np.array(ink, np.float32) * np.float32(1 - hold) + dark[y, x] * np.float32(hold)
    return strokes


def sketch_strokes(outline: Float32, budget: int, habits: DrawingHabits, random: np.random.Generator) -> Float32:
    """Return the rough sketch, float32 (<= budget, 17) in drawing order and in pixels of `outline`."""
    rough, scale = habits.roughness, max(outline.shape) / 512
    # A searching line is drawn, and often drawn once more beside it.
    found = contour_strokes(outline, np.zeros_like(outline), round(budget / (1 + _AGAIN * rough)), _ROUGH, random)
    often = 1 + (random.random(len(found)) < _AGAIN * rough)
    strokes = np.repeat(_on(SKETCH, found), often, axis=0)[:budget]
    strokes[:, RED : BLUE + 1] = _PENCILS[habits.pencil]
    return _loosened(strokes, rough, scale, random)


def _on(layer: int, strokes: Float32) -> Float32:
    layered = np.zeros((len(strokes), len(LAYERED_COLUMNS)), np.float32)
    layered[:, : len(COLUMNS)] = strokes[:, : len(COLUMNS)]
    layered[:, LAYER], layered[:, REGION] = layer, -1
    return layered


def _loosened(strokes: Float32, rough: float, scale: float, random: np.random.Generator) -> Float32:
    """Return strokes of a loose hand: off their place, turned a little, longer than needed, pale."""
    loose: Float32 = strokes.copy()

    def about(size: float) -> Float32:
        spread = random.random(len(loose), np.float32) + random.random(len(loose), np.float32) - np.float32(1)
        return np.asarray(np.float32(size) * spread, np.float32)

    loose[:, CX] += about(6 * rough * scale)
    loose[:, CY] += about(6 * rough * scale)
    loose[:, THETA] += about(0.12 * rough)
    loose[:, LENGTH] *= 1.08 + 0.25 * rough * random.random(len(loose), np.float32)
    loose[:, BOW] = np.clip(loose[:, BOW], -MAX_BOW * loose[:, LENGTH], MAX_BOW * loose[:, LENGTH])
    loose[:, R0 : R1 + 1] = np.maximum(loose[:, R0 : R1 + 1], np.float32(1.0 * scale))
    loose[:, A0] = 0.65 + 0.35 * random.random(len(loose), np.float32)
    loose[:, A1] = loose[:, A0] * np.float32(0.7)
    return loose


def over_sketch(line: Float32, height: int, width: int) -> Float32:
    """Return the line between two strokes that take the sketch away: some of it before, all of it after."""
    return np.concatenate([_eraser(_FADE, height, width), line, _eraser(1.0, height, width)])


def _eraser(share: float, height: int, width: int) -> Float32:
    """Return the stroke that takes a share of the whole sketch away: its layer's opacity is lowered."""
    stroke = np.zeros((1, len(LAYERED_COLUMNS)), np.float32)
    stroke[0, [CX, CY]] = width / 2, height / 2
    stroke[0, LENGTH] = 1
    stroke[0, R0 : R1 + 1] = math.hypot(height, width)
    stroke[0, A0 : A1 + 1] = share
    stroke[0, [BLEND, LAYER, REGION]] = ERASE, SKETCH, -1
    return stroke
