"""Fit strokes in the order in which a painter lays them.

As in `strokes.fitting`, but drawn and blocked in first, and put in order by region before they are refined: what the
order spoils, the refinement makes good.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from underpaint.renderers.manner.colours import colour_bounds
from underpaint.renderers.manner.drawing import draw_outlines
from underpaint.renderers.manner.flats import FlatBrush, block_in
from underpaint.renderers.manner.habits import PainterHabits
from underpaint.renderers.manner.late import order_with_late
from underpaint.renderers.manner.marks import BLOCK_IN, DRAWING, LATE, MODELLING, Brushwork, Int32
from underpaint.renderers.order.places import stroke_regions
from underpaint.renderers.order.scene import Scene
from underpaint.renderers.seeds import manner_seed
from underpaint.renderers.strokes.adam import refine_strokes
from underpaint.renderers.strokes.columns import A0, EDGE, scale_strokes
from underpaint.renderers.strokes.fitting import ScaledTargets, Stage, most_useful, place_more
from underpaint.renderers.strokes.tiles import Float32

# How far a stroke that models may be from the colour of the picture there, 0..1 a channel: costs .07 dB.
_STRAY = 0.3
# Flats do what the strokes on the two smallest canvases do by error.
FLAT_CANVASES = 2


@dataclasses.dataclass(frozen=True, kw_only=True)
class PainterRecipe:
    """How a medium paints in the painter's manner.

    Attributes:
        line_colour: of the drawing, 0..1.
        lines: share of the strokes that draw.
        flats: share of the strokes that block in.
        flat_brush: what these look like.
        flat_time: share of the time that blocking in takes.
        placing: the stages that place what models, coarse to fine, with their shares of the other strokes.
        finishing: the stages that refine all, and replace the least useful.
    """

    line_colour: tuple[float, float, float]
    lines: float
    flats: float
    flat_brush: FlatBrush
    flat_time: float
    placing: Sequence[Stage]
    finishing: Sequence[Stage]


class PainterFit:
    """The fit of one picture."""

    def __init__(
        self,
        image: npt.NDArray[np.uint8],
        scene: Scene,
        ground: Float32,
        budget: int,
        recipe: PainterRecipe,
        habits: PainterHabits,
        seed: int,
    ) -> None:
        """See `manner.fit.paint_like_people`."""
        self._image, self._scene, self._ground, self._budget = image, scene, ground, budget
        self._recipe, self._habits, self._seed = recipe, habits, seed
        self._targets = ScaledTargets(image, budget)
        self._planes = planes_of(scene, habits.planes)

    def marks(self) -> Brushwork:
        """Return the strokes, in an order that `order.tour` makes better still."""
        marks = self._begun()
        first, shares = len(marks), np.cumsum([stage.share for stage in self._recipe.placing])
        for number, stage in enumerate(self._recipe.placing):
            wanted = first + round((self._budget - first) * float(shares[number] / shares[-1]))
            marks = marks.then(self._placed(marks, wanted - len(marks), stage, number, number))
        marks = marks.take(self._by_region(marks))
        for number, stage in enumerate(self._recipe.finishing, start=len(self._recipe.placing)):
            if stage.replace:
                marks = self._replaced(marks, stage, number)
            if stage.refinement is not None:
                marks = self._refined(marks, stage)
        return marks

    def _begun(self) -> Brushwork:
        """Draw and block in."""
        recipe, colour = self._recipe, np.array(self._recipe.line_colour, np.float32)
        count = round(recipe.lines * self._budget)
        lines = draw_outlines(self._image, self._scene, count, colour, manner_seed(self._seed, "drawing"))
        marks = Brushwork.of(lines, DRAWING, 0, -1)
        flats = block_in(
            self._image, self._scene, self._ground, marks, round(recipe.flats * self._budget), recipe.flat_brush,
            self._habits.margin, self._seed,
        )  # fmt: skip
        return marks.then(flats).take(np.arange(min(len(marks) + len(flats), self._budget)))

    def _placed(self, marks: Brushwork, count: int, stage: Stage, number: int, level: int) -> Brushwork:
        """Return up to `count` more strokes, that go on top."""
        if count < 1:
            return Brushwork.none()
        scale, target = self._targets.at(stage.scale)
        under = scale_strokes(marks.strokes, scale)
        placed = place_more(target, self._ground, under, count, stage, manner_seed(self._seed, "placing", number))
        strokes = scale_strokes(placed, 1 / scale)
        return Brushwork.of(strokes, MODELLING, level, self._ranks_of(strokes))

    def _ranks_of(self, strokes: Float32) -> Int32:
        return self._scene.ranks[stroke_regions(strokes, self._scene.labels)]

    def _by_region(self, marks: Brushwork) -> npt.NDArray[np.intp]:
        """Return the order by plane; in each first what blocks in, then region by region, coarse to fine as placed."""
        plane = np.where(marks.rank >= 0, self._planes[marks.rank], -1)
        return np.lexsort((marks.rank, marks.phase, plane))

    def _refined(self, marks: Brushwork, stage: Stage) -> Brushwork:
        """Move all down the gradient, but the drawing."""
        assert stage.refinement is not None
        scale, target = self._targets.at(stage.scale)
        refined = refine_strokes(
            target.target, target.grid, self._ground, scale_strokes(marks.strokes, scale), stage.refinement,
            held=marks.phase == DRAWING, paint=self._paint(marks),
        )  # fmt: skip
        return dataclasses.replace(marks, strokes=scale_strokes(refined, 1 / scale))

    def _paint(self, marks: Brushwork) -> tuple[Float32, Float32]:
        """Return the bounds of opacities and colours: flats keep theirs, others stay near what they paint.

        Where flats are free, even by little, they take colours that make up for what is modelled over them.
        """
        flat, given = (marks.phase == BLOCK_IN)[:, None], marks.strokes[:, A0:EDGE]
        opaque = np.ones((len(marks), 2), np.float32)
        least, most = colour_bounds(self._image, marks.strokes, _STRAY)
        return (
            np.where(flat, given, np.hstack([0 * opaque, least])),
            np.where(flat, given, np.hstack([opaque, most])),
        )

    def _replaced(self, marks: Brushwork, stage: Stage, number: int) -> Brushwork:
        """Take out the least useful strokes that model, and place as many late ones where their regions are painted."""
        scale, target = self._targets.at(stage.scale)
        kept = most_useful(
            target, self._ground, scale_strokes(marks.strokes, scale), stage.replace, marks.phase < MODELLING
        )
        marks = marks.take(kept)
        first = len(marks)
        marks = marks.then(self._placed(marks, self._budget - first, stage, number, LATE))
        ends = self._last_of_each(marks.rank[:first])[marks.rank[first:]]
        scale, level = self._targets.at(0.5)
        return marks.take(order_with_late(level.grid, scale_strokes(marks.strokes, scale), first, ends))

    def _last_of_each(self, ranks: Int32) -> Int32:
        """Return each region's last stroke, int32 (R,); if it has none, of the one before it, or of the drawing."""
        painted = ranks >= 0
        last = np.full(len(self._scene.order), -1, np.int32)
        np.maximum.at(last, ranks[painted], np.flatnonzero(painted).astype(np.int32))
        before = np.int32(max(int((~painted).sum()) - 1, 0))
        for rank in range(len(last)):
            before = last[rank] = last[rank] if last[rank] >= 0 else before
        return last


def planes_of(scene: Scene, planes: int) -> Int32:
    """Return the plane, 0.., of each region by its place in the order, int32 (R,): `planes` of about equal area.

    0 planes, or more than there are regions, makes each region one.
    """
    count = len(scene.order)
    if planes == 0 or planes >= count:
        return np.arange(count, dtype=np.int32)
    areas = np.bincount(scene.labels.ravel(), minlength=count)[scene.order]
    middle = (np.cumsum(areas) - areas / 2) / areas.sum()
    return np.asarray(np.minimum(middle * planes, planes - 1), np.int32)
