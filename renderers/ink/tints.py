"""Colour, last of all: transparent washes that take from each channel what the ink has left of it."""

from __future__ import annotations

import numpy as np

from underpaint.renderers.ink.brush import InkBrush
from underpaint.renderers.ink.scaled import ScaledTones
from underpaint.renderers.ink.strengths import Marks
from underpaint.renderers.ink.surface import GRAIN, INK_COLUMNS, WANDER, WET
from underpaint.renderers.seeds import ink_seed
from underpaint.renderers.strokes.columns import A0, A1, BLUE, COLUMNS, R0, R1, RED, scale_strokes
from underpaint.renderers.strokes.search import Search, place_marks
from underpaint.renderers.strokes.tiles import Float32, from_tiles

# Scale of the canvas, share of the tints, and the brush, coarse to fine. Colour has soft edges; the ink has the others.
_LEVELS = (
    (1 / 16, 2, InkBrush(radius_min=1.6, radius_max=4.0, stretch=2.0, softness=1.2, opacity_min=0.0)),
    (1 / 8, 4, InkBrush(radius_min=1.6, radius_max=5.0, softness=1.0, opacity_min=0.0)),
    (1 / 4, 4, InkBrush(radius_min=1.6, radius_max=5.0, softness=0.8, opacity_min=0.0)),
)
# How wet the tints are, see `surface`.
_WET = 0.4
# The most that a tint takes from a channel, and the least that anyone would see.
_STRONGEST, _FAINTEST = 0.8, 0.004


def fit_tints(
    tones: Float32,
    full: ScaledTones,
    inked: Float32,
    budget: int,
    search: Search,
    sweeps: int,
    seed: int,
    paper: Float32,
    random: np.random.Generator,
) -> Float32:
    """Return washes of colour over the finished ink.

    Args:
        tones: float32 (H, W, 3), the light to let through.
        full: their level at scale 1.
        inked: tiles float32 (rows, columns, 64) of that level: what the ink lets through.
        budget: how many tints at most.
        search, sweeps, seed: effort and luck, as for ink.
        paper: heights of the paper.
        random: for the grain of each.

    Returns:
        float32 (<= budget, 17) in pixels of the full level.
    """
    grey = np.repeat(inked[:, :, None], 3, axis=2)
    under = from_tiles(np.ascontiguousarray(grey), full.grid.height, full.grid.width)
    shapes, absorbance = np.zeros((0, len(COLUMNS)), np.float32), np.zeros((0, 3), np.float32)
    shares = np.cumsum([share for _, share, _ in _LEVELS])
    for number, (scale, _, brush) in enumerate(_LEVELS):
        goal, now = ScaledTones(tones, scale), ScaledTones(under, scale)
        here = scale_strokes(shapes, now.scale)
        for channel in range(3):
            now.tones[:, :, channel] *= now.paint_smooth(here, absorbance[:, channel])[:, :, 0]
        count = round(budget * float(shares[number] / shares[-1])) - len(shapes)
        placed, q = place_marks(
            goal.tones, now.tones, goal.grid, goal.tensor, count, brush, search, ink_seed(seed, "tints", number)
        )
        shapes = np.concatenate([shapes, scale_strokes(placed, 1 / now.scale)])
        absorbance = np.concatenate([absorbance, q])
    return _dilute(shapes, absorbance, full, inked, sweeps, paper, random)


def _dilute(
    shapes: Float32,
    absorbance: Float32,
    full: ScaledTones,
    inked: Float32,
    sweeps: int,
    paper: Float32,
    random: np.random.Generator,
) -> Float32:
    """Return tints (N, 17) of these shapes, each channel's strengths solved for with their real surface."""
    marks = np.zeros((len(shapes), len(INK_COLUMNS)), np.float32)
    marks[:, : len(COLUMNS)] = shapes
    marks[:, R0 : R1 + 1] /= 1 - 0.5 * WANDER * np.float32(_WET)
    marks[:, WET], marks[:, GRAIN] = _WET, random.random(len(marks), np.float32)
    marks[:, A0 : A1 + 1] = 1
    laid = Marks(marks, full.grid, paper)
    low, high = np.zeros(len(marks), np.float32), np.full(len(marks), _STRONGEST, np.float32)
    for channel in range(3):
        canvas, q = inked.copy(), np.minimum(absorbance[:, channel], high)
        laid.paint(canvas, q)
        goal = np.ascontiguousarray(full.tones[:, :, channel])
        absorbance[:, channel] = laid.solve(goal, canvas, q, low, high, sweeps)
    strongest = absorbance.max(axis=1, initial=0)
    seen = strongest > _FAINTEST
    marks[:, A0 : A1 + 1] = strongest[:, None]
    marks[:, RED : BLUE + 1] = 1 - absorbance / np.maximum(strongest, np.float32(_FAINTEST))[:, None]
    tints: Float32 = marks[seen]
    return tints
