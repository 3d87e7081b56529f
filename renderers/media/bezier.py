"""Translucent Bézier strokes, as in Learning to Paint, fitted by search and exact gradients, not by an agent."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from underpaint.renderers.colour import ground_colour
from underpaint.renderers.frames import psnr_progress
from underpaint.renderers.medium import Medium, Painter, UInt8, check_columns
from underpaint.renderers.program import Program
from underpaint.renderers.strokes.adam import Refinement
from underpaint.renderers.strokes.columns import COLUMNS, scale_strokes
from underpaint.renderers.strokes.fitting import Stage, fit_strokes
from underpaint.renderers.strokes.kernels import error_curve, paint_strokes
from underpaint.renderers.strokes.search import Brush, Search
from underpaint.renderers.strokes.tiles import Float32, blank_tiles, from_tiles, make_grid, to_bytes, to_tiles

# Shares of the strokes that are placed on canvases of 32, 64, 128, 256 and 512 px. Each canvas has four times the
# pixels of the last and gets about twice its strokes; the first two get a little more, so that the layout is not a
# single step.
_SHARES = (3, 4, 7, 14, 34)
PHASES = ("layout", "shapes", "details")
# The phase of the strokes of each canvas. Strokes that later replace useless ones are details.
_PHASES_OF_LEVELS = (0, 0, 1, 1, 2)
# Edge widths in radii on these canvases: washes first, crisp marks last. Hard edges throughout lose 0.3 dB, and their
# first frames look like cut paper; softer washes than these turn too dark, to make up for their thin fringes.
_SOFTNESS = (0.5, 0.5, 0.4, 0.2, 0.0)
# Strokes thinner than this (radius in px of the working canvas) read as hairs; allowing them gains 0.03 dB.
_THINNEST = 0.8


@dataclasses.dataclass(frozen=True, kw_only=True)
class BezierOptions:
    """Options of the `bezier` renderer.

    Attributes:
        ground: the blank canvas: a colour name, `#rrggbb`, or `mean` (the picture's mean colour).
    """

    # Paper is white, and models that paint start from white.
    ground: str = "white"


def phase_of_stage(stage: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    """Which of PHASES each stroke belongs to, by the stage of the recipe in which it was placed, (N,) -> (N,)."""
    return np.array(_PHASES_OF_LEVELS, np.uint8)[np.minimum(stage, len(_PHASES_OF_LEVELS) - 1)]


def _placement(search: Search) -> list[Stage]:
    """Place everything, coarse to fine."""
    last = len(_SHARES) - 1
    return [
        Stage(
            scale=0.5 ** (last - level),
            share=share,
            brush=Brush(
                # Only the finest canvas may have marks of single pixels: upscaled, those of coarser ones would be dots.
                radius_min=1.0 if level == last else 1.6,
                # The first strokes are at most a tenth of the picture wide: the layout takes a dozen of them, not one.
                radius_max=3.0 if level == 0 else 5.0,
                stretch=2.0 if level == 0 else 3.0,
                softness=_SOFTNESS[level],
            ),
            search=search,
        )
        for level, share in enumerate(_SHARES)
    ]


def _refinement(scale: float, steps: int, rate_end: float) -> Stage:
    return Stage(scale=scale, refinement=Refinement(steps=steps, rate_end=rate_end, radius_min=_THINNEST * scale))


def _replacement(scale: float, share: float, search: Search) -> Stage:
    return Stage(scale=scale, replace=share, search=search)


def _draft() -> list[Stage]:
    search = Search(candidates=16, climbs=24)
    return [*_placement(search), _refinement(0.5, 20, 0.3), _replacement(0.5, 0.2, search), _refinement(0.5, 30, 0.15)]


def _standard() -> list[Stage]:
    search = Search(candidates=32, climbs=60)
    return [
        *_placement(Search(candidates=24, climbs=40)),
        _refinement(0.5, 20, 0.3),
        _replacement(0.5, 0.3, search),
        _refinement(0.5, 20, 0.3),
        _replacement(1.0, 0.2, search),
        _refinement(1.0, 64, 0.1),
    ]


def _high() -> list[Stage]:
    search = Search(candidates=64, climbs=120)
    stages = [*_placement(search), _refinement(0.5, 30, 0.3)]
    for share in (0.3, 0.25, 0.2, 0.15, 0.1, 0.05):
        stages += [_replacement(1.0, share, search), _refinement(0.5, 60, 0.3)]
    return [*stages, _refinement(1.0, 250, 0.05)]


# Mean of the five benchmark pictures at 512 px, 1,000 strokes: benchmarks/fidelity.py prints PSNR and seconds.
_RECIPES = {"draft": _draft, "standard": _standard, "high": _high}


class BezierPainter(Painter):
    """A tiled canvas on which strokes are laid in order."""

    def __init__(self, program: Program, height: int, width: int) -> None:
        # By the longer side: rounded to whole pixels, it is the more exact one.
        self._strokes = scale_strokes(program.strokes, max(height, width) / max(program.size))
        self._grid = make_grid(height, width)
        self._tiles = blank_tiles(self._grid, program.ground)
        self._painted = 0

    def paint_until(self, count: int) -> None:
        """Paint on until the first `count` strokes are on the canvas."""
        assert self._painted <= count <= len(self._strokes)
        paint_strokes(self._tiles, self._grid.x_TP, self._grid.y_TP, self._strokes[self._painted : count])
        self._painted = count

    def pixels(self) -> UInt8:
        """The canvas, uint8 (H, W, 3)."""
        return to_bytes(from_tiles(self._tiles, self._grid.height, self._grid.width))


class Bezier(Medium):
    """See the module."""

    name = "bezier"
    options = BezierOptions

    def fit(
        self,
        image: UInt8,
        *,
        strokes: int,
        quality: str,
        seed: int,
        options: BezierOptions,
        guides: Mapping[str, Float32],
    ) -> Program:
        """Fit strokes to `image`; see `renderers.paint` for the arguments."""
        ground = ground_colour(options.ground, image)
        fitted, stage = fit_strokes(image, ground, strokes, _RECIPES[quality](), seed)
        return Program(
            medium=self.name,
            size=(image.shape[0], image.shape[1]),
            ground=ground,
            strokes=fitted,
            phases=PHASES,
            phase=phase_of_stage(stage),
        )

    def check(self, program: Program) -> None:
        """Raise ValueError unless the strokes have the thirteen columns."""
        check_columns(program, COLUMNS)

    def painter(self, program: Program, height: int, width: int) -> Painter:
        """A blank canvas for the program."""
        return BezierPainter(program, height, width)

    def progress(self, program: Program, target: UInt8) -> npt.NDArray[np.float64]:
        """PSNR so far -> float64 (N + 1,)."""
        grid = make_grid(*program.size)
        tiles = to_tiles(target.astype(np.float32) / np.float32(255))
        summed = error_curve(tiles, blank_tiles(grid, program.ground), grid.x_TP, grid.y_TP, program.strokes)
        return psnr_progress(summed / target.size)


MEDIUM = Bezier()
