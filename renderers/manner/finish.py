"""The finished order: accents wait for the end, all others are painted place by place; the canvas stays the same."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from underpaint.renderers.manner.habits import PainterHabits
from underpaint.renderers.manner.marks import ACCENTS, DRAWING, LATE, MODELLING, Brushwork, Int32
from underpaint.renderers.manner.painting import planes_of
from underpaint.renderers.order.overlaps import Under, strokes_under
from underpaint.renderers.order.places import in_turn
from underpaint.renderers.order.scene import Scene
from underpaint.renderers.order.tour import tour, with_all_above
from underpaint.renderers.region.order import region_means
from underpaint.renderers.seeds import manner_seed
from underpaint.renderers.strokes.columns import R0, R1
from underpaint.renderers.strokes.tiles import Float32

# Accents may take this share of the strokes more with them than the habit says: what lies on an accent waits as well.
_CARRIED = 0.12
# In each place large strokes come before small ones: they part at these radii, in sides of the picture.
_RADII = (0.006, 0.01, 0.016, 0.025, 0.04)


def in_order(marks: Brushwork, scene: Scene, habits: PainterHabits, seed: int) -> tuple[Brushwork, Int32]:
    """Return the marks in the painter's order, with accents in their phase, and the number of each one's place.

    Every pixel is painted as before. Places are int32 (N,), numbered in the order in which they are visited first; what
    lies under a stroke of another place is painted with it.
    """
    height, width = scene.labels.shape
    under = strokes_under(marks.strokes, height, width)
    accents = _accents(marks, under, scene, habits.accents)
    marks = dataclasses.replace(marks, phase=np.where(accents, ACCENTS, marks.phase).astype(np.int32))
    order, place = tour(
        marks.strokes, under, max(height, width), _blocks(marks, scene, habits.planes),
        _sizes(marks.strokes, max(height, width)), marks.phase < MODELLING, habits.place,
        wander=habits.wander, seed=manner_seed(seed, "places"),
    )  # fmt: skip
    return marks.take(order), in_turn(place[order])


def _sizes(strokes: Float32, side: int) -> Int32:
    """Return the class of each stroke's size, int32 (N,), 0 the largest."""
    radii = strokes[:, [R0, R1]].max(axis=1, initial=0) / np.float32(side)
    return np.asarray(len(_RADII) - np.digitize(radii, _RADII), np.int32)


def _accents(marks: Brushwork, under: Under, scene: Scene, share: float) -> npt.NDArray[np.bool_]:
    """Return which strokes wait for the end, bool (N,): late ones where one looks first, and all that lie on them.

    What a flat lies on doesn't wait: flats are no accents.
    """
    focal = region_means(scene.labels, scene.saliency)[scene.order]
    late = np.flatnonzero(marks.level == LATE)
    by_focus = late[np.argsort(-focal[marks.rank[late]], kind="stable")]
    wanted = round(share * len(marks))
    while wanted:
        picked = np.zeros(len(marks), np.bool_)
        picked[by_focus[:wanted]] = True
        waiting = with_all_above(under, picked)
        few = waiting.sum() <= wanted + _CARRIED * len(waiting)
        if few and (marks.phase[waiting] == MODELLING).all():
            return waiting
        wanted //= 2
    return np.zeros(len(marks), np.bool_)


def _blocks(marks: Brushwork, scene: Scene, planes: int) -> Int32:
    """Return in which order strokes are painted, int32 (N,): the drawing, plane by plane flats and regions, accents."""
    regions = len(scene.order)
    plane = planes_of(scene, planes)[np.maximum(marks.rank, 0)]
    models = marks.phase == MODELLING
    block = 1 + 2 * regions * plane + regions * models + marks.rank
    block = np.where(marks.phase == DRAWING, 0, block)
    return np.where(marks.phase == ACCENTS, 1 + 2 * regions * regions, block).astype(np.int32)
