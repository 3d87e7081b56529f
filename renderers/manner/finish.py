"""The finished order: accents wait for the end, all others are painted place by place; the canvas stays the same."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from underpaint.renderers.manner.habits import Habits
from underpaint.renderers.manner.marks import ACCENTS, BLOCK_IN, DRAWING, LATE, MODELLING, Int32, Marks
from underpaint.renderers.manner.painting import planes_of
from underpaint.renderers.order.overlaps import Under, strokes_under
from underpaint.renderers.order.scene import Scene
from underpaint.renderers.order.tour import tour, with_all_above
from underpaint.renderers.region.order import region_means

# Accents may take this share of the strokes more with them than the habit says: what lies on an accent waits as well.
_CARRIED = 0.12
# Modelling begins in each place with what was placed on canvases before this one.
_FINE = 2


def in_order(marks: Marks, scene: Scene, habits: Habits) -> Marks:
    """Return the marks in the painter's order, with accents in their phase. Every pixel is painted as before."""
    height, width = scene.labels.shape
    under = strokes_under(marks.strokes, height, width)
    accents = _accents(marks, under, scene, habits.accents)
    phase = np.where(accents, ACCENTS, marks.phase).astype(np.int32)
    order = tour(
        marks.strokes, under, max(height, width), _blocks(marks._replace(phase=phase), scene, habits.planes),
        (marks.level >= _FINE).astype(np.int32), phase < MODELLING, habits.place,
    )  # fmt: skip
    return marks._replace(phase=phase).take(order)


def _accents(marks: Marks, under: Under, scene: Scene, share: float) -> npt.NDArray[np.bool_]:
    """Return which strokes wait for the end, bool (N,): late ones where one looks first, and all that lie on them."""
    focal = region_means(scene.labels, scene.saliency)[scene.order]
    late = np.flatnonzero(marks.level == LATE)
    by_focus = late[np.argsort(-focal[marks.rank[late]], kind="stable")]
    wanted = round(share * marks.count)
    while wanted:
        picked = np.zeros(marks.count, np.bool_)
        picked[by_focus[:wanted]] = True
        waiting = with_all_above(under, picked)
        if waiting.sum() <= wanted + _CARRIED * len(waiting):
            return waiting
        wanted //= 2
    return np.zeros(marks.count, np.bool_)


def _blocks(marks: Marks, scene: Scene, planes: int) -> Int32:
    """Return in which order strokes are painted, int32 (N,): the drawing, plane by plane flats and regions, accents."""
    regions = len(scene.order)
    plane = planes_of(scene, planes)[np.maximum(marks.rank, 0)]
    models = marks.phase == MODELLING
    block = 1 + 2 * regions * plane + regions * models + marks.rank
    block = np.where(marks.phase == DRAWING, 0, block)
    return np.where(marks.phase == ACCENTS, 1 + 2 * regions * regions, block).astype(np.int32)
