"""A painter's way through strokes that are grouped: one group after the other, in a group to the nearest next."""

from __future__ import annotations

import numpy as np
from numba import njit

from underpaint.renderers.order.overlaps import Int32, Int64, Under
from underpaint.renderers.strokes.kernels import EXACT
from underpaint.renderers.strokes.tiles import Float32

# A stroke that must first uncover others costs a way of so many sides for each of them.
WAIT = 0.2


def schedule(centres: Float32, group: Int32, under: Under) -> Int32:
    """Return the order, int32 (N,), in which strokes are painted group by group: a permutation that `under` allows.

    In each group the next stroke is the nearest one. Whatever lies under a stroke is painted before it, also if that
    belongs to a later group. List scheduling (Graham 1969), with the way of the hand as priority.

    Args:
        centres: float32 (N, 2), in sides of the canvas.
        group: int32 (N,), 0..G-1, in which order groups are painted.
        under: what each stroke must follow, see `strokes_under`.
    """
    members = np.argsort(group, kind="stable").astype(np.int32)
    bounds = np.searchsorted(group[members], np.arange(int(group.max(initial=-1)) + 2))
    order = np.empty(len(group), np.int32)
    _schedule(centres, members, bounds, under.start, under.stroke, order)
    return order


@njit(**EXACT)
def _schedule(centres: Float32, members: Int32, bounds: Int64, start: Int64, under: Int32, order: Int32) -> None:
    count = len(order)
    done = np.zeros(count, np.bool_)
    # Strokes that wait for others, and the way from a stroke to those that wait for it.
    waiting = np.empty(count, np.int32)
    above_start = np.zeros(count + 1, np.int64)
    for n in range(count):
        waiting[n] = start[n + 1] - start[n]
    for below in under:
        above_start[below + 1] += 1
    for n in range(count):
        above_start[n + 1] += above_start[n]
    above, free = np.empty(len(under), np.int32), above_start.copy()
    for n in range(count):
        for e in range(start[n], start[n + 1]):
            above[free[under[e]]] = n
            free[under[e]] += 1
    # What lies under a stroke before this edge is painted: no edge is looked at twice.
    next_edge = start[:-1].copy()
    stack = np.empty(count, np.int32)
    left = np.empty(count, np.int32)
    painted = 0
    x, y = np.float32(0), np.float32(0)
    for g in range(len(bounds) - 1):
        size = 0
        for m in range(bounds[g], bounds[g + 1]):
            left[size] = members[m]
            size += 1
        while size:
            # Strokes that were pulled in leave the list here, which keeps its order otherwise.
            kept, best, lowest = 0, -1, np.float32(np.inf)
            for k in range(size):
                n = left[k]
                if done[n]:
                    continue
                left[kept] = n
                kept += 1
                cost = abs(centres[n, 0] - x) + abs(centres[n, 1] - y) + np.float32(WAIT) * waiting[n]
                if cost < lowest:
                    lowest, best = cost, n
            size = kept
            if not size:
                break
            # The stroke with all that lies under it, the deepest first.
            depth = 1
            stack[0] = best
            while depth:
                n = stack[depth - 1]
                while next_edge[n] < start[n + 1] and done[under[next_edge[n]]]:
                    next_edge[n] += 1
                if next_edge[n] < start[n + 1]:
                    stack[depth] = under[next_edge[n]]
                    depth += 1
                    continue
                depth -= 1
                done[n] = True
                order[painted] = n
                painted += 1
                x, y = centres[n, 0], centres[n, 1]
                for e in range(above_start[n], above_start[n + 1]):
                    waiting[above[e]] -= 1
