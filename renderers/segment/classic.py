"""Segmentation without a trained network: superpixels, merged up a hierarchy that can be cut at any height."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt
from skimage.segmentation import watershed

from underpaint.renderers.segment.contrast import blur, contrast, soft_histograms
from underpaint.renderers.segment.graph import Int32, RegionGraph, region_graph
from underpaint.renderers.segment.merging import merge_all, parents_after
from underpaint.renderers.segment.spectral import spectral_distances
from underpaint.renderers.segment.working_size import shrink
from underpaint.renderers.strokes.tiles import Float32

# A longer side than this, in pixels, adds grain rather than objects: 400 px find the same at 1.5 times the cost.
WORKING_SIDE = 320
# Superpixels that the hierarchy starts from: fewer lose thin things; the cost of the global view is cubic.
_SUPERPIXELS = 500
# The weight of the global view in the strength of a boundary: on average 10 against 4.5, it adds a twelfth.
_SPECTRAL_WEIGHT = np.float32(0.036)
# The height at which people cut: the best fixed one on the Berkeley pictures, and flat around it.
_CUT = 2.5
# The number of regions grows with about the third to fourth power of the inverse height.
_DETAIL_POWER = 0.3
# A painting of fewer regions has too few steps to show; against humans it costs nothing.
_FEWEST = 6
# But regions more alike than this are not kept apart for that: a drawing of three flat colours has three regions.
_ALIKE = 2.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Hierarchy:
    """A picture's superpixels, and the order in which they merge.

    Attributes:
        labels: int32 (H, W), 0..R-1.
        graph: the graph of these superpixels, without the global view.
        merges: int32 (R - 1, 2), see `merge_all`.
        heights: float32 (R - 1,), rising.
    """

    labels: Int32
    graph: RegionGraph
    merges: Int32
    heights: Float32

    def cut(self, detail: float) -> Int32:
        """Return the region, 0.. without gaps, that each superpixel is in; int32 (R,).

        `detail` 1 cuts as people do; 2 gives about twice as many regions.
        """
        made = int((self.heights < _CUT / detail**_DETAIL_POWER).sum())
        alike = int((self.heights < _ALIKE).sum())
        return parents_after(self.merges, min(made, max(alike, len(self.graph) - _FEWEST)))

    def coarse(self, count: int) -> Int32:
        """Return the region that each superpixel is in when `count` regions are left, or all if fewer; int32 (R,)."""
        return parents_after(self.merges, max(0, len(self.graph) - count))


def picture_hierarchy(image: npt.NDArray[np.uint8]) -> Hierarchy:
    """Return the hierarchy of a picture of any size, uint8 (H, W, 3), as seen at WORKING_SIDE."""
    return build_hierarchy(shrink(image, WORKING_SIDE))


def build_hierarchy(image: npt.NDArray[np.uint8]) -> Hierarchy:
    """Return the hierarchy: watershed of the contrast map, merged to superpixels, then to the end.

    Merging superpixels takes account of the global view.

    Args:
        image: uint8 (H, W, 3), no larger than about WORKING_SIDE: the scales of edges are in pixels.
    """
    histograms = soft_histograms(image)
    strength = contrast(histograms)
    basins = watershed(blur(strength, 1))
    # A flat picture has no basins: all its labels are 0 instead of 1 and up.
    labels = np.asarray(basins - basins.min(), np.int32)
    graph = region_graph(labels, strength, histograms)
    if len(graph) > _SUPERPIXELS:
        parents = parents_after(merge_all(graph)[0], len(graph) - _SUPERPIXELS)
        labels, graph = parents[labels], graph.joined(parents)
    globally = graph
    if len(graph) > 2:
        added = _SPECTRAL_WEIGHT * spectral_distances(graph) * graph.lengths_RR
        globally = dataclasses.replace(graph, strengths_RR=graph.strengths_RR + added)
    merges, heights = merge_all(globally)
    return Hierarchy(labels=labels, graph=graph, merges=merges, heights=heights)
