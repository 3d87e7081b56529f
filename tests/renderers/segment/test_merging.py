import itertools

import numpy as np
import pytest

from tests.pictures import load_picture
from underpaint.renderers.segment.contrast import CHANNEL_STARTS, contrast, soft_histograms
from underpaint.renderers.segment.graph import RegionGraph, region_graph
from underpaint.renderers.segment.merging import BOUNDARY_WEIGHT, merge_all, parents_after


@pytest.fixture(scope="module")
def graph() -> RegionGraph:
    """A photograph in 8 x 8 squares."""
    histograms = soft_histograms(load_picture("flower", (64, 64)))
    y, x = np.mgrid[0:64, 0:64] // 8
    return region_graph((y * 8 + x).astype(np.int32), contrast(histograms), histograms)


def unlike(graph: RegionGraph, i: int, j: int) -> float:
    one, other = (graph.histograms_RB[k] / graph.areas_R[k] for k in (i, j))
    total = 0.0
    for start, stop in itertools.pairwise(CHANNEL_STARTS.tolist()):
        total += float(np.sqrt(((np.sqrt(one[start:stop]) - np.sqrt(other[start:stop])) ** 2).sum() / 2))
    total += BOUNDARY_WEIGHT * graph.strengths_RR[i, j] / graph.lengths_RR[i, j]
    share = graph.areas_R[i] * graph.areas_R[j] / (graph.areas_R[i] + graph.areas_R[j]) / graph.areas_R.sum()
    return float(total * share**0.12)


def test_merges_are_those_of_a_plain_search(graph: RegionGraph) -> None:
    """Each step on the graph joined so far, with none of the project's kernels."""
    merges, heights = merge_all(graph)
    for made in (0, 1, 5, 20, 40, 60):
        joined = graph.joined(parents_after(merges, made))
        pairs = np.argwhere(np.triu(joined.lengths_RR) > 0)
        values = [unlike(joined, i, j) for i, j in pairs.tolist()]
        before, after = parents_after(merges, made), parents_after(merges, made + 1)
        chosen = pairs[int(np.argmin(values))]
        swallowed = [k for k in range(len(joined)) if len(set(after[np.isin(before, [k, *chosen])])) == 1]
        assert set(chosen) <= set(swallowed)
        assert heights[made] >= min(values) - 1e-4


def test_heights_rise_and_the_last_merge_leaves_one_region(graph: RegionGraph) -> None:
    merges, heights = merge_all(graph)
    assert (np.diff(heights) >= 0).all()
    assert (merges[:, 0] < merges[:, 1]).all()
    for made in (0, 10, 63):
        parents = parents_after(merges, made)
        assert sorted(set(parents)) == list(range(64 - made))


def test_the_graph_is_left_as_it_was(graph: RegionGraph) -> None:
    lengths = graph.lengths_RR.copy()
    merge_all(graph)
    assert np.array_equal(graph.lengths_RR, lengths)
