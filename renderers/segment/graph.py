"""The region graph: which regions touch, how strong the boundary between them is, and what they look like."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import numpy.typing as npt
from numba import njit
from scipy.sparse import csr_matrix

from underpaint.renderers.segment.contrast import CHANNEL_STARTS
from underpaint.renderers.strokes.kernels import EXACT
from underpaint.renderers.strokes.tiles import Float32

Int32 = npt.NDArray[np.int32]


@dataclasses.dataclass(kw_only=True)
class RegionGraph:
    """R regions as dense arrays: there are only hundreds.

    Attributes:
        lengths_RR: pixel edges that two regions share; 0 where they do not touch.
        strengths_RR: boundary strength, summed over those pixel edges.
        areas_R: pixels.
        histograms_RB: soft histograms, summed over the pixels.
    """

    lengths_RR: Float32
    strengths_RR: Float32
    areas_R: Float32
    histograms_RB: Float32

    def __len__(self) -> int:
        return len(self.areas_R)

    def joined(self, parents: Int32) -> RegionGraph:
        """Return the graph whose region k is all regions that `parents` (R,) maps to k."""
        count = int(parents.max()) + 1
        one, other = np.nonzero(self.lengths_RR)
        pairs = parents[one].astype(np.int64) * count + parents[other]
        lengths, strengths = (
            np.bincount(pairs, field[one, other], count * count).reshape(count, count).astype(np.float32)
            for field in (self.lengths_RR, self.strengths_RR)
        )
        inside = np.diag_indices(count)
        lengths[inside] = strengths[inside] = 0
        member = csr_matrix((np.ones(len(self), np.float32), (parents, np.arange(len(self)))))
        return RegionGraph(
            lengths_RR=lengths,
            strengths_RR=strengths,
            areas_R=member @ self.areas_R,
            histograms_RB=member @ self.histograms_RB,
        )


@njit(**EXACT)
def _add_edges(labels: Int32, contrast: Float32, lengths: Float32, strengths: Float32) -> None:
    height, width = labels.shape
    for y in range(height):
        for x in range(width):
            for dy, dx in ((0, 1), (1, 0)):
                v, u = y + dy, x + dx
                if v < height and u < width and labels[y, x] != labels[v, u]:
                    one, other = labels[y, x], labels[v, u]
                    strength = (contrast[y, x] + contrast[v, u]) * np.float32(0.5)
                    lengths[one, other] += 1
                    lengths[other, one] += 1
                    strengths[one, other] += strength
                    strengths[other, one] += strength


@njit(**EXACT)
def _add_histograms(labels: Int32, histograms: Float32, sums: npt.NDArray[np.float64]) -> None:
    height, width = labels.shape
    for b in range(len(histograms)):
        for y in range(height):
            for x in range(width):
                sums[labels[y, x], b] += histograms[b, y, x]


def region_graph(labels: Int32, contrast: Float32, histograms: Float32) -> RegionGraph:
    """Return the graph of labels 0..R-1, int32 (H, W), with the contrast (H, W) and histograms (B, H, W)."""
    count = int(labels.max()) + 1
    lengths = np.zeros((count, count), np.float32)
    strengths = np.zeros((count, count), np.float32)
    _add_edges(labels, contrast, lengths, strengths)
    sums = np.zeros((count, len(histograms)))
    _add_histograms(labels, histograms, sums)
    return RegionGraph(
        lengths_RR=lengths,
        strengths_RR=strengths,
        areas_R=np.bincount(labels.ravel(), minlength=count).astype(np.float32),
        histograms_RB=sums.astype(np.float32),
    )


def histogram_distances(graph: RegionGraph) -> Float32:
    """Return the Hellinger distances of regions' histograms, summed over channels, float32 (R, R), 0..4."""
    rooted = np.sqrt(graph.histograms_RB / graph.areas_R[:, None])
    total = np.zeros_like(graph.lengths_RR)
    for start, stop in itertools.pairwise(CHANNEL_STARTS.tolist()):
        # Each channel's histogram sums to 1, so that half the squared difference is 1 minus the product.
        product = rooted[:, start:stop] @ rooted[:, start:stop].T
        total += np.sqrt(np.maximum(1 - product, 0))
    return total
