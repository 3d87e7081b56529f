"""From a picture to a pencil drawing.

Graphite multiplies, and a product doesn't mind its order: lines and hatching are fitted coarse to fine and by error,
and drawn in the order of a drawing. What follows (finger, eraser, the darkest accents) is fitted on the drawing as it
then stands.
"""

from __future__ import annotations

import dataclasses
import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from underpaint.renderers.ink.brush import InkBrush
from underpaint.renderers.ink.scaled import light, working_picture
from underpaint.renderers.ink.tones import outlines
from underpaint.renderers.order.overlaps import Int32
from underpaint.renderers.order.places import cut_into_places, stroke_regions
from underpaint.renderers.pencil.habits import Habits, radians
from underpaint.renderers.pencil.hatching import LEVELS, TOUCHES, Level, hatch, layers, place_shapes, press
from underpaint.renderers.pencil.lines import by_distance, construction_marks, contour_marks
from underpaint.renderers.pencil.rubbing import eraser_marks, smudge_marks
from underpaint.renderers.pencil.sheet import PencilRecipe, PencilSheet, prepare_sheet
from underpaint.renderers.pencil.surface import draw_marks
from underpaint.renderers.seeds import pencil_seed
from underpaint.renderers.strokes.columns import COLUMNS, CX, CY, scale_strokes
from underpaint.renderers.strokes.tiles import Float32, from_tiles, to_tiles

UInt8 = npt.NDArray[np.uint8]
Int16 = npt.NDArray[np.int16]

PHASES = ("construction", "contours", "hatching", "smudging", "erasing", "accents")
HATCHING, ACCENTS = PHASES.index("hatching"), PHASES.index("accents")

# Shares of the strokes; construction and smudging are habits, accents take what the eraser leaves, the rest hatches.
_CONTOURS, _RESTATED, _ERASING, _ACCENTS = 0.2, 0.2, 0.04, 0.22
# The share of the strokes that touch up the hatching.
_TOUCHES = 0.1
_ACCENT_LEVELS = (
    Level(1 / 4, 0.15, InkBrush(radius_min=1.6, radius_max=4.5, stretch=2.5, softness=0.5, opacity_max=0.8)),
    Level(1 / 2, 0.4, InkBrush(radius_min=1.6, radius_max=4.5, stretch=2.5, softness=0.4, opacity_max=0.8)),
    Level(1, 1.0, InkBrush(radius_min=0.9, radius_max=2.6, stretch=7, shortest=3, softness=0, opacity_max=0.8)),
)
# Where the searches of each part begin among their seeds.
_HATCHES, _TOUCHES_UP, _ERASES, _ACCENTUATES = 0, 8, 10, 11


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Drawing:
    """A drawing in black and white.

    Attributes:
        marks: float32 (N, 20) in drawing order: graphite in black, other marks in the tone that they bring.
        phase: uint8 (N,), see PHASES.
        region: int16 (N,), the region that each mark of the hatching and each accent works on, by its turn; -1 for
            others.
        place: int16 (N,), the same for places.
    """

    marks: Float32
    phase: UInt8
    region: Int16
    place: Int16


def fit_pencil(
    image: UInt8, strokes: int, recipe: PencilRecipe, habits: Habits, densest: float, seed: int,
    saliency: Float32 | None = None,
) -> Drawing:  # fmt: skip
    """Draw a picture with up to `strokes` marks.

    Args:
        image: uint8 (H, W, 3).
        strokes: the budget, at least 1.
        recipe: the effort.
        habits: the hand.
        densest: the tone of the darkest graphite, see `tones.pencil_tones`.
        seed: the same seed gives the same bytes.
        saliency: float32 (H, W), 0..1, where the subject is, if that is known.
    """
    random = np.random.default_rng(pencil_seed(seed, 15))
    picture = working_picture(image, strokes)
    sheet = prepare_sheet(picture, habits, recipe, densest, seed, saliency)
    construction = construction_marks(sheet, round(strokes * habits.construction), random)
    contours = contour_marks(outlines(picture), sheet.tone, round(strokes * _CONTOURS), _RESTATED, random)
    smudges, erasures = round(strokes * habits.smudging), round(strokes * _ERASING)
    lines = np.concatenate([construction, contours])
    budget = strokes - len(lines) - smudges - erasures - round(strokes * _ACCENTS)
    hatching, region, canvas = _hatched(sheet, lines, max(budget, 0), random)
    lines, hatching = hatching[: len(lines)], hatching[len(lines) :]
    hatching, region, place = _by_place(sheet, hatching, region)
    smudged = by_distance(smudge_marks(hatching, sheet.tone, smudges), sheet.side)
    _draw(sheet, canvas, smudged)
    erased = by_distance(eraser_marks(sheet, canvas, erasures, pencil_seed(seed, _ERASES)), sheet.side)
    _draw(sheet, canvas, erased)
    left = strokes - len(lines) - len(hatching) - len(smudged) - len(erased)
    accents = _by_place(sheet, *_accents(sheet, canvas, left, random))
    parts = [lines[: len(construction)], lines[len(construction) :], hatching, smudged, erased, accents.marks]
    phase = np.repeat(np.arange(len(parts), dtype=np.uint8), [len(part) for part in parts])
    where = np.full((2, len(phase)), -1, np.int16)
    where[:, phase == HATCHING], where[:, phase == ACCENTS] = (region, place), accents[1:]
    marks = scale_strokes(np.concatenate(parts), max(image.shape[:2]) / sheet.side)
    return Drawing(marks=marks, phase=phase, region=where[0], place=where[1])


def _hatched(
    sheet: PencilSheet, lines: Float32, budget: int, random: np.random.Generator
) -> tuple[Float32, Int32, Float32]:
    """Return lines and hatching over them, the region of each mark of the hatching, and the drawing so far.

    Returns:
        float32 (L + N, 20), the L lines first; int32 (N,), by turn; tiles float32 (rows, columns, 1, 64).
    """
    # The darkest darks are left to the accents.
    goal = np.maximum(sheet.tone, np.float32(sheet.reserved))
    wanted = np.ascontiguousarray(sheet.scaled(goal, 1.0).tone)
    bare, height, width = light(sheet.full.grid, 1), *sheet.tone.shape
    touches = min(round((budget + len(lines)) * _TOUCHES), budget)
    drawn = sheet.full.paint_smooth(lines[:, : len(COLUMNS)])
    under = from_tiles(drawn, height, width)[:, :, 0]
    shapes = place_shapes(sheet, goal, under, LEVELS, budget - touches, _HATCHES)
    region = _regions(sheet, shapes)
    marks = np.concatenate([lines, hatch(sheet, shapes, _places(sheet, shapes, region), random)])
    marks, canvas = press(sheet, marks, np.arange(len(marks)) < len(lines), wanted, bare)
    # The subject gets the last touches: elsewhere the drawing is as it should be.
    under = from_tiles(canvas, height, width)[:, :, 0]
    more = place_shapes(sheet, np.where(sheet.seen, goal, under), under, TOUCHES, touches, _TOUCHES_UP)
    later = _regions(sheet, more)
    marks = np.concatenate([marks, hatch(sheet, more, _places(sheet, more, later), random)])
    marks, canvas = press(sheet, marks, np.arange(len(marks)) < len(lines), wanted, bare)
    return marks, np.concatenate([region, later]), canvas


def _accents(sheet: PencilSheet, canvas: Float32, budget: int, random: np.random.Generator) -> tuple[Float32, Int32]:
    """Return the darkest darks on a drawing, tiles float32 (rows, columns, 1, 64).

    Returns:
        float32 (N <= budget, 20), and the region of each, int32 (N,), by turn.
    """
    under = from_tiles(canvas, *sheet.tone.shape)[:, :, 0]
    goal = np.where(sheet.tone < np.float32(sheet.reserved), sheet.tone, under)
    shapes = place_shapes(sheet, goal, under, _ACCENT_LEVELS, budget, _ACCENTUATES)
    region = _regions(sheet, shapes)
    marks = hatch(sheet, shapes, _places(sheet, shapes, region), random)
    wanted = np.ascontiguousarray(to_tiles(np.repeat(goal[..., None], 3, axis=2))[:, :, :1])
    return press(sheet, marks, np.zeros(len(marks), np.bool_), wanted, canvas)[0], region


def _regions(sheet: PencilSheet, marks: Float32) -> Int32:
    """Return the region of each mark by its turn, int32 (N,)."""
    labels = sheet.scene.labels
    return np.asarray(sheet.ranks[stroke_regions(scale_strokes(marks, max(labels.shape) / sheet.side), labels)])


def _places(sheet: PencilSheet, marks: Float32, region: Int32) -> Int32:
    """Return the place of each mark, int32 (N,), rising with the region."""
    return cut_into_places(marks[:, [CX, CY]] / np.float32(sheet.side), region, sheet.habits.place)


class Placed(NamedTuple):
    """Marks in the order of a hand, float32 (N, 20), and the region and place of each, int32 (N,)."""

    marks: Float32
    region: Int32
    place: Int32


def _by_place(sheet: PencilSheet, marks: Float32, region: Int32) -> Placed:
    """Return marks place by place, in each layer by layer.

    A hand lays lines beside lines: it goes through a layer across them, away from where it rests.
    """
    place, angle = _places(sheet, marks, region), radians(sheet.habits.slant)
    across = marks[:, CY] * np.float32(math.cos(angle)) - marks[:, CX] * np.float32(math.sin(angle))
    order = np.lexsort((across, layers(marks, sheet.side), place))
    return Placed(marks[order], region[order], place[order])


def _draw(sheet: PencilSheet, canvas: Float32, marks: Float32) -> None:
    """Draw marks on a canvas, tiles float32 (rows, columns, 1, 64), in place."""
    grid = sheet.full.grid
    draw_marks(canvas, grid.x_TP, grid.y_TP, sheet.hollows, marks)
