"""Chinese ink painting: contours, dry texture strokes, washes and colour on paper. Marks only darken."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from underpaint.renderers.colour import paper_colour
from underpaint.renderers.frames import progress_by_phase
from underpaint.renderers.ink.dressing import PHASES
from underpaint.renderers.ink.fitting import Recipe, Step, fit_ink
from underpaint.renderers.ink.habits import InkHabits, InkMannerOptions
from underpaint.renderers.ink.mist import dark_background
from underpaint.renderers.ink.paper import paper_heights
from underpaint.renderers.ink.sheet import sheet_order
from underpaint.renderers.ink.surface import INK_COLUMNS, WET, paint_marks
from underpaint.renderers.limits import check_share
from underpaint.renderers.medium import Medium, Painter, UInt8, check_columns
from underpaint.renderers.order.scene import LOOK_SIDE, look
from underpaint.renderers.program import ProgramData
from underpaint.renderers.strokes.columns import A0, BLUE, R0, R1, RED, paint_laid
from underpaint.renderers.strokes.painter import StrokePainter
from underpaint.renderers.strokes.search import Search
from underpaint.renderers.strokes.tiles import Float32, blank_tiles

# How much of the way each phase is, whatever its marks do to the error: of 8 frames two show contours, one texture,
# three washes and one colour.
_PHASE_SHARES = (2.2, 1.2, 2.6, 1.0)
# How much darker than its peaks the paper is in its hollows, at texture 1.
_RELIEF = np.float32(0.06)

_RECIPES = {
    "draft": Recipe(search=Search(candidates=12, climbs=16), steps=(Step(scale=0.5, refine=30),), sweeps=2),
    "standard": Recipe(
        search=Search(candidates=24, climbs=40),
        steps=(
            Step(scale=0.5, refine=30),
            Step(scale=1.0, refine=60, replace=0.3),
            Step(scale=1.0, refine=140, replace=0.2),
        ),
    ),
    "high": Recipe(
        search=Search(candidates=64, climbs=120),
        steps=(
            Step(scale=0.5, refine=60),
            Step(scale=1.0, refine=100, replace=0.3),
            Step(scale=1.0, refine=100, replace=0.3),
            Step(scale=1.0, refine=100, replace=0.2),
            Step(scale=1.0, refine=100, replace=0.1),
            Step(scale=1.0, refine=500, replace=0.1),
        ),
        sweeps=8,
    ),
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class InkOptions(InkMannerOptions):
    """Options of the `ink` renderer. Habits that aren't given are drawn for each picture from its seed.

    Attributes:
        colour: Strength of the colours, from 0 (ink alone) to 1 (as strong as in the picture).
        paper: Colour of the paper: a colour name or `#rrggbb`.
        texture: How much the fibres of the paper show, from 0 to 1.
        mist: How far a dark background is left out as mist, from 0 (it is painted) to 1; the subject is never.
    """

    # Tints as pale as on most paintings of flowers and birds.
    colour: float = 0.35
    # Xuan paper.
    paper: str = "#f5efe0"
    texture: float = 0.5
    # Whoever asks for ink need not want less of the picture.
    mist: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_share("colour", self.colour)
        check_share("texture", self.texture)
        check_share("mist", self.mist)


class InkPainter(StrokePainter):
    """A sheet of paper on which ink is being laid."""

    def __init__(self, program: ProgramData, height: int, width: int) -> None:
        super().__init__(program.strokes_on(height, width), height, width)
        self._paper = paper_heights(self._grid)
        self._tiles = blank_tiles(self._grid, program.ground)
        texture = np.float32(program.arrays["texture"])
        self._tiles *= (np.float32(1) - _RELIEF * texture * self._paper)[:, :, None]

    def _lay(self, strokes: Float32) -> None:
        paint_marks(self._tiles, self._grid.x_TP, self._grid.y_TP, self._paper, strokes)


class Ink(Medium):
    """See the module."""

    name = "ink"
    options = InkOptions
    # Most of the paintings go the way of people's by it, in even or `change` steps nearly as many: docs/evaluation.md.
    schedule = "time"
    reorder = "phases"

    def filling(self) -> InkOptions:
        """Return the options with which a region is filled: layer by layer, within it."""
        return InkOptions(manner="layers")

    def welcome(self, options: InkOptions) -> tuple[str, ...]:
        """Return the maps that say what is near and what is the subject."""
        return ("saliency", "depth") if options.manner == "painter" or options.mist > 0 else ()

    def fit(
        self,
        image: UInt8,
        *,
        strokes: int,
        quality: str,
        seed: int,
        options: InkOptions,
        guides: Mapping[str, Float32],
    ) -> ProgramData:
        """Fit ink marks to `image`; see `renderers.paint` for the arguments."""
        ground = paper_colour(options.paper)
        arrays: dict[str, npt.NDArray[Any]] = {"texture": np.array(options.texture, np.float32)}
        about: dict[str, Any] = {}
        painter = options.manner == "painter"
        habits = InkHabits.of(options, seed)
        scene, mist = None, None
        if painter or options.mist > 0:
            detail = habits.detail if painter else 1.0
            scene = look(
                image, saliency=guides.get("saliency"), depth=guides.get("depth"), detail=detail, side=LOOK_SIDE
            )
        if scene is not None and options.mist > 0:
            mist = np.float32(options.mist) * dark_background(image, scene)
        fitted, phase = fit_ink(image, strokes, _RECIPES[quality], options.colour, seed, mist)
        if scene is not None and painter:
            sheet = sheet_order(fitted, phase, scene, habits)
            fitted, phase = fitted[sheet.order], phase[sheet.order]
            arrays |= {"region": sheet.region, "place": sheet.place}
            about = {"habits": dataclasses.asdict(habits)}
        return ProgramData(
            medium=self.name,
            size=(image.shape[0], image.shape[1]),
            ground=ground,
            strokes=fitted,
            columns=INK_COLUMNS,
            phases=PHASES,
            phase=phase,
            arrays=arrays,
            about=about,
        )

    def check(self, program: ProgramData) -> None:
        """Raise ValueError unless the marks have the seventeen columns and only darken, and the paper has a texture."""
        check_columns(program, INK_COLUMNS)
        strokes = program.strokes
        shares = np.concatenate([strokes[:, A0 : BLUE + 1], strokes[:, WET:]], axis=1)
        if ((shares < 0) | (shares > 1)).any():
            raise ValueError("its opacities, colours and surfaces must lie in 0..1")
        if (strokes[:, R0 : R1 + 1] <= 0).any():
            raise ValueError("its radii must be above 0")
        texture = program.arrays.get("texture")
        if texture is None or texture.shape != () or not 0 <= texture <= 1:
            raise ValueError(f"its texture is {texture}, not one number in 0..1")

    def painter(self, program: ProgramData, height: int, width: int) -> Painter:
        """Return a blank sheet for the program."""
        return InkPainter(program, height, width)

    def progress(self, program: ProgramData, target: UInt8) -> npt.NDArray[np.float64]:
        """Return how far the painting has come -> float64 (N + 1,).

        Each phase is a fixed part of the way; within it, the square root of the ink laid counts.

        The error won't do: contours hardly lower it, and the first washes do almost everything.
        """
        taken = 1 - program.strokes[:, RED : BLUE + 1].astype(np.float64).mean(axis=1)
        assert program.phase is not None
        return progress_by_phase(program.phase, np.sqrt(paint_laid(program.strokes) * taken), _PHASE_SHARES)


MEDIUM = Ink()
