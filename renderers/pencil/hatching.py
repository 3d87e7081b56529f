"""Hatching: patches of parallel lines, placed where the paper is too light, and where each of them lies."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.ndimage import maximum_filter

from underpaint.renderers.ink.brush import InkBrush
from underpaint.renderers.ink.scaled import ScaledTones
from underpaint.renderers.ink.strengths import Marks
from underpaint.renderers.order.overlaps import Int32
from underpaint.renderers.order.places import cut_into_places, stroke_regions
from underpaint.renderers.order.scene import Scene
from underpaint.renderers.pencil.habits import Habits, radians
from underpaint.renderers.pencil.surface import DUTY, FADE, GRAIN, LINES, PENCIL_COLUMNS, SLANT, TOOTH, fill_pencil
from underpaint.renderers.seeds import pencil_seed
from underpaint.renderers.strokes.columns import A0, A1, COLUMNS, CX, CY, EDGE, R0, R1, scale_strokes
from underpaint.renderers.strokes.search import Search, place_marks
from underpaint.renderers.strokes.tiles import Float32, from_tiles, to_tiles

# Scale of the canvas, share of the hatching, and the brush, coarse to fine. Large patches are faint: tone is built from
# layers of them.
LEVELS = (
    (1 / 8, 9, InkBrush(radius_min=2.0, radius_max=4.5, stretch=2.5, softness=0.9, opacity_max=0.4)),
    (1 / 4, 16, InkBrush(radius_min=1.8, radius_max=4.5, stretch=2.5, softness=0.7, opacity_max=0.5)),
    (1 / 2, 30, InkBrush(radius_min=1.6, radius_max=4.5, softness=0.5, opacity_max=0.7)),
    (1, 45, InkBrush(radius_min=1.0, radius_max=4.0, stretch=5.0, shortest=2.0, softness=0.2, opacity_max=0.85)),
)
LATER = InkBrush(radius_min=1.0, radius_max=5.0, stretch=4.0, shortest=1.5, softness=0.2, opacity_max=0.8)
# The same for accents; the share of them that there are after each level.
ACCENT_LEVELS = (
    (1 / 4, 0.15, InkBrush(radius_min=1.6, radius_max=4.5, stretch=2.5, softness=0.5, opacity_max=0.8)),
    (1 / 2, 0.4, InkBrush(radius_min=1.6, radius_max=4.5, stretch=2.5, softness=0.4, opacity_max=0.8)),
    (1, 1.0, InkBrush(radius_min=0.9, radius_max=2.6, stretch=7.0, shortest=3.0, opacity_max=0.8)),
)
# Canvases of this scale or less have coarse patches.
_CAREFUL = 0.3
# The most a mark may take away, and the least.
DENSEST_MARK, PALEST_MARK = 0.88, 0.02
# A patch has lines if its radius is at least so many of their spacings; if not, of a finer spacing; or it is one line.
_ROOM, _FINER = 1.15, 0.6
# A patch of more than this radius, in sides of the sheet, is broad.
_BROAD = 0.03
# Directions of places differ from the hand's own by multiples of this, if the form there is so clear.
_TURN, _CLEAR = math.pi / 6, 0.4
# Darker than this a patch may cross what lies under it, by this angle.
_CROSSED, _CROSSING = 0.5, radians(50)


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Hatching:
    """Patches of hatching and where they belong.

    Attributes:
        marks: float32 (N, 20), black; their opacities are the absorbances to start from.
        region: int32 (N,), the place of each mark's region in the order of drawing.
        place: int32 (N,), rising with it.
        layer: int32 (N,), 0..3: which of the layers of its place each mark is in, broad patches to single lines.
    """

    marks: Float32
    region: Int32
    place: Int32
    layer: Int32


def place_shapes(levels: Sequence[ScaledTones], lines: Float32, budget: int, search: Search, seed: int) -> Float32:
    """Return shapes (<= budget, 13), opacity being absorbance, that bring `lines` to the tone, coarse to fine."""
    shapes = lines
    shares = np.cumsum([share for _, share, _ in LEVELS])
    for number, (level, (_, _, brush)) in enumerate(zip(levels, LEVELS, strict=True)):
        count = len(lines) + round(budget * float(shares[number] / shares[-1])) - len(shapes)
        canvas = level.paint_smooth(scale_strokes(shapes, level.scale))
        seeded = pencil_seed(seed, number)
        placed, _ = place_marks(_careful(level), canvas, level.grid, level.tensor, count, brush, search, seeded)
        shapes = np.concatenate([shapes, scale_strokes(placed, 1 / level.scale)])
    return shapes[len(lines) :]


def _careful(level: ScaledTones) -> Float32:
    """Return the tone that a coarse patch goes for: graphite can't be made lighter, so it keeps away from lights."""
    if level.scale > _CAREFUL:
        return level.tone
    tones = from_tiles(level.tones, level.grid.height, level.grid.width)
    lightest = maximum_filter(tones, (3, 3, 1), mode="nearest")
    return np.ascontiguousarray(to_tiles((tones + lightest) * np.float32(0.5))[:, :, :1])


def hatch(
    shapes: Float32, tone: Float32, level: ScaledTones, scene: Scene, ranks: Int32, habits: Habits,
    random: np.random.Generator,
) -> Hatching:  # fmt: skip
    """Give shapes, float32 (N, 13) in pixels of `level`, their lines and their place.

    Args:
        shapes: opacity is absorbance.
        tone: float32 (H, W), the tone to reach.
        level: the canvas at full scale.
        scene: the regions, at any scale.
        ranks: int32 (R,), when each region is drawn.
        habits: the hand.
        random: for the grain.
    """
    height, width = tone.shape
    side = max(height, width)
    region = ranks[stroke_regions(scale_strokes(shapes, max(scene.labels.shape) / side), scene.labels)]
    centres = np.ascontiguousarray(shapes[:, [CX, CY]] / np.float32(side))
    place = cut_into_places(centres, region, habits.place)
    rows = np.clip(shapes[:, CY].astype(np.int64), 0, height - 1)
    columns = np.clip(shapes[:, CX].astype(np.int64), 0, width - 1)
    slant = _slants(level, rows, columns, place, habits)
    marks = np.zeros((len(shapes), len(PENCIL_COLUMNS)), np.float32)
    marks[:, : len(COLUMNS)] = shapes
    marks[:, GRAIN] = random.random(len(marks), np.float32)
    dark = 1 - tone[rows, columns]
    marks[:, TOOTH] = 0.75 - 0.45 * dark
    radius = shapes[:, R0 : R1 + 1].max(axis=1)
    spacing = np.full(len(marks), habits.spacing * side, np.float32)
    small = radius < _ROOM * spacing
    spacing[small] *= np.float32(_FINER)
    single = radius < _ROOM * spacing
    patch = ~single
    crossed = patch & (1 - dark < _CROSSED) & (random.random(len(marks)) < 0.5)
    marks[:, SLANT] = slant + _CROSSING * crossed
    # Lines of a patch end raggedly, inwards.
    marks[patch, R0 : R1 + 1] *= np.float32(1.25)
    marks[patch, LINES] = 2 * marks[patch, R0 : R1 + 1].max(axis=1) / spacing[patch]
    marks[patch, DUTY] = np.minimum(0.42 + 0.62 * dark, 1)[patch]
    marks[patch, EDGE] = np.maximum(marks[patch, EDGE], 0.35 * radius[patch])
    marks[single, FADE] = 0.3
    layer = np.where(single, 3, np.where(small, 2, np.where(radius < _BROAD * side, 1, 0))).astype(np.int32)
    return Hatching(marks=marks, region=region, place=place, layer=layer)


def _slants(
    level: ScaledTones, rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64], place: Int32, habits: Habits
) -> Float32:
    """Return the direction of each mark's lines, float32 (N,): the hand's own, or a turn of it along the form."""
    xx, yy, xy = (field[rows, columns] for field in level.tensor)
    own = radians(habits.slant)
    slants = np.empty(int(place.max(initial=-1)) + 1, np.float32)
    difference, cross, total = (np.bincount(place, values) for values in (xx - yy, 2 * xy, xx + yy + 1e-9))
    for number in range(len(slants)):
        slants[number] = own
        if math.hypot(difference[number], cross[number]) > _CLEAR * total[number]:
            along = 0.5 * math.atan2(cross[number], difference[number]) + math.pi / 2
            slants[number] = own + _TURN * round((along - own) / _TURN)
    return np.asarray(slants[place])


def press(
    marks: Float32, held: npt.NDArray[np.bool_], canvas: Float32, level: ScaledTones, paper: Float32, sweeps: int
) -> tuple[Float32, Float32]:
    """Press every mark as hard as brings all together nearest to the tone.

    Args:
        marks: float32 (N, 20), graphite in black: their opacities are the absorbances to start from.
        held: bool (N,), lines that may change only a little.
        canvas: tiles float32 (rows, columns, 64), what the marks are drawn on.
        level: the canvas at full scale.
        paper: see `paper.paper_hollows`.
        sweeps: see `strengths.Marks.solve`.

    Returns:
        float32 (N, 20), still black, and the light that they leave, tiles float32 (rows, columns, 64).
    """
    q = np.maximum(marks[:, A0 : A1 + 1].max(axis=1), np.float32(PALEST_MARK))
    plain, canvas = marks.copy(), canvas.copy()
    plain[:, A0 : A1 + 1] /= q[:, None]
    low, high = np.full(len(q), PALEST_MARK, np.float32), np.full(len(q), DENSEST_MARK, np.float32)
    low[held], high[held] = np.float32(0.7) * q[held], np.minimum(np.float32(1.2) * q[held], np.float32(DENSEST_MARK))
    laid = Marks(plain, level.grid, paper, fill_pencil)
    laid.paint(canvas, q)
    q = laid.solve(np.ascontiguousarray(level.tone[:, :, 0]), canvas, q, low, high, sweeps)
    plain[:, A0 : A1 + 1] *= q[:, None]
    return plain, canvas
