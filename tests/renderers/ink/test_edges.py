import numpy as np
import pytest

from underpaint.renderers.ink.edges import Chains, bow_of_run, find_edges, split_chains


def disc(radius: float = 20.0, size: int = 64) -> np.ndarray:
    y, x = np.mgrid[0:size, 0:size] + 0.5
    return np.where(np.hypot(x - size / 2, y - size / 2) < radius, 0.1, 0.9).astype(np.float32)


@pytest.fixture(scope="module")
def circle() -> Chains:
    return find_edges(disc(), 1.5, 0.006)


def test_a_disc_has_one_round_edge(circle: Chains) -> None:
    # What is left over at its corners is a few pixels long.
    assert np.sort(np.diff(circle.start))[:-1].max() < 8
    distance = np.hypot(*(circle.points - 32).T)
    np.testing.assert_allclose(distance, 20, atol=1.0)
    assert len(circle.points) > 90


def test_neighbouring_points_of_a_chain_are_neighbours(circle: Chains) -> None:
    for first, last in zip(circle.start[:-1], circle.start[1:], strict=True):
        steps = np.hypot(*np.diff(circle.points[first:last], axis=0).T)
        assert steps.max(initial=0) < 2


def test_light_points_away_from_the_dark_side(circle: Chains) -> None:
    outward = (circle.points - 32) / np.hypot(*(circle.points - 32).T)[:, None]
    assert (np.sum(outward * circle.light, axis=1) > 0.9).all()


def test_a_flat_picture_has_no_edges() -> None:
    chains = find_edges(np.full((40, 40), 0.5, np.float32), 1.5, 0.006)
    assert len(chains.points) == 0
    assert chains.start.tolist() == [0]
    assert split_chains(chains, 1.0, 0.2).shape == (0, 3)


def test_runs_cover_chains_follow_them_and_bend_little(circle: Chains) -> None:
    runs = split_chains(circle, 1.0, 0.2)
    for chain in range(len(circle.start) - 1):
        here = runs[runs[:, 0] == chain]
        if len(here) == 0:
            continue
        assert here[0, 1] == circle.start[chain]
        assert here[-1, 2] == circle.start[chain + 1] - 1
        np.testing.assert_array_equal(here[1:, 1], here[:-1, 2])
    for _, first, last in runs:
        run = circle.points[first : last + 1]
        length = np.hypot(*(run[-1] - run[0]))
        if last - first > 4:
            assert abs(bow_of_run(run)) <= 0.2 * length + 1e-4
    # A circle takes at least four strokes, and a tolerance of a pixel not many more.
    assert 4 <= len(runs) <= 16


def test_the_bow_of_an_arc_is_its_height() -> None:
    s = np.linspace(0, 1, 30)
    arc = np.stack([40 * s, 4 * 5 * s * (1 - s)], axis=1).astype(np.float32)
    assert bow_of_run(arc) == pytest.approx(5, abs=1e-3)
    assert bow_of_run(arc[::-1].copy()) == pytest.approx(-5, abs=1e-3)
