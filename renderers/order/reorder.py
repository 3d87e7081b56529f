"""A finished program in the order in which people paint, without another fit: the canvas stays what it is."""

from __future__ import annotations

import dataclasses

import numpy as np

from underpaint.renderers.order.overlaps import strokes_under
from underpaint.renderers.order.places import in_turn, stroke_regions
from underpaint.renderers.order.scene import Scene
from underpaint.renderers.order.tour import tour
from underpaint.renderers.program import ProgramData
from underpaint.renderers.registry import get_medium

# What a hand reaches, in sides of the canvas: .12 and .35 look and measure much the same.
PLACE = 0.2


def can_be_reordered(program: ProgramData) -> bool:
    """Return whether a program is of a medium whose marks may change places, and isn't in a painter's order already."""
    return get_medium(program.medium).reorder is not None and "place" not in program.arrays


def reordered(program: ProgramData, scene: Scene, size: float = PLACE) -> ProgramData:
    """Return a program with the same strokes in another order, place by place, as far as what lies under what allows.

    Each stroke comes after those right under it, so the finished canvas is equal to the byte; of ink, which leaves
    paint a little beyond what its strokes cover but mixes in any order, it is equal to rounding. Media of `places` are
    painted region by region from the back to the front: in each, the strokes of the first phase, then the others place
    by place, in each place phase by phase. Media of `phases` keep these: in each, the regions are painted from the
    front to the back, place by place, as ink painters go. The next place, and in it the next stroke, is the nearest.

    Args:
        program: one that `can_be_reordered`.
        scene: regions of the picture that it paints.
        size: the longest side of a place, in sides of the canvas, above 0.
    """
    height, width = program.size
    assert program.phase is not None
    phase = program.phase.astype(np.int32)
    rank = scene.ranks[stroke_regions(program.strokes, scene.labels)]
    if get_medium(program.medium).reorder == "phases":
        rank = len(scene.order) - 1 - rank
        block = len(scene.order) * phase + rank
    else:
        block = 2 * rank + (phase > 0)
    found = tour(
        program.strokes, strokes_under(program.strokes, height, width), max(height, width),
        block.astype(np.int32), phase, np.zeros(len(program), np.bool_), size,
    )  # fmt: skip
    order = found.order
    told = {"region": rank[order].astype(np.int16), "place": in_turn(found.place[order]).astype(np.int16)}
    return dataclasses.replace(
        program, strokes=program.strokes[order], phase=program.phase[order], arrays=dict(program.arrays) | told
    )
