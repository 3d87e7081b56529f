"""What each fitted shape becomes: a dry texture stroke or a wash, and how diluted its ink is."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from underpaint.renderers.ink.scaled import ScaledTones, light
from underpaint.renderers.ink.strengths import Marks
from underpaint.renderers.ink.surface import DRY, GRAIN, INK_COLUMNS, TIP, WANDER, WET
from underpaint.renderers.strokes.columns import A0, A1, BLUE, BOW, COLUMNS, EDGE, LENGTH, R0, R1, RED, THETA
from underpaint.renderers.strokes.tiles import Float32

UInt8 = npt.NDArray[np.uint8]

PHASES = ("contours", "texture", "washes", "colour")
CONTOURS, TEXTURE, WASHES, COLOUR = range(4)

# What ink lets through at full strength.
INK = 0.04
# The most a mark may take away, and the least: full black everywhere looks like a hole in the paper.
DENSEST_MARK, _PALEST_MARK = 0.9, 0.02
# Texture strokes are so many times as long as their radius, no broader than this (radius in px of a canvas of 512 px),
# and no paler; what isn't is a wash.
_SLENDER, _BROADEST, _PALEST_TEXTURE = 3.5, 4.5, 0.12
# How much paler or darker than it was drawn the finished picture may make a contour.
_PALER, _DARKER = 0.6, 1.3


def dress(shapes: Float32, level: ScaledTones, random: np.random.Generator) -> tuple[Float32, UInt8]:
    """Give shapes a surface: slender ones are drawn with a dry brush (cun), the others are washes.

    Args:
        shapes: float32 (N, 13), black, in pixels of the level.
        level: the canvas at full scale.
        random: for the grain of each.

    Returns:
        float32 (N, 17) and uint8 (N,), TEXTURE or WASHES.
    """
    marks = np.zeros((len(shapes), len(INK_COLUMNS)), np.float32)
    marks[:, : len(COLUMNS)] = shapes
    marks[:, GRAIN] = random.random(len(marks), np.float32)
    radius, unit = marks[:, R0 : R1 + 1].mean(axis=1), max(level.grid.height, level.grid.width) / 512
    texture = (marks[:, LENGTH] > _SLENDER * radius) & (radius < _BROADEST * unit) & (marks[:, A0] > _PALEST_TEXTURE)
    marks[texture] = _dry(marks[texture])
    marks[~texture] = _wet(marks[~texture], 0.3 + radius[~texture] / (30 * unit))
    return marks, np.where(texture, TEXTURE, WASHES).astype(np.uint8)


def _dry(marks: Float32) -> Float32:
    """Make texture strokes: the brush is set down heavily and lifted lightly, with half of its bristles dry."""
    turn = marks[:, R0] < marks[:, R1]
    marks[turn, THETA] += math.pi
    marks[turn, BOW] *= -1
    for start, end in ((R0, R1), (A0, A1)):
        marks[turn, start], marks[turn, end] = marks[turn, end], marks[turn, start]
    # The smooth brush has round caps, half a radius longer than straight ends of the same area; ragged ends are
    # shorter by almost a radius.
    marks[:, LENGTH] += (0.5 * math.pi + 0.8) * marks[:, R0 : R1 + 1].mean(axis=1)
    marks[:, R0] *= 1.25
    marks[:, R1] *= 0.7
    marks[:, DRY], marks[:, TIP] = 0.3 + 0.3 * marks[:, GRAIN], 1
    return marks


def _wet(marks: Float32, wet: npt.NDArray[np.floating]) -> Float32:
    """Make washes: large ones wander and dry to a rim, the smallest are mere touches."""
    marks[:, WET] = np.clip(wet, 0, 0.8)
    # Pale ink runs into the wet paper; hard-edged beans of it would show on an even tone.
    run = marks[:, R0 : R1 + 1].mean(axis=1) * np.clip(1.4 - 4 * marks[:, A0], 0, 1.4)
    marks[:, EDGE] = np.maximum(marks[:, EDGE], run)
    # The outline wanders inwards, by half of WANDER on average.
    marks[:, R0 : R1 + 1] /= (1 - 0.5 * WANDER * marks[:, WET])[:, None]
    return marks


def set_strengths(
    marks: Float32, phase: UInt8, level: ScaledTones, paper: Float32, sweeps: int
) -> tuple[Float32, Float32]:
    """Dilute the ink of every mark so that together they come nearest to the tone.

    Args:
        marks: float32 (N, 17), black: their opacities are the absorbances to start from.
        phase: uint8 (N,); contours may change only so much.
        level: the canvas at full scale.
        paper: its heights, see `paper.paper_heights`.
        sweeps: see `strengths.Marks.solve`.

    Returns:
        float32 (N, 17), still black, and the light that they let through, tiles float32 (rows, columns, 64).
    """
    q = np.maximum(marks[:, A0 : A1 + 1].max(axis=1), np.float32(_PALEST_MARK))
    plain = marks.copy()
    plain[:, A0 : A1 + 1] /= q[:, None]
    low, high = np.full(len(q), _PALEST_MARK, np.float32), np.full(len(q), DENSEST_MARK, np.float32)
    lines = phase == CONTOURS
    low[lines], high[lines] = _PALER * q[lines], np.minimum(_DARKER * q[lines], DENSEST_MARK)
    canvas, target = np.ascontiguousarray(light(level.grid, 1)[:, :, 0]), np.ascontiguousarray(level.tone[:, :, 0])
    laid = Marks(plain, level.grid, paper)
    laid.paint(canvas, q)
    q = laid.solve(target, canvas, q, low, high, sweeps)
    plain[:, A0 : A1 + 1] *= q[:, None]
    return plain, canvas


def grind_ink(marks: Float32) -> Float32:
    """Return black marks in ink, float32 (N, 17), which lets a little light through: opacity makes up for it."""
    inked: Float32 = marks.copy()
    inked[:, A0 : A1 + 1] = np.minimum(inked[:, A0 : A1 + 1] / np.float32(1 - INK), 1)
    inked[:, RED : BLUE + 1] = INK
    return inked
