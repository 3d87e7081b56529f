import numpy as np
import pytest

from underpaint.renderers.segment.contrast import contrast, soft_histograms
from underpaint.renderers.segment.graph import histogram_distances, region_graph


@pytest.fixture(scope="module")
def parts() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A picture in four columns, its contrast and its histograms."""
    labels = np.repeat(np.arange(4, dtype=np.int32), 5)[None].repeat(12, axis=0)
    picture = np.random.default_rng(0).integers(0, 256, (12, 20, 3)).astype(np.uint8)
    histograms = soft_histograms(picture)
    return labels, contrast(histograms), histograms


def test_only_neighbours_share_edges(parts: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    graph = region_graph(*parts)
    assert np.array_equal(graph.lengths_RR, 12 * (np.eye(4, k=1) + np.eye(4, k=-1)))
    assert np.array_equal(graph.areas_R, [60] * 4)
    np.testing.assert_allclose(graph.histograms_RB.sum(axis=1), 4 * 60, rtol=1e-4)
    edge = (parts[1][:, 4] + parts[1][:, 5]).sum() / 2
    np.testing.assert_allclose(graph.strengths_RR[0, 1], edge, rtol=1e-4)


def test_joined_graph_is_the_graph_of_the_joined_regions(parts: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    labels, strength, histograms = parts
    parents = np.array([0, 1, 1, 2], np.int32)
    joined, direct = region_graph(*parts).joined(parents), region_graph(parents[labels], strength, histograms)
    for name in ("lengths_RR", "strengths_RR", "areas_R", "histograms_RB"):
        np.testing.assert_allclose(getattr(joined, name), getattr(direct, name), rtol=1e-4, err_msg=name)


def test_histogram_distance_is_0_to_itself_and_at_most_4(parts: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    distances = histogram_distances(region_graph(*parts))
    np.testing.assert_allclose(np.diag(distances), 0, atol=5e-3)
    np.testing.assert_allclose(distances, distances.T, atol=1e-5)
    assert 0 < distances.max() <= 4
