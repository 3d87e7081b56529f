"""Translucent Bézier strokes, as in Learning to Paint, fitted by search and exact gradients, not by an agent."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import partial

import numpy as np
import numpy.typing as npt

from underpaint.renderers.colour import ground_colour
from underpaint.renderers.frames import psnr_progress
from underpaint.renderers.manner.fit import WELCOME, paint_like_people
from underpaint.renderers.manner.flats import FlatBrush
from underpaint.renderers.manner.habits import MannerOptions
from underpaint.renderers.manner.painting import FLAT_CANVASES, PainterRecipe
from underpaint.renderers.medium import Medium, Painter, UInt8, check_columns
from underpaint.renderers.program import ProgramData
from underpaint.renderers.strokes.columns import COLUMNS
from underpaint.renderers.strokes.fitting import Stage, fit_strokes
from underpaint.renderers.strokes.kernels import error_curve, paint_strokes
from underpaint.renderers.strokes.painter import StrokePainter
from underpaint.renderers.strokes.recipe import (
    DRAFT,
    Finish,
    FitEffort,
    Round,
    high_effort,
    phase_of_canvas,
    place_coarse_to_fine,
)
from underpaint.renderers.strokes.search import Search
from underpaint.renderers.strokes.shapes import Brush
from underpaint.renderers.strokes.tiles import Float32, blank_tiles, make_grid, to_tiles

# Shares of the strokes that are placed on canvases of 32, 64, 128, 256 and 512 px. Each canvas has four times the
# pixels of the last and gets about twice its strokes; the first two get a little more, so that the layout is not a
# single step.
_SHARES = (3, 4, 7, 14, 34)
PHASES = ("layout", "shapes", "details")
# Edge widths in radii on these canvases: washes first, crisp marks last. Hard edges throughout lose 0.3 dB, and their
# first frames look like cut paper; softer washes than these turn too dark, to make up for their thin fringes.
_SOFTNESS = (0.5, 0.5, 0.4, 0.2, 0.0)
# Strokes thinner than this (radius in px of the working canvas) read as hairs; allowing them gains 0.03 dB.
_THINNEST = 0.8


@dataclasses.dataclass(frozen=True, kw_only=True)
class BezierOptions(MannerOptions):
    """Options of the `bezier` renderer.

    Attributes:
        ground: Colour of the blank canvas: a colour name, `#rrggbb`, or `mean` (the mean colour of the picture).
    """

    # Paper is white, and models that paint start from white.
    ground: str = "white"


def _brush(canvas: int) -> Brush:
    return Brush(
        # Only the finest canvas may have marks of single pixels: upscaled, those of coarser ones would be dots.
        radius_min=1.0 if canvas == len(_SHARES) - 1 else 1.6,
        # The first strokes are at most a tenth of the picture wide: the layout takes a dozen of them, not one.
        radius_max=3.0 if canvas == 0 else 5.0,
        stretch=2.0 if canvas == 0 else 3.0,
        softness=_SOFTNESS[canvas],
    )


# benchmarks/fidelity.py prints the PSNR and the seconds of each.
_EFFORTS = {
    "draft": DRAFT,
    "standard": FitEffort(
        placing=Search(candidates=24, climbs=40),
        replacing=Search(candidates=32, climbs=60),
        first_steps=20,
        rounds=(
            Round(replace=0.3, replace_scale=0.5, refine_scale=0.5, steps=20, rate_end=0.3),
            Round(replace=0.2, refine_scale=1.0, steps=64, rate_end=0.1),
        ),
    ),
    "high": high_effort(first_steps=30),
}
_FINISH = Finish(thinnest=_THINNEST)


def _placing(effort: FitEffort) -> list[Stage]:
    return place_coarse_to_fine(_SHARES, _brush, effort.placing)


def _painter_recipe(effort: FitEffort) -> PainterRecipe:
    """Return how this medium paints like people: graphite lines, crisp flats, and no canvas of 32 and 64 px."""
    return PainterRecipe(
        line_colour=(0.33, 0.33, 0.36),
        # 1 % more of either costs .03 dB; with fewer lines a drawing is no longer one.
        lines=0.025,
        flats=0.045,
        flat_brush=FlatBrush(radius_max=0.06),
        flat_time=0.6,
        placing=_placing(effort)[FLAT_CANVASES:],
        # Worth .3 dB: what order and flats spoil takes longer to make good.
        finishing=_FINISH.rounds(effort.with_soft_end(40, 1.3)),
    )


class BezierPainter(StrokePainter):
    """A tiled canvas on which strokes are laid in order."""

    def __init__(self, program: ProgramData, height: int, width: int) -> None:
        super().__init__(program.strokes_on(height, width), height, width)
        self._tiles = blank_tiles(self._grid, program.ground)

    def _lay(self, strokes: Float32) -> None:
        paint_strokes(self._tiles, self._grid.x_TP, self._grid.y_TP, strokes)


class Bezier(Medium):
    """See the module."""

    name = "bezier"
    options = BezierOptions
    # Most of the paintings go the way of people's by it: docs/evaluation.md.
    schedule = "change"
    reorder = "places"

    def filling(self) -> BezierOptions:
        """Return the options with which a region is filled: by error, within it."""
        return BezierOptions(manner="error")

    def welcome(self, options: BezierOptions) -> tuple[str, ...]:
        """Return the maps that say what is near and what is the subject."""
        return WELCOME if options.manner == "painter" else ()

    def fit(
        self,
        image: UInt8,
        *,
        strokes: int,
        quality: str,
        seed: int,
        options: BezierOptions,
        guides: Mapping[str, Float32],
    ) -> ProgramData:
        """Fit strokes to `image`; see `renderers.paint` for the arguments."""
        ground, effort = ground_colour(options.ground, image), _EFFORTS[quality]
        program = partial(ProgramData, medium=self.name, size=(image.shape[0], image.shape[1]), ground=ground)
        if options.manner == "error":
            stages = [*_placing(effort), *_FINISH.rounds(effort)]
            fitted, stage = fit_strokes(image, ground, strokes, stages, seed)
            return program(strokes=fitted, phases=PHASES, phase=phase_of_canvas(stage))
        painted = paint_like_people(image, ground, strokes, _painter_recipe(effort), options, seed, guides)
        return program(strokes=painted.marks.strokes, **painted.told)

    def check(self, program: ProgramData) -> None:
        """Raise ValueError unless the strokes have the thirteen columns."""
        check_columns(program, COLUMNS)

    def painter(self, program: ProgramData, height: int, width: int) -> Painter:
        """Return a blank canvas for the program."""
        return BezierPainter(program, height, width)

    def progress(self, program: ProgramData, target: UInt8) -> npt.NDArray[np.float64]:
        """Return the PSNR so far -> float64 (N + 1,)."""
        grid = make_grid(*program.size)
        tiles = to_tiles(target.astype(np.float32) / np.float32(255))
        summed = error_curve(tiles, blank_tiles(grid, program.ground), grid.x_TP, grid.y_TP, program.strokes)
        return psnr_progress(summed / target.size)


MEDIUM = Bezier()
