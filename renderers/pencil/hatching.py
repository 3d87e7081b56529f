"""Hatching: patches of parallel lines, placed where the paper is too light, and how hard each is pressed."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.ndimage import maximum_filter

from underpaint.renderers.ink.brush import InkBrush
from underpaint.renderers.ink.scaled import ScaledTones
from underpaint.renderers.ink.strengths import Marks
from underpaint.renderers.order.overlaps import Int32
from underpaint.renderers.pencil.habits import radians
from underpaint.renderers.pencil.sheet import PencilSheet
from underpaint.renderers.pencil.surface import DUTY, FADE, GRAIN, LINES, PENCIL_COLUMNS, SLANT, TOOTH, fill_pencil
from underpaint.renderers.seeds import pencil_seed
from underpaint.renderers.strokes.columns import A0, A1, COLUMNS, CX, CY, EDGE, R0, R1, scale_strokes
from underpaint.renderers.strokes.search import place_marks
from underpaint.renderers.strokes.tiles import Float32, from_tiles, to_tiles


class Level(NamedTuple):
    """Patches of one size: the scale of the canvas on which they are placed, how many, and their shapes.

    `share` is the part of all that there is after this level.
    """

    scale: float
    share: float
    brush: InkBrush


# Coarse to fine. Large patches are faint: tone is built from layers of them.
LEVELS = (
    Level(1 / 8, 0.09, InkBrush(radius_min=2.0, radius_max=4.5, stretch=2.5, softness=0.9, opacity_max=0.4)),
    Level(1 / 4, 0.25, InkBrush(radius_min=1.8, radius_max=4.5, stretch=2.5, softness=0.7, opacity_max=0.5)),
    Level(1 / 2, 0.55, InkBrush(radius_min=1.6, radius_max=4.5, softness=0.5, opacity_max=0.7)),
    Level(1, 1.0, InkBrush(radius_min=1.0, radius_max=4.0, stretch=5, shortest=2, softness=0.2, opacity_max=0.85)),
)
# Placed last, where the real surfaces of the others have left the paper too light.
TOUCHES = (Level(1, 1.0, InkBrush(radius_min=1.0, radius_max=5.0, stretch=4, shortest=1.5, softness=0.2)),)
# Canvases of this scale or less have coarse patches.
_COARSE = 0.3
# The most a mark may take away, and the least.
DENSEST_MARK, PALEST_MARK = 0.88, 0.02
# What lines may become when all marks are pressed anew: as faint or as dark, against how they were drawn.
_FAINTER, _DARKER = 0.7, 1.2
# A patch has lines if its radius is at least so many of their spacings; if not, of a finer spacing; or it is one line.
_ROOM, _FINER = 1.15, 0.6
# Lines of a patch end raggedly, inwards: patches are so much larger than the shapes that were fitted.
_LARGER = 1.25
# Patches of more than this radius are broad, of less than that fine, in sides of the sheet.
_BROAD, _FINE = 0.035, 0.013
# Directions of places differ from the hand's own by multiples of this, if the form there is so clear.
_TURN, _CLEAR = math.pi / 6, 0.4
# Darker than this a patch may cross what lies under it, by this angle.
_CROSSED, _CROSSING = 0.5, radians(50)


def place_shapes(
    sheet: PencilSheet, goal: Float32, under: Float32, levels: tuple[Level, ...], budget: int, part: int
) -> Float32:
    """Return shapes (<= budget, 13), opacity being absorbance, that bring what is there to a tone, coarse to fine.

    Args:
        sheet: what is drawn.
        goal: float32 (H, W), the tone.
        under: float32 (H, W), what the paper gives back before.
        levels: of which sizes.
        budget: how many at most.
        part: number of the first search, for its seed.
    """
    shapes = np.zeros((0, len(COLUMNS)), np.float32)
    for number, (scale, share, brush) in enumerate(levels):
        level, now = sheet.scaled(goal, scale), sheet.scaled(under, scale)
        canvas = now.tone * level.paint_smooth(scale_strokes(shapes, level.scale))
        placed, _ = place_marks(
            _careful(level), canvas, level.grid, level.tensor, round(budget * share) - len(shapes), brush,
            sheet.recipe.search, pencil_seed(sheet.seed, part + number),
        )  # fmt: skip
        shapes = np.concatenate([shapes, scale_strokes(placed, 1 / level.scale)])
    return shapes


def _careful(level: ScaledTones) -> Float32:
    """Return the tone that a coarse patch goes for: graphite can't be made lighter, so it keeps away from lights."""
    if level.scale > _COARSE:
        return level.tone
    tones = from_tiles(level.tones, level.grid.height, level.grid.width)
    lightest = maximum_filter(tones, (3, 3, 1), mode="nearest")
    return np.ascontiguousarray(to_tiles((tones + lightest) * np.float32(0.5))[:, :, :1])


def hatch(sheet: PencilSheet, shapes: Float32, place: Int32, random: np.random.Generator) -> Float32:
    """Give shapes their lines -> float32 (N, 20).

    Args:
        sheet: what is drawn.
        shapes: float32 (N, 13), opacity is absorbance.
        place: int32 (N,), in which place each lies: lines of a place run one way.
        random: for the grain.
    """
    height, width = sheet.tone.shape
    rows = np.clip(shapes[:, CY].astype(np.int64), 0, height - 1)
    columns = np.clip(shapes[:, CX].astype(np.int64), 0, width - 1)
    dark = 1 - sheet.tone[rows, columns]
    luck = random.random((len(shapes), 2), np.float32)
    marks = np.zeros((len(shapes), len(PENCIL_COLUMNS)), np.float32)
    marks[:, : len(COLUMNS)] = shapes
    marks[:, GRAIN], marks[:, TOOTH] = luck[:, 0], 0.75 - 0.45 * dark
    radius = shapes[:, R0 : R1 + 1].max(axis=1)
    spacing = np.full(len(marks), sheet.habits.spacing * sheet.side, np.float32)
    spacing[radius < _ROOM * spacing] *= np.float32(_FINER)
    patch = radius >= _ROOM * spacing
    crossed = patch & (dark > 1 - _CROSSED) & (luck[:, 1] < 0.5)
    marks[:, SLANT] = _slants(sheet, rows, columns, place) + np.float32(_CROSSING) * crossed
    marks[patch, R0 : R1 + 1] *= np.float32(_LARGER)
    marks[patch, LINES] = 2 * marks[patch, R0 : R1 + 1].max(axis=1) / spacing[patch]
    # In the darks lines touch.
    marks[patch, DUTY] = np.minimum(0.42 + 0.62 * dark, 1)[patch]
    marks[patch, EDGE] = np.maximum(marks[patch, EDGE], 0.35 * radius[patch])
    marks[~patch, FADE] = 0.3
    return marks


def layers(marks: Float32, side: int) -> Int32:
    """Return in which layer of its place each mark is, int32 (N,): broad patches, patches, fine ones, lines."""
    radius = marks[:, R0 : R1 + 1].max(axis=1)
    sizes = np.where(radius > _BROAD * side, 0, np.where(radius < _FINE * side, 2, 1))
    return np.where(marks[:, LINES] == 0, 3, sizes).astype(np.int32)


def _slants(sheet: PencilSheet, rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64], place: Int32) -> Float32:
    """Return the direction of each mark's lines, float32 (N,): the hand's own, or a turn of it along the form."""
    xx, yy, xy = (field[rows, columns] for field in sheet.full.tensor)
    own = radians(sheet.habits.slant)
    slants = np.full(int(place.max(initial=-1)) + 1, own, np.float32)
    difference, cross, total = (np.bincount(place, values) for values in (xx - yy, 2 * xy, xx + yy))
    for number in range(len(slants)):
        if math.hypot(difference[number], cross[number]) > _CLEAR * total[number]:
            along = 0.5 * math.atan2(cross[number], difference[number]) + math.pi / 2
            slants[number] = own + _TURN * round((along - own) / _TURN)
    return np.asarray(slants[place])


def press(
    sheet: PencilSheet, marks: Float32, held: npt.NDArray[np.bool_], goal: Float32, canvas: Float32
) -> tuple[Float32, Float32]:
    """Press every mark as hard as brings all together nearest to a tone.

    Args:
        sheet: what is drawn.
        marks: float32 (N, 20), graphite in black: their opacities are the absorbances to start from.
        held: bool (N,), lines that may change only a little.
        goal: tiles float32 (rows, columns, 1, 64), the tone.
        canvas: tiles of the same shape, what the marks are drawn on.

    Returns:
        float32 (N, 20), still black, and the light that they leave, tiles of the same shape.
    """
    q = np.maximum(marks[:, A0 : A1 + 1].max(axis=1), np.float32(PALEST_MARK))
    plain, left = marks.copy(), np.ascontiguousarray(canvas[:, :, 0])
    plain[:, A0 : A1 + 1] /= q[:, None]
    low, high = np.full(len(q), PALEST_MARK, np.float32), np.full(len(q), DENSEST_MARK, np.float32)
    low[held], high[held] = _FAINTER * q[held], np.minimum(_DARKER * q[held], DENSEST_MARK)
    laid = Marks(plain, sheet.full.grid, sheet.hollows, fill_pencil)
    left = left.copy()
    laid.paint(left, q)
    q = laid.solve(np.ascontiguousarray(goal[:, :, 0]), left, q, low, high, sheet.recipe.sweeps)
    plain[:, A0 : A1 + 1] *= q[:, None]
    return plain, left[:, :, None]
