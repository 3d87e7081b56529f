"""Oil: opaque strokes of a bristle brush, two colours half mixed on it, with a body that catches the light."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import partial

import numpy as np
import numpy.typing as npt

from underpaint.renderers.colour import ground_colour
from underpaint.renderers.frames import psnr_progress
from underpaint.renderers.limits import check_share
from underpaint.renderers.manner.colours import colour_bounds
from underpaint.renderers.manner.fit import WELCOME, paint_like_people
from underpaint.renderers.manner.flats import FlatBrush
from underpaint.renderers.manner.habits import MannerOptions
from underpaint.renderers.manner.marks import MODELLING
from underpaint.renderers.manner.painting import FLAT_CANVASES, PainterRecipe
from underpaint.renderers.medium import Medium, Painter, UInt8, check_columns
from underpaint.renderers.oil.colours import solve_colours
from underpaint.renderers.oil.paint import OIL_COLUMNS, RED1, oil_error_curve, paint_oil, shade, thickest_brush, unshade
from underpaint.renderers.program import ProgramData
from underpaint.renderers.seeds import bristle_grains
from underpaint.renderers.strokes.columns import BLUE, COLUMNS, RED, scale_strokes
from underpaint.renderers.strokes.fitting import ScaledTarget, Stage, fit_strokes, working_scale
from underpaint.renderers.strokes.painter import StrokePainter
from underpaint.renderers.strokes.recipe import (
    DRAFT,
    Finish,
    FitEffort,
    Round,
    canvas_scale,
    high_effort,
    phase_of_canvas,
    place_coarse_to_fine,
)
from underpaint.renderers.strokes.search import Search
from underpaint.renderers.strokes.shapes import Brush
from underpaint.renderers.strokes.tiles import (
    TILE,
    TILE_PIXELS,
    Float32,
    Grid,
    blank_tiles,
    from_tiles,
    make_grid,
    to_bytes,
    to_tiles,
)

# Shares of the strokes that are placed on canvases of 32, 64, 128, 256 and 512 px.
_SHARES = (3, 5, 9, 18, 30)
# Canvases whose strokes block in: few, large, and put in order from dark to light.
_BLOCKING_IN = 2
PHASES = ("block-in", "shapes", "details")
# Painterly limits. A brush thinner than this (radius in px of the working canvas) leaves no bristle marks; oil covers.
_THINNEST = 2.0
_OPACITY_PLACED, _OPACITY_REFINED = 0.85, 0.8
# How far the colours of both sides may be from the picture's, 0..1 a channel, in the painter's manner.
_STRAY = 0.4
# Pixels of the picture for each stroke; with more, a painting ends as near as by error after two thirds of the steps.
_ROOM = 150.0
# Mean length in radii: longer than that of translucent marks, so that the brush is seen to travel.
_STRETCH = 4.5


@dataclasses.dataclass(frozen=True, kw_only=True)
class OilOptions(MannerOptions):
    """Options of the `oil` renderer.

    Attributes:
        ground: Colour of the toned canvas: a colour name, `#rrggbb`, or `mean` (the mean colour of the picture).
        impasto: How strongly light catches the relief of the paint, from 0 (even light) to 1 (raking light).
    """

    # Raw umber, thinned: between the lights and the darks, so that both can be judged against it.
    ground: str = "#b59a78"
    # Costs 0.8 dB on average; at 1 the paint looks like plaster.
    impasto: float = 0.4

    def __post_init__(self) -> None:
        super().__post_init__()
        check_share("impasto", self.impasto)


def _brush(canvas: int) -> Brush:
    return Brush(
        radius_min=_THINNEST,
        # The first strokes are at most a tenth of the picture wide: the layout takes a dozen of them, not one.
        radius_max=3.0 if canvas == 0 else 5.0,
        stretch=2.5 if canvas == 0 else _STRETCH,
        opacity_min=_OPACITY_PLACED,
    )


_MEDIUM_SEARCH = Search(candidates=32, climbs=80)
# benchmarks/fidelity.py prints the PSNR and the seconds of each.
_EFFORTS = {
    "draft": DRAFT,
    "standard": FitEffort(
        placing=_MEDIUM_SEARCH,
        replacing=_MEDIUM_SEARCH,
        first_steps=40,
        rounds=(
            Round(replace=0.3, replace_scale=0.5, refine_scale=0.5, steps=40, rate_end=0.3),
            Round(replace=0.2, refine_scale=1.0, steps=120, rate_end=0.1),
        ),
    ),
    "high": high_effort(first_steps=40),
}
_FINISH = Finish(brush=_brush(len(_SHARES) - 1), thinnest=_THINNEST, opacity_min=_OPACITY_REFINED)


def _placing(effort: FitEffort) -> list[Stage]:
    return place_coarse_to_fine(_SHARES, _brush, effort.placing)


def _stages(effort: FitEffort) -> list[Stage]:
    """Return the recipe by error; what blocks in is put in order before the rest is placed over it."""
    placing = _placing(effort)
    settling = _FINISH.refine(canvas_scale(_BLOCKING_IN, len(_SHARES)), 30, 0.3)
    in_order = dataclasses.replace(settling, dark_to_light=True)
    return [*placing[:_BLOCKING_IN], in_order, *placing[_BLOCKING_IN:], *_FINISH.rounds(effort)]


def _painter_recipe(effort: FitEffort, pixels: float) -> PainterRecipe:
    """Return how this medium paints like people: lines of umber, flats in place of the canvases of 32 and 64 px.

    There are so many `pixels` for each stroke.
    """
    return PainterRecipe(
        line_colour=(0.30, 0.19, 0.12),
        lines=0.04,
        flats=0.06,
        flat_brush=FlatBrush(radius_max=0.08),
        flat_time=0.45,
        placing=_placing(effort)[FLAT_CANVASES:],
        # Worth .1 dB: what order and flats spoil takes longer to make good. Where a stroke has room, less will do.
        finishing=_FINISH.rounds(effort.with_soft_end(30, 0.7 if pixels > _ROOM else 1.1)),
    )


def _phase_of_stage(stage: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    """Return which of PHASES each stroke belongs to, by the stage in which it was placed, (N,) -> (N,)."""
    # The stage that puts the first ones in order places none.
    return phase_of_canvas(np.where(stage > _BLOCKING_IN, stage - 1, stage))


def _blank_relief(grid: Grid) -> Float32:
    return np.zeros((len(grid.y_TP), len(grid.x_TP), TILE_PIXELS), np.float32)


def _relief_image(relief: Float32, grid: Grid) -> Float32:
    """Return the relief as an image: tiles float32 (rows, columns, 64) -> float32 (H, W)."""
    return from_tiles(relief[:, :, None], grid.height, grid.width)[:, :, 0]


class OilPainter(StrokePainter):
    """Colours and relief of a canvas on which strokes are laid in order."""

    _margin = 1

    def __init__(self, program: ProgramData, height: int, width: int) -> None:
        super().__init__(program.strokes_on(height, width), height, width)
        self._tiles = blank_tiles(self._grid, program.ground)
        self._relief = _blank_relief(self._grid)
        self._thickest = thickest_brush(height, width)
        self._impasto = np.float32(program.arrays["impasto"])

    def _lay(self, strokes: Float32) -> None:
        paint_oil(self._tiles, self._relief, self._grid.x_TP, self._grid.y_TP, strokes, self._thickest)

    def _render(self, rows: slice, columns: slice) -> UInt8:
        """Return tiles in their light: the slope of the paint reaches over to the neighbouring pixels."""
        y, x = max(rows.start - 1, 0), max(columns.start - 1, 0)
        around = slice(y, min(rows.stop + 1, len(self._tiles))), slice(x, min(columns.stop + 1, self._tiles.shape[1]))
        image = self._image(self._tiles[around], *around)
        shade(image, self._image(self._relief[around][:, :, None], *around)[:, :, 0], self._impasto)
        top, left = (rows.start - y) * TILE, (columns.start - x) * TILE
        height, width = (rows.stop - rows.start) * TILE, (columns.stop - columns.start) * TILE
        return to_bytes(image[top : top + height, left : left + width])


class Oil(Medium):
    """See the module."""

    name = "oil"
    options = OilOptions
    # Most of the paintings go the way of people's by it: docs/evaluation.md.
    schedule = "change"
    reorder = "places"

    def filling(self) -> OilOptions:
        """Return the options with which a region is filled: by error, within it."""
        return OilOptions(manner="error")

    def welcome(self, options: OilOptions) -> tuple[str, ...]:
        """Return the maps that say what is near and what is the subject."""
        return WELCOME if options.manner == "painter" else ()

    def fit(
        self,
        image: UInt8,
        *,
        strokes: int,
        quality: str,
        seed: int,
        options: OilOptions,
        guides: Mapping[str, Float32],
    ) -> ProgramData:
        """Fit shapes as if the paint were flat, then the two colours of each to the paint as it is.

        See `renderers.paint` for the arguments.
        """
        ground, impasto = ground_colour(options.ground, image), np.float32(options.impasto)
        program = partial(
            ProgramData, medium=self.name, size=(image.shape[0], image.shape[1]), ground=ground, columns=OIL_COLUMNS
        )
        relief = {"impasto": np.array(impasto)}
        if options.manner == "error":
            shapes, stage = fit_strokes(image, ground, strokes, _stages(_EFFORTS[quality]), seed)
            coloured = _coloured(image, ground, _with_bristles(shapes, seed), strokes, impasto)
            return program(strokes=coloured, phases=PHASES, phase=_phase_of_stage(stage), arrays=relief)
        recipe = _painter_recipe(_EFFORTS[quality], image.shape[0] * image.shape[1] / strokes)
        painted = paint_like_people(image, ground, strokes, recipe, options, seed, guides)
        shapes = _with_bristles(painted.marks.strokes, seed)
        models = painted.marks.phase >= MODELLING
        coloured = _coloured(image, ground, shapes, strokes, impasto, held=~models)
        least, most = colour_bounds(image, shapes, _STRAY)
        for side in (slice(RED, BLUE + 1), slice(RED1, RED1 + 3)):
            coloured[models, side] = np.clip(coloured[models, side], least[models], most[models])
        return program(strokes=coloured, **painted.told | {"arrays": painted.told["arrays"] | relief})

    def check(self, program: ProgramData) -> None:
        """Raise ValueError unless columns and impasto are those of an oil program."""
        check_columns(program, OIL_COLUMNS)
        impasto = program.arrays.get("impasto", np.zeros(0))
        if impasto.dtype != np.float32 or impasto.shape != () or not 0.0 <= impasto <= 1.0:
            raise ValueError(f"its impasto must be one float32 in 0..1, not {impasto!r}")

    def painter(self, program: ProgramData, height: int, width: int) -> Painter:
        """Return a toned canvas for the program."""
        return OilPainter(program, height, width)

    def progress(self, program: ProgramData, target: UInt8) -> npt.NDArray[np.float64]:
        """Return the PSNR so far, in even light -> float64 (N + 1,)."""
        grid = make_grid(*program.size)
        tiles, canvas = to_tiles(target.astype(np.float32) / np.float32(255)), blank_tiles(grid, program.ground)
        summed = oil_error_curve(
            tiles, canvas, _blank_relief(grid), grid.x_TP, grid.y_TP, program.strokes, thickest_brush(*program.size)
        )
        return psnr_progress(summed / target.size)


def _with_bristles(shapes: Float32, seed: int) -> Float32:
    """Return strokes (N, 17) of shapes (N, 13): one colour on both sides, and bristles of its own for each."""
    strokes = np.zeros((len(shapes), len(OIL_COLUMNS)), np.float32)
    strokes[:, : len(COLUMNS)] = shapes
    strokes[:, len(COLUMNS) : -1] = shapes[:, RED : BLUE + 1]
    strokes[:, -1] = bristle_grains(seed, len(shapes))
    return strokes


def _coloured(
    image: UInt8,
    ground: Float32,
    strokes: Float32,
    budget: int,
    impasto: np.float32,
    held: npt.NDArray[np.bool_] | None = None,
) -> Float32:
    """Return strokes with the colours that look like `image` in the light that falls on their relief.

    Those of strokes that are `held`, bool (N,), stay as they are.
    """
    scale = working_scale(1.0, budget, image.shape[0], image.shape[1])
    level = ScaledTarget(image, scale)
    grid, strokes = level.grid, scale_strokes(strokes, scale)
    canvas, relief = blank_tiles(grid, ground), _blank_relief(grid)
    paint_oil(canvas, relief, grid.x_TP, grid.y_TP, strokes, thickest_brush(grid.height, grid.width))
    lit = from_tiles(level.target, grid.height, grid.width)
    unshade(lit, _relief_image(relief, grid), impasto)
    return scale_strokes(solve_colours(to_tiles(lit), grid, ground, strokes, held), 1.0 / scale)


MEDIUM = Oil()
