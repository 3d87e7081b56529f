"""What a finger smudges and an eraser lifts: both move the paper's tone towards another, up or down."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from underpaint.renderers.pencil.sheet import PencilSheet
from underpaint.renderers.pencil.surface import LIFT, LINES, PENCIL_COLUMNS, TOOTH
from underpaint.renderers.strokes.columns import A0, A1, BLUE, COLUMNS, CX, CY, EDGE, LENGTH, R0, R1, RED, scale_strokes
from underpaint.renderers.strokes.search import place_strokes
from underpaint.renderers.strokes.shapes import Brush
from underpaint.renderers.strokes.tiles import Float32, from_tiles

# Paper this light isn't smudged.
_LIGHT = 0.8
# Nor are edges: the most that the tone varies (squared) under a finger.
_UNEVEN = 0.006
# How much of the way to the mean tone a finger goes.
_FINGER = 0.4
_ERASER = Brush(radius_min=0.8, radius_max=2.2, stretch=5.0, softness=0.7, opacity_min=0.2)
_ERASER_SCALE = 0.5
# The share of the graphite that an eraser takes at most: what sits deep stays.
_MOST_LIFTED = 0.7
# Less is not worth a touch of the eraser.
_LEAST_LIFT = np.float32(0.06)


def smudge_marks(hatching: Float32, tone: Float32, budget: int) -> Float32:
    """Return smudges over the largest dark patches of even tone, float32 (<= budget, 20).

    Args:
        hatching: float32 (N, 20), in pixels of `tone`.
        tone: float32 (H, W), the tone to reach.
        budget: how many at most.
    """
    patches = hatching[hatching[:, LINES] > 0]
    height, width = tone.shape
    mean, squared = (_window_means(values, patches, height, width) for values in (tone, tone * tone))
    uneven = squared - mean * mean
    radius = patches[:, R0 : R1 + 1].mean(axis=1)
    worth = np.where((mean < _LIGHT) & (uneven < _UNEVEN), radius * (1 - mean) / (uneven + np.float32(0.005)), 0)
    order = np.argsort(-worth, kind="stable")
    best = _apart(patches, order[worth[order] > 0], budget, height, width)
    marks: Float32 = patches[best].copy()
    marks[:, RED : BLUE + 1] = mean[best, None]
    marks[:, EDGE] = 2 * radius[best]
    marks[:, A0 : A1 + 1] = _FINGER
    marks[:, LINES:LIFT] = 0
    marks[:, TOOTH], marks[:, LIFT] = 0.25, 1
    return marks


def _apart(
    patches: Float32, order: npt.NDArray[np.int64], budget: int, height: int, width: int
) -> npt.NDArray[np.int64]:
    """Return up to `budget` of the patches, the first in `order` that don't lie in the middle of another."""
    taken = np.zeros((height, width), np.bool_)
    chosen: list[int] = []
    for number in order:
        if len(chosen) == budget:
            break
        x, y = (int(min(max(patches[number, axis], 0), side - 1)) for axis, side in ((CX, width), (CY, height)))
        if not taken[y, x]:
            reach = int(patches[number, R0 : R1 + 1].mean())
            taken[max(y - reach, 0) : y + reach + 1, max(x - reach, 0) : x + reach + 1] = True
            chosen.append(int(number))
    return np.array(chosen, np.int64)


def _window_means(values: Float32, marks: Float32, height: int, width: int) -> Float32:
    """Return the mean of `values` (H, W) in a square about the middle of each mark, that holds it, (N,)."""
    summed = np.zeros((height + 1, width + 1))
    summed[1:, 1:] = values.astype(np.float64).cumsum(axis=0).cumsum(axis=1)
    reach = (marks[:, R0 : R1 + 1].mean(axis=1) + marks[:, LENGTH] / 2).astype(np.int64) + 1
    y, x = np.clip(marks[:, CY].astype(np.int64), 0, height - 1), np.clip(marks[:, CX].astype(np.int64), 0, width - 1)
    top, bottom = np.maximum(y - reach, 0), np.minimum(y + reach + 1, height)
    left, right = np.maximum(x - reach, 0), np.minimum(x + reach + 1, width)
    total = summed[bottom, right] - summed[top, right] - summed[bottom, left] + summed[top, left]
    return np.asarray(total / ((bottom - top) * (right - left)), np.float32)


def eraser_marks(sheet: PencilSheet, canvas: Float32, budget: int, seed: int) -> Float32:
    """Return strokes of the eraser where the drawing is darker than it should be, float32 (<= budget, 20).

    Args:
        sheet: what is drawn.
        canvas: tiles float32 (rows, columns, 1, 64), the drawing.
        budget: how many at most.
        seed: of the search.
    """
    now = sheet.scaled(from_tiles(canvas, *sheet.tone.shape)[:, :, 0], _ERASER_SCALE)
    wanted = sheet.scaled(sheet.tone, _ERASER_SCALE).tones
    # Where there is little to lift the drawing is as it should be.
    wanted = np.where(wanted > now.tones + _LEAST_LIFT, wanted, now.tones)
    placed = place_strokes(wanted, now.tones, now.grid, sheet.full.tensor, budget, _ERASER, sheet.recipe.search, seed)
    marks = np.zeros((len(placed), len(PENCIL_COLUMNS)), np.float32)
    marks[:, : len(COLUMNS)] = scale_strokes(placed, 1 / now.scale)
    marks[:, A0 : A1 + 1] = np.minimum(marks[:, A0 : A1 + 1], np.float32(_MOST_LIFTED))
    marks[:, TOOTH], marks[:, LIFT] = 0.5, 1
    return marks
