"""Recipes of a fit: how many strokes are placed on which canvas, and the rounds of replacing and refining them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from underpaint.renderers.strokes.adam import Refinement
from underpaint.renderers.strokes.fitting import Stage
from underpaint.renderers.strokes.search import Search
from underpaint.renderers.strokes.shapes import Brush

# The phase, of three, of the strokes that are placed on canvases of 32, 64, 128, 256 and 512 px. Strokes that later
# replace useless ones belong to the last.
_PHASES = np.array((0, 0, 1, 1, 2), np.uint8)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Round:
    """Replace a share of the strokes, the least useful ones, then refine all: two stages, or one if the share is 0."""

    replace: float = 0.0
    replace_scale: float = 1.0
    refine_scale: float
    steps: int
    # The share of the rate that is left at the end.
    rate_end: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class FitEffort:
    """How hard a fit works."""

    placing: Search
    replacing: Search
    # Steps of the first refinement of all strokes, at half resolution.
    first_steps: int
    rounds: tuple[Round, ...]

    def with_soft_end(self, coarse: int, fine: float) -> FitEffort:
        """Return one whose last refinement takes `fine` times as many steps.

        Where it follows a replacement, `coarse` steps at half resolution come first: large errors need no more, for a
        quarter of the time.
        """
        *rounds, last = self.rounds
        if last.replace:
            rounds.append(dataclasses.replace(last, refine_scale=0.5, steps=coarse, rate_end=0.3))
        longer = dataclasses.replace(last, replace=0.0, steps=round(fine * last.steps))
        return dataclasses.replace(self, rounds=(*rounds, longer))


_QUICK, _LONG = Search(candidates=16, climbs=24), Search(candidates=64, climbs=120)
DRAFT = FitEffort(
    placing=_QUICK,
    replacing=_QUICK,
    first_steps=20,
    rounds=(Round(replace=0.2, replace_scale=0.5, refine_scale=0.5, steps=30, rate_end=0.15),),
)


def high_effort(first_steps: int) -> FitEffort:
    """Return the effort of quality `high`: six rounds and a long refinement at full resolution."""
    shares = (0.3, 0.25, 0.2, 0.15, 0.1, 0.05)
    rounds = [Round(replace=share, refine_scale=0.5, steps=60, rate_end=0.3) for share in shares]
    last = Round(refine_scale=1.0, steps=250, rate_end=0.05)
    return FitEffort(placing=_LONG, replacing=_LONG, first_steps=first_steps, rounds=(*rounds, last))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Finish:
    """What strokes may be after they were placed coarse to fine."""

    # Of strokes that are placed late: in the place of useless ones, or because placing ended early.
    brush: Brush = Brush()
    # The least radius, in pixels of the working canvas, and the least opacity that refinement leaves.
    thinnest: float
    opacity_min: float = 0.2

    def refine(self, scale: float, steps: int, rate_end: float) -> Stage:
        """Return the stage that refines all strokes on a canvas of this scale."""
        refinement = Refinement(
            steps=steps, rate_end=rate_end, radius_min=self.thinnest * scale, opacity_min=self.opacity_min
        )
        return Stage(scale=scale, brush=self.brush, refinement=refinement)

    def rounds(self, effort: FitEffort) -> list[Stage]:
        """Return the stages that follow placing."""
        stages = [self.refine(0.5, effort.first_steps, 0.3)]
        for part in effort.rounds:
            if part.replace:
                stages.append(
                    Stage(scale=part.replace_scale, replace=part.replace, brush=self.brush, search=effort.replacing)
                )
            stages.append(self.refine(part.refine_scale, part.steps, part.rate_end))
        return stages


def canvas_scale(canvas: int, canvases: int) -> float:
    """Return the scale, up to 1, of one of the canvases that strokes are placed on, each twice as long as the last."""
    return 0.5 ** (canvases - 1 - canvas)


def place_coarse_to_fine(shares: Sequence[int], brush: Callable[[int], Brush], search: Search) -> list[Stage]:
    """Return the stages that place strokes.

    Args:
        shares: of the strokes, one for each canvas, the smallest first.
        brush: makes the brush of a canvas from its number.
        search: how hard to look for each stroke.
    """
    return [
        Stage(scale=canvas_scale(canvas, len(shares)), share=share, brush=brush(canvas), search=search)
        for canvas, share in enumerate(shares)
    ]


def phase_of_canvas(canvas: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    """Return the phase, 0..2, of strokes by the number of the canvas they were placed on, (N,) -> (N,).

    Numbers beyond the last canvas count as the last.
    """
    return _PHASES[np.minimum(canvas, len(_PHASES) - 1)]
