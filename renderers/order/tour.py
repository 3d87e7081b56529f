"""The order in which a painter's hand goes over the strokes: place after place, nearest next, the canvas unchanged."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from underpaint.renderers.order.overlaps import Int32, Int64, Under
from underpaint.renderers.order.places import cut_into_places
from underpaint.renderers.order.schedule import schedule
from underpaint.renderers.strokes.columns import CX, CY
from underpaint.renderers.strokes.kernels import FAST
from underpaint.renderers.strokes.tiles import Float32


class Tour(NamedTuple):
    """The order of N strokes, int32 (N,), and the number of each stroke's place, int32 (N,), in the given order."""

    order: Int32
    place: Int32


def tour(
    strokes: Float32,
    under: Under,
    side: int,
    block: Int32,
    stage: Int32,
    whole: npt.NDArray[np.bool_],
    size: float,
    *,
    wander: float = 0.0,
    seed: int = 0,
) -> Tour:
    """Return an order that goes block by block, in a block place by place, in a place stage by stage.

    Each next stroke is the nearest in its place, and each next place mostly the nearest. What lies under a stroke comes
    before it, so that the canvas doesn't change.

    Args:
        strokes: float32 (N, 13 or more), in painting order.
        under: what each stroke must follow, see `strokes_under`.
        side: the longest side of the canvas, in the strokes' pixels.
        block: int32 (N,), in which order the blocks are painted.
        stage: int32 (N,), the lowest first within each place.
        whole: bool (N,), the strokes whose block isn't cut into places.
        size: the longest side of a place, in sides of the canvas.
        wander: how often the next place isn't the nearest but any, 0..1.
        seed: of these.
    """
    centres = strokes[:, [CX, CY]] / np.float32(side)
    place = np.full(len(strokes), -1, np.int32)
    place[~whole] = cut_into_places(centres[~whole], block[~whole], size)
    visit = _visits(centres, block, place, wander, np.random.default_rng(seed))
    return Tour(schedule(centres, _numbered(block, visit, stage), under), _numbered(block, visit))


def _numbered(*keys: Int32) -> Int32:
    """Return the number of each stroke's combination of keys, int32 (N,), the first key counting most."""
    numbers = np.unique(np.stack(keys, axis=1), axis=0, return_inverse=True)[1]
    return np.asarray(numbers.reshape(-1), np.int32)


def _visits(centres: Float32, block: Int32, place: Int32, wander: float, random: np.random.Generator) -> Int32:
    """Return when, within its block, each stroke's place is visited, int32 (N,)."""
    visit = np.zeros(len(block), np.int32)
    x, y = np.float32(0), np.float32(0)
    for number in np.unique(block):
        members = block == number
        left = {int(p): centres[members & (place == p)].mean(axis=0) for p in np.unique(place[members])}
        for turn in range(len(left)):
            if random.random() < wander:
                chosen = list(left)[random.integers(len(left))]
            else:
                chosen = min(left, key=lambda p: abs(left[p][0] - x) + abs(left[p][1] - y))
            visit[members & (place == chosen)] = turn
            x, y = left.pop(chosen)
    return visit


def with_all_above(under: Under, picked: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return the picked strokes and all that lie on them, bool (N,): they can wait for the end together."""
    waiting: npt.NDArray[np.bool_] = picked.copy()
    _rise(under.start, under.stroke, waiting)
    return waiting


@njit(**FAST)
def _rise(start: Int64, under: Int32, waiting: npt.NDArray[np.bool_]) -> None:
    for n in range(len(waiting)):
        for e in range(start[n], start[n + 1]):
            if waiting[under[e]]:
                waiting[n] = True
                break
