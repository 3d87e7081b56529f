import numpy as np
import pytest
from scipy.sparse.csgraph import floyd_warshall

from underpaint.renderers.salient.background import connectivity, falloff, least_cost, path_lengths


def test_falloff_is_nearly_the_exponential() -> None:
    exponents = np.linspace(0, 40, 200)
    np.testing.assert_allclose(falloff(exponents), np.exp(-exponents), atol=0.02)
    assert falloff(np.array([0.0, 16.0, 1e9])).tolist() == [1, 0, 0]


def test_path_lengths_are_shortest_and_lead_around_the_border() -> None:
    random = np.random.default_rng(0)
    steps = random.random((12, 12)) * 20
    steps += steps.T
    touching = np.triu(random.random((12, 12)) < 0.3, 1)
    touching |= np.eye(12, k=1, dtype=bool)
    touching |= touching.T
    outer = np.arange(12) % 5 == 0
    steps[np.ix_(outer, outer)] = 3
    steps[touching] += 6
    usual = np.where(touching, steps, np.inf).min(axis=1).mean()
    linked = (touching | (outer[:, None] & outer)) & ~np.eye(12, dtype=bool)
    # A sparse graph takes 0 for no link.
    expected = floyd_warshall(np.where(linked, np.maximum(steps - usual, 1e-6), 0))
    np.testing.assert_allclose(path_lengths(touching, steps, outer), expected, atol=1e-4)


def test_what_lies_along_the_border_is_background() -> None:
    paths = np.full((2, 2), 1e3)
    np.fill_diagonal(paths, 0)
    ground, thing = connectivity(paths, np.array([200.0, 2.0]), np.array([2000.0, 500.0]))
    assert ground > 0.99
    assert thing < 0.01


@pytest.mark.parametrize("alike", [True, False])
def test_least_cost_gives_alike_neighbours_the_same(alike: bool) -> None:
    """Of three in a row the middle one is undecided: it goes with the neighbour of its colour."""
    touching = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], np.bool_)
    differences = np.full((3, 3), 60.0)
    one = 2 if alike else 0
    differences[1, one] = differences[one, 1] = 0
    found = least_cost(np.array([1.0, 0, 0]), np.array([0.0, 0, 1]), np.full(3, 1 / 3), touching, differences)
    assert found[0] < 0.3
    assert found[2] > 0.7
    assert (found[1] > 0.5) == alike
