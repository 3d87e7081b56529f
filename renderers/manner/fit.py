"""A picture painted in the painter's manner: see, fit, put in order, and say how."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from underpaint.renderers.manner.finish import in_order
from underpaint.renderers.manner.habits import MannerOptions, PainterHabits
from underpaint.renderers.manner.marks import BLOCK_IN, DRAWING, PHASES, Brushwork
from underpaint.renderers.manner.painting import PainterFit, PainterRecipe
from underpaint.renderers.order.scene import LOOK_SIDE, look
from underpaint.renderers.strokes.tiles import Float32

# Modelling and accents have at least this share of the time, however long one draws.
_MODELLED = 0.1
# Maps beside the picture that tell a painter more than the picture does.
WELCOME = ("saliency", "depth")


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class PaintedMarks:
    """Strokes in the painter's order, and what a program says of them.

    Attributes:
        marks: the strokes, their phases and regions.
        told: fields of the program: `phases` and `phase`; `arrays` with `region`, int16 (N,), the place in the painting
            order of each stroke's region, -1 for the drawing, `place`, int16 (N,), the number of its place, and `time`,
            float32 (4,), the phases' shares of it; `about` with the habits.
    """

    marks: Brushwork
    told: dict[str, Any]


def paint_like_people(
    image: npt.NDArray[np.uint8],
    ground: Float32,
    strokes: int,
    recipe: PainterRecipe,
    options: MannerOptions,
    seed: int,
    guides: Mapping[str, Float32],
) -> PaintedMarks:
    """Fit up to `strokes` strokes in the order in which people lay them.

    Args:
        image: uint8 (H, W, 3).
        ground: float32 (3,), 0..1, the blank canvas.
        strokes: the budget, at least 1.
        recipe: of the medium.
        options: which habits are fixed.
        seed: 0..2**63-1; the same seed gives the same bytes.
        guides: any of WELCOME, float32 (H, W), 0..1.
    """
    habits = PainterHabits.of(options, seed)
    scene = look(
        image, saliency=guides.get("saliency"), depth=guides.get("depth"), detail=habits.detail, side=LOOK_SIDE
    )
    marks, place = in_order(
        PainterFit(image, scene, ground, strokes, recipe, habits, seed).marks(), scene, habits, seed
    )
    time = np.zeros(len(PHASES), np.float32)
    time[DRAWING] = habits.drawing
    time[BLOCK_IN] = min(recipe.flat_time, 1 - _MODELLED - habits.drawing)
    arrays = {"region": marks.rank.astype(np.int16), "place": place.astype(np.int16), "time": time}
    told = {"phases": PHASES, "phase": marks.phase.astype(np.uint8), "arrays": arrays}
    return PaintedMarks(marks=marks, told={**told, "about": {"habits": dataclasses.asdict(habits)}})
