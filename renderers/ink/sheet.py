"""The order of a real sheet: near to far, each place with lines, texture and washes, colour last over all.

Ink is a product, and a product doesn't mind its order: the finished sheet is the same but for its rounding.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from underpaint.renderers.ink.dressing import COLOUR, CONTOURS, WASHES
from underpaint.renderers.ink.habits import InkHabits
from underpaint.renderers.order.overlaps import Under
from underpaint.renderers.order.places import regions_and_shares
from underpaint.renderers.order.scene import Scene
from underpaint.renderers.order.tour import tour
from underpaint.renderers.strokes.columns import LENGTH, R0, R1, scale_strokes
from underpaint.renderers.strokes.tiles import Float32

# A wash that leaves more than this of its ink beside its region isn't laid while what lies there is bare.
_BESIDE = 0.1
# Where marks lie is looked up on a canvas of about this longer side, px.
_SEEN_SIDE = 256


class SheetOrder(NamedTuple):
    """In which order N marks are laid, and where each belongs.

    `order` is int32 (N,); `region` int16 (N,) the number of each mark's region, 0 the nearest, -1 for what goes over
    the whole sheet; `place` int16 (N,) the number of its place. The last two are in the new order.
    """

    order: npt.NDArray[np.intp]
    region: npt.NDArray[np.int16]
    place: npt.NDArray[np.int16]


def sheet_order(marks: Float32, phase: npt.NDArray[np.uint8], scene: Scene, habits: InkHabits) -> SheetOrder:
    """Return the order in which a painter lays the marks of a finished sheet.

    Some lines first; then region by region, near to far, and in it place by place, the nearest next: lines, texture,
    washes, as they come in `marks`; then washes that reach over more than their region; last the colours.

    Args:
        marks: float32 (N, 17), in pixels of the scene, contours, texture, washes and colour each in their order.
        phase: uint8 (N,), see `dressing`.
        scene: the picture as it is seen.
        habits: the painter's.
    """
    # Seen small, it takes a moment; each mark's region comes out nearly always the same.
    shrink = max(1, round(max(scene.labels.shape) / _SEEN_SIDE))
    labels = np.ascontiguousarray(scene.labels[::shrink, ::shrink])
    region, inside = regions_and_shares(scale_strokes(marks, 1 / shrink), labels)
    rank = (len(scene.order) - 1 - scene.ranks[region]).astype(np.int32)
    lines, washes = np.flatnonzero(phase == CONTOURS), np.flatnonzero(phase == WASHES)
    first, late = np.zeros(len(marks), np.bool_), np.zeros(len(marks), np.bool_)
    first[lines[: round(habits.drawing * len(lines))]] = True
    broadest = washes[np.argsort(-_areas(marks[washes]), kind="stable")]
    late[broadest[: round(habits.glaze * len(washes))]] = True
    late &= inside < 1 - _BESIDE
    # A region has two blocks, of which the second are its washes where they wait for all its lines.
    block = 1 + 2 * rank + (phase == WASHES) * (habits.washing == "region")
    block[first], block[late], block[phase == COLOUR] = 0, 1 + 2 * len(scene.order), 2 + 2 * len(scene.order)
    nothing, whole = Under.none(len(marks)), np.zeros(len(marks), np.bool_)
    side, stage = max(scene.labels.shape), phase.astype(np.int32)
    place = tour(marks, nothing, side, block.astype(np.int32), stage, whole, habits.place).place
    order = np.lexsort((np.arange(len(marks)), phase, place))
    over_all = first | late | (phase == COLOUR)
    return SheetOrder(order, np.where(over_all, -1, rank)[order].astype(np.int16), place[order].astype(np.int16))


def _areas(marks: Float32) -> Float32:
    radius = marks[:, R0 : R1 + 1].mean(axis=1)
    areas: Float32 = (marks[:, LENGTH] + 2 * radius) * radius
    return areas
