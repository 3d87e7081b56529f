"""Region merging: the two most alike neighbours become one, again and again."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from underpaint.renderers.segment.contrast import CHANNEL_STARTS
from underpaint.renderers.segment.graph import Int32, RegionGraph
from underpaint.renderers.strokes.kernels import FAST, INLINE, ZERO
from underpaint.renderers.strokes.tiles import Float32

# A boundary's mean strength (0..12) against the difference of what lies on both sides (0..4).
BOUNDARY_WEIGHT = np.float32(0.4)
# The power of the smaller region's share of the picture: a speck that differs joins earlier than a large region that
# differs less. 0 leaves specks to the end; 0.5, as in Ward's method, makes all regions equally large.
_SIZE_POWER = 0.12
_INFINITE = np.float32(np.inf)


@njit(**INLINE)
def _height(i: Any, j: Any, lengths: Any, strengths: Any, areas: Any, histograms: Any, starts: Any, total: Any) -> Any:
    """Return how unlike two neighbours are."""
    unlike = ZERO
    for channel in range(len(starts) - 1):
        product = ZERO
        for b in range(starts[channel], starts[channel + 1]):
            product += math.sqrt(histograms[i, b] * histograms[j, b])
        unlike += math.sqrt(max(ZERO, np.float32(1) - product / math.sqrt(areas[i] * areas[j])))
    unlike += BOUNDARY_WEIGHT * strengths[i, j] / lengths[i, j]
    share = areas[i] * areas[j] / ((areas[i] + areas[j]) * total)
    return unlike * share**_SIZE_POWER


@njit(**FAST)
def _merge(
    lengths: Float32,
    strengths: Float32,
    areas: Float32,
    histograms: Float32,
    starts: npt.NDArray[np.int64],
    merges: Int32,
    heights: Float32,
) -> None:
    """Do the work of `merge_all`; changes all arrays but `starts`."""
    count, total = len(areas), areas.sum()
    height = np.full((count, count), _INFINITE, np.float32)
    lowest, nearest = np.full(count, _INFINITE, np.float32), np.zeros(count, np.int32)
    for i in range(count):
        for j in range(count):
            if lengths[i, j] > 0:
                # Compared in one order, so that both get the same number.
                height[i, j] = _height(min(i, j), max(i, j), lengths, strengths, areas, histograms, starts, total)
        nearest[i] = height[i].argmin()
        lowest[i] = height[i, nearest[i]]
    for step in range(count - 1):
        one = lowest.argmin()
        kept, gone = min(one, nearest[one]), max(one, nearest[one])
        merges[step, 0], merges[step, 1] = kept, gone
        heights[step] = lowest[one]
        areas[kept] += areas[gone]
        histograms[kept] += histograms[gone]
        lowest[gone] = _INFINITE
        for k in range(count):
            if lengths[gone, k] > 0:
                if k != kept:
                    lengths[kept, k] += lengths[gone, k]
                    strengths[kept, k] += strengths[gone, k]
                    lengths[k, kept], strengths[k, kept] = lengths[kept, k], strengths[kept, k]
                lengths[gone, k] = lengths[k, gone] = ZERO
                height[gone, k] = height[k, gone] = _INFINITE
        for k in range(count):
            if lengths[kept, k] > 0:
                value = _height(min(kept, k), max(kept, k), lengths, strengths, areas, histograms, starts, total)
                height[kept, k] = height[k, kept] = value
                if nearest[k] == kept or nearest[k] == gone or value < lowest[k]:
                    nearest[k] = height[k].argmin()
                    lowest[k] = height[k, nearest[k]]
        nearest[kept] = height[kept].argmin()
        lowest[kept] = height[kept, nearest[kept]]


def merge_all(graph: RegionGraph) -> tuple[Int32, Float32]:
    """Merge a connected graph down to one region, always the two most alike neighbours.

    Two regions are as unlike as the sum over the channels of the Hellinger distances of their histograms, plus the mean
    strength of their boundary times BOUNDARY_WEIGHT; times a power of their size.

    Returns:
        int32 (R - 1, 2): at each step the region that stays, and the one of larger number that it swallows;
        float32 (R - 1,): how unlike they were, made to rise from step to step, so that a cut at any height is a
        partition.
    """
    merges = np.zeros((len(graph) - 1, 2), np.int32)
    heights = np.zeros(len(graph) - 1, np.float32)
    _merge(
        graph.lengths_RR.copy(),
        graph.strengths_RR.copy(),
        graph.areas_R.copy(),
        graph.histograms_RB.copy(),
        CHANNEL_STARTS,
        merges,
        heights,
    )
    return merges, np.maximum.accumulate(heights)


def parents_after(merges: Int32, made: int) -> Int32:
    """Return the region, 0.. without gaps, that each of R is in after the first `made` of `merges` (R - 1, 2)."""
    parents = np.arange(len(merges) + 1, dtype=np.int32)
    for kept, gone in merges[:made].tolist():
        parents[gone] = kept
    # Whatever is swallowed has a larger number than what swallows it.
    for region in range(len(parents)):
        parents[region] = parents[parents[region]]
    return np.unique(parents, return_inverse=True)[1].astype(np.int32)
