"""From a picture to a pencil drawing.

Graphite multiplies, and a product doesn't mind its order: lines and hatching are fitted coarse to fine and by error,
and drawn in the order of a drawing. What follows (finger, eraser, the darkest accents) is fitted on the drawing as it
then stands.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import numpy.typing as npt

from underpaint.renderers.ink.scaled import ScaledTones, light, working_picture
from underpaint.renderers.ink.tones import outlines
from underpaint.renderers.order.overlaps import Int32
from underpaint.renderers.order.scene import Scene, look
from underpaint.renderers.order.schedule import schedule
from underpaint.renderers.pencil.habits import Habits, radians
from underpaint.renderers.pencil.hatching import ACCENT_LEVELS, LATER, LEVELS, Hatching, hatch, place_shapes, press
from underpaint.renderers.pencil.lines import construction_marks, contour_marks, unordered
from underpaint.renderers.pencil.paper import paper_hollows
from underpaint.renderers.pencil.rubbing import eraser_marks, smudge_marks
from underpaint.renderers.pencil.surface import draw_marks
from underpaint.renderers.pencil.tones import pencil_tones
from underpaint.renderers.region.order import neighbours, region_means
from underpaint.renderers.seeds import pencil_seed
from underpaint.renderers.segment.working_size import shrink
from underpaint.renderers.strokes.columns import COLUMNS, CX, CY, scale_strokes
from underpaint.renderers.strokes.search import Search, place_marks
from underpaint.renderers.strokes.tiles import Float32, from_tiles, to_tiles

UInt8 = npt.NDArray[np.uint8]

PHASES = ("construction", "contours", "hatching", "smudging", "erasing", "accents")
CONSTRUCTION, CONTOURS, HATCHING, SMUDGING, ERASING, ACCENTS = range(6)

# Shares of the strokes; construction and smudging are habits, the rest hatches.
_CONTOUR_SHARE, _RESTATED = 0.2, 0.2
_ERASING_SHARE, _ACCENT_SHARE, _TOUCH_SHARE = 0.04, 0.22, 0.1
# The longest side on which a draughtsman sees regions.
_LOOK_SIDE = 320
# Last touches go where the saliency is above this.
_SEEN = 0.4
# The hand goes to a neighbour of what it just finished, unless another region is so much darker.
_NEIGHBOUR = 0.2


@dataclasses.dataclass(frozen=True, kw_only=True)
class PencilRecipe:
    """How much effort a drawing gets."""

    search: Search
    # How often every mark's strength is set anew.
    sweeps: int = 3


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Drawing:
    """A drawing in black and white.

    Attributes:
        marks: float32 (N, 20) in drawing order: graphite in black, other marks in the tone that they bring.
        phase: uint8 (N,), see PHASES.
        region: int16 (N,), the region that each mark of the hatching works on, by its turn; -1 for others.
        place: int16 (N,), the same for places.
    """

    marks: Float32
    phase: UInt8
    region: npt.NDArray[np.int16]
    place: npt.NDArray[np.int16]


def fit_pencil(image: UInt8, strokes: int, recipe: PencilRecipe, habits: Habits, densest: float, seed: int) -> Drawing:
    """Draw a picture with up to `strokes` marks.

    Args:
        image: uint8 (H, W, 3).
        strokes: the budget, at least 1.
        recipe: the effort.
        habits: the hand.
        densest: the tone of the darkest graphite, see `tones.pencil_tones`.
        seed: the same seed gives the same bytes.
    """
    random = np.random.default_rng(seed)
    picture = working_picture(image, strokes)
    tone = pencil_tones(picture, densest)
    height, width = tone.shape
    # The darkest darks are left to the accents.
    before = np.maximum(tone, np.float32(densest + habits.reserve * (1 - densest)))
    levels = [ScaledTones(np.repeat(before[..., None], 3, axis=2), scale) for scale, _, _ in LEVELS]
    full = levels[-1]
    paper = paper_hollows(full.grid)
    small = shrink(picture, _LOOK_SIDE)
    scene = look(small)
    means = region_means(scene.labels, pencil_tones(small, densest))
    rows = np.arange(height) * scene.labels.shape[0] // height
    columns = np.arange(width) * scene.labels.shape[1] // width
    flat = means.astype(np.float32)[scene.labels[rows][:, columns]]

    seen = scene.saliency
    later = {name: round(strokes * share) for name, share in (("erasing", _ERASING_SHARE), ("accents", _ACCENT_SHARE))}
    smudges, touches = round(strokes * habits.smudging), round(strokes * _TOUCH_SHARE)
    construction = construction_marks(scene, flat, round(strokes * habits.construction), random)
    contours = contour_marks(outlines(picture), tone, round(strokes * _CONTOUR_SHARE), _RESTATED, random)
    lines = np.concatenate([construction, contours])
    budget = max(strokes - len(lines) - sum(later.values()) - smudges, 0)
    shapes = place_shapes(levels, lines[:, : len(COLUMNS)], budget - min(touches, budget), recipe.search, seed)
    ranks = _darkest_first(means, scene)
    hatching = hatch(shapes, tone, full, scene, ranks, habits, random)
    held = np.arange(len(lines) + len(shapes)) < len(lines)
    bare = np.ascontiguousarray(light(full.grid, 1)[:, :, 0])
    marks, canvas = press(np.concatenate([lines, hatching.marks]), held, bare, full, paper, recipe.sweeps)
    subject = to_tiles(np.repeat(seen[rows][:, columns][..., None], 3, axis=2))[:, :, :1] > np.float32(_SEEN)
    if touches:
        toned = canvas[:, :, None].copy()
        # The subject gets most of them.
        wanted = np.where(subject, full.tone, toned)
        placed, _ = place_marks(
            wanted, toned, full.grid, full.tensor, min(touches, budget), LATER, recipe.search, pencil_seed(seed, 8)
        )
        shapes = np.concatenate([marks[len(lines) :, : len(COLUMNS)], placed])
        touched = hatch(placed, tone, full, scene, ranks, habits, random)
        hatching = _join(hatching, touched, marks[len(lines) :], habits, (height, width))
        held = np.arange(len(lines) + len(hatching.marks)) < len(lines)
        marks, canvas = press(
            np.concatenate([marks[: len(lines)], hatching.marks]), held, bare, full, paper, recipe.sweeps
        )
    order = _by_place(hatching, habits)
    drawn = marks[len(lines) :][order]
    canvas = canvas[:, :, None].copy()
    smudged = _by_distance(smudge_marks(drawn, tone, smudges), max(height, width))
    draw_marks(canvas, full.grid.x_TP, full.grid.y_TP, paper, smudged)
    erased = _by_distance(eraser_marks(full, canvas, later["erasing"], recipe.search, seed), max(height, width))
    draw_marks(canvas, full.grid.x_TP, full.grid.y_TP, paper, erased)
    accents = _accents(
        ScaledTones(np.repeat(tone[..., None], 3, axis=2), 1.0),
        canvas,
        densest,
        later["accents"],
        recipe,
        tone,
        scene,
        ranks,
        habits,
        paper,
        seed,
        random,
    )
    accents = _by_distance(accents, max(height, width))
    parts = [marks[: len(construction)], marks[len(construction) : len(lines)], drawn, smudged, erased, accents]
    phase = np.repeat(np.arange(6, dtype=np.uint8), [len(part) for part in parts])
    region, place = np.full((2, len(phase)), -1, np.int16)
    region[phase == HATCHING], place[phase == HATCHING] = hatching.region[order], hatching.place[order]
    scale = max(image.shape[:2]) / max(picture.shape[:2])
    return Drawing(marks=scale_strokes(np.concatenate(parts), scale), phase=phase, region=region, place=place)


def _join(first: Hatching, second: Hatching, pressed: Float32, habits: Habits, shape: tuple[int, int]) -> Hatching:
    """Return both, cut into places together; the marks of the first are `pressed`."""
    marks = np.concatenate([pressed, second.marks])
    region = np.concatenate([first.region, second.region])
    from underpaint.renderers.order.places import cut_into_places

    centres = np.ascontiguousarray(marks[:, [CX, CY]] / np.float32(max(shape)))
    place = cut_into_places(centres, region, habits.place)
    return Hatching(marks=marks, region=region, place=place, layer=np.concatenate([first.layer, second.layer]))


def _darkest_first(means: npt.NDArray[np.float64], scene: Scene) -> Int32:
    """Return when each region is hatched, int32 (R,): the darkest first, then mostly its neighbours."""
    touching = neighbours(scene.labels)
    left = np.ones(len(means), np.bool_)
    ranks = np.empty(len(means), np.int32)
    last = -1
    for turn in range(len(means)):
        cost = np.where(left, means, np.inf)
        if last >= 0:
            cost = cost - _NEIGHBOUR * touching[last]
        last = int(np.argmin(cost))
        ranks[last], left[last] = turn, False
    return ranks


def _by_place(hatching: Hatching, habits: Habits) -> npt.NDArray[np.int64]:
    """Return the order of the hatching: place by place, in each layer by layer.

    A hand lays lines beside lines: it goes through a layer across them, away from where it rests.
    """
    angle = radians(habits.slant)
    across = hatching.marks[:, CY] * np.float32(math.cos(angle)) - hatching.marks[:, CX] * np.float32(math.sin(angle))
    return np.lexsort((across, hatching.layer, hatching.place))


def _by_distance(marks: Float32, side: int) -> Float32:
    """Return marks in the order of a hand that goes to the nearest next."""
    centres = np.ascontiguousarray(marks[:, [CX, CY]] / np.float32(side))
    return np.asarray(marks[schedule(centres, np.zeros(len(marks), np.int32), unordered(len(marks)))])


def _accents(
    full: ScaledTones, canvas: Float32, densest: float, budget: int, recipe: PencilRecipe, tone: Float32, scene: Scene,
    ranks: Int32, habits: Habits, paper: Float32, seed: int, random: np.random.Generator,
) -> Float32:  # fmt: skip
    """Return the darkest darks, float32 (<= budget, 20), on the drawing `canvas`, tiles (rows, columns, 1, 64)."""
    dark = full.tone < np.float32(densest + habits.reserve * (1 - densest))
    wanted = np.where(dark, full.tone, canvas)
    planes = from_tiles(np.concatenate([wanted, canvas, canvas], axis=2), full.grid.height, full.grid.width)
    placed = np.zeros((0, len(COLUMNS)), np.float32)
    for number, (scale, share, brush) in enumerate(ACCENT_LEVELS):
        level = ScaledTones(planes, scale)
        here = level.tones[:, :, 1:2] * level.paint_smooth(scale_strokes(placed, level.scale))
        goal = np.ascontiguousarray(level.tones[:, :, :1])
        count = round(budget * share) - len(placed)
        more, _ = place_marks(
            goal, here, level.grid, full.tensor, count, brush, recipe.search, pencil_seed(seed, 11 + number)
        )
        placed = np.concatenate([placed, scale_strokes(more, 1 / level.scale)])
    accents = hatch(placed, tone, full, scene, ranks, habits, random).marks
    pressed, _ = press(
        accents, np.zeros(len(accents), np.bool_), np.ascontiguousarray(canvas[:, :, 0]), full, paper, recipe.sweeps
    )
    return pressed
