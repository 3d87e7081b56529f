"""Pencil: construction lines, contours, hatching place by place, smudges, the eraser, and the darkest accents."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from underpaint.renderers.colour import paper_colour
from underpaint.renderers.frames import progress_by_phase
from underpaint.renderers.limits import check_choice, check_habits
from underpaint.renderers.medium import Medium, Painter, UInt8, check_columns
from underpaint.renderers.pencil.fitting import PHASES, fit_pencil
from underpaint.renderers.pencil.habits import BOUNDS, draw_habits
from underpaint.renderers.pencil.paper import paper_hollows
from underpaint.renderers.pencil.sheet import PencilRecipe
from underpaint.renderers.pencil.surface import LIFT, PENCIL_COLUMNS, draw_marks
from underpaint.renderers.program import ProgramData
from underpaint.renderers.strokes.columns import A0, A1, BLUE, R0, R1, RED, paint_laid
from underpaint.renderers.strokes.painter import StrokePainter
from underpaint.renderers.strokes.search import Search
from underpaint.renderers.strokes.tiles import Float32, blank_tiles

Lead = Literal["graphite", "sepia", "charcoal"]

# What the densest layer of each lets through.
_LEADS = {"graphite": (0.15, 0.15, 0.165), "sepia": (0.27, 0.155, 0.09), "charcoal": (0.07, 0.068, 0.066)}
_LUMA = (0.299, 0.587, 0.114)
# Dense graphite shines: marks alone get no darker than this above it.
_GLINT = 0.03
# How much of the way each phase is, whatever its marks do to the error.
_PHASE_SHARES = (0.8, 1.5, 4.0, 0.2, 0.15, 1.5)
# How much darker than its peaks the paper is in its hollows.
_RELIEF = np.float32(0.035)

_RECIPES = {
    "draft": PencilRecipe(search=Search(candidates=8, climbs=12), sweeps=2),
    "standard": PencilRecipe(search=Search(candidates=32, climbs=64)),
    "high": PencilRecipe(search=Search(candidates=128, climbs=400), sweeps=8),
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class PencilOptions:
    """Options of the `pencil` renderer. Habits that are not given are drawn for each picture from its seed.

    Attributes:
        lead: What draws: `graphite`, `sepia` or `charcoal`.
        paper: Colour of the paper: a colour name or `#rrggbb`.
        slant: Habit: direction of the hatching in degrees; negative rises to the right.
        spacing: Habit: from one hatching line to the next, in sides of the sheet.
        construction: Habit: share of the strokes that construct the picture first.
        smudging: Habit: share of the strokes that a finger makes.
        place: Habit: the longest side of a place that is finished before the next, in sides of the sheet.
        reserve: Habit: how dark the hatching may get; what is darker waits for the accents. 0 is the darkest graphite,
            1 bare paper.
    """

    lead: Lead = "graphite"
    # Drawing paper.
    paper: str = "#f7f5ee"
    slant: float | None = None
    spacing: float | None = None
    construction: float | None = None
    smudging: float | None = None
    place: float | None = None
    reserve: float | None = None

    def __post_init__(self) -> None:
        check_choice("lead", self.lead, get_args(Lead))
        check_habits(self, BOUNDS)


class PencilPainter(StrokePainter):
    """A sheet of paper that is drawn on."""

    def __init__(self, program: ProgramData, height: int, width: int) -> None:
        super().__init__(program.strokes_on(height, width), height, width)
        self._paper = paper_hollows(self._grid)
        self._tiles = blank_tiles(self._grid, program.ground)
        self._tiles *= (np.float32(1) - _RELIEF * self._paper)[:, :, None]

    def _lay(self, strokes: Float32) -> None:
        draw_marks(self._tiles, self._grid.x_TP, self._grid.y_TP, self._paper, strokes)


class Pencil(Medium):
    """See the module."""

    name = "pencil"
    fills = False
    options = PencilOptions

    def welcome(self, options: PencilOptions) -> tuple[str, ...]:
        """Return the maps that say what the subject is."""
        return ("saliency",)

    def fit(
        self,
        image: UInt8,
        *,
        strokes: int,
        quality: str,
        seed: int,
        options: PencilOptions,
        guides: Mapping[str, Float32],
    ) -> ProgramData:
        """Draw `image`; see `renderers.paint` for the arguments."""
        ground = paper_colour(options.paper)
        habits = draw_habits(seed, {name: getattr(options, name) for name in BOUNDS})
        lead = np.array(_LEADS[options.lead], np.float32)
        lets_through = sum(float(c) * share for c, share in zip(lead, _LUMA, strict=True))
        drawing = fit_pencil(
            image, strokes, _RECIPES[quality], habits, lets_through + _GLINT, seed, guides.get("saliency")
        )
        return ProgramData(
            medium=self.name,
            size=(image.shape[0], image.shape[1]),
            ground=ground,
            strokes=_in_lead(drawing.marks, lead, lets_through, ground),
            columns=PENCIL_COLUMNS,
            phases=PHASES,
            phase=drawing.phase,
            arrays={"region": drawing.region, "place": drawing.place},
            about={"habits": dataclasses.asdict(habits)},
        )

    def check(self, program: ProgramData) -> None:
        """Raise ValueError unless the marks have the twenty columns and lie in their ranges."""
        check_columns(program, PENCIL_COLUMNS)
        strokes = program.strokes
        shares = strokes[:, [*range(A0, BLUE + 1), *range(LIFT - 3, LIFT + 2)]]
        if ((shares < 0) | (shares > 1)).any():
            raise ValueError("its opacities, colours and surfaces must lie in 0..1")
        if (strokes[:, R0 : R1 + 1] <= 0).any():
            raise ValueError("its radii must be above 0")

    def painter(self, program: ProgramData, height: int, width: int) -> Painter:
        """Return a blank sheet for the program."""
        return PencilPainter(program, height, width)

    def progress(self, program: ProgramData, target: UInt8) -> npt.NDArray[np.float64]:
        """Return how far the drawing has come -> float64 (N + 1,).

        Each phase is a fixed part of the way; within it, the graphite laid or lifted counts.
        """
        assert program.phase is not None
        return progress_by_phase(program.phase, paint_laid(program.strokes), _PHASE_SHARES)


def _in_lead(marks: Float32, lead: Float32, lets_through: float, paper: Float32) -> Float32:
    """Return marks, drawn in black and grey, in a lead of this colour: its light makes up in opacity."""
    strokes: Float32 = marks.copy()
    rubbed = marks[:, LIFT] > 0
    laid = ~rubbed
    strokes[laid, A0 : A1 + 1] = np.minimum(marks[laid, A0 : A1 + 1] / np.float32(1 - lets_through), 1)
    strokes[laid, RED : BLUE + 1] = lead
    amount = np.clip((1 - marks[rubbed, RED]) / np.float32(1 - lets_through), 0, 1)[:, None]
    strokes[rubbed, RED : BLUE + 1] = paper * (1 - amount * (1 - lead))
    return strokes


MEDIUM = Pencil()
