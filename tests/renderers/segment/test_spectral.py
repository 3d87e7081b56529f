import numpy as np

from underpaint.renderers.segment.contrast import contrast, soft_histograms
from underpaint.renderers.segment.graph import region_graph
from underpaint.renderers.segment.spectral import spectral_distances


def test_distance_is_largest_across_the_border_of_two_halves() -> None:
    """Two noisy halves of different grey, in 64 squares: neighbours across the middle are the farthest apart."""
    random = np.random.default_rng(0)
    picture = random.integers(90, 120, (64, 64, 1)).repeat(3, axis=2)
    picture[:, 32:] += 60
    histograms = soft_histograms(picture.astype(np.uint8))
    y, x = np.mgrid[0:64, 0:64] // 8
    graph = region_graph((y * 8 + x).astype(np.int32), contrast(histograms), histograms)
    distances = spectral_distances(graph)
    assert np.array_equal(distances > 0, graph.lengths_RR > 0)
    np.testing.assert_allclose(distances, distances.T)
    pairs = np.argwhere(np.triu(distances) > 0)
    across = np.array([{i % 8, j % 8} == {3, 4} for i, j in pairs.tolist()])
    values = distances[pairs[:, 0], pairs[:, 1]]
    assert values[across].min() > 3 * values[~across].mean()
