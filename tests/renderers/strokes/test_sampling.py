import numpy as np
import numpy.typing as npt
import pytest
from numba import njit

from underpaint.renderers.strokes.sampling import draw, make_state, normal, uniform


@njit
def _many_uniform(state, count):  # type: ignore[no-untyped-def]
    return np.array([uniform(state) for _ in range(count)], dtype=np.float32)


@njit
def _many_normal(state, count):  # type: ignore[no-untyped-def]
    return np.array([normal(state) for _ in range(count)], dtype=np.float32)


@njit
def _many_draws(weights, total, state, count):  # type: ignore[no-untyped-def]
    return np.array([draw(weights, total, state) for _ in range(count)])


def uniforms(seed: int, count: int = 1000) -> npt.NDArray[np.float32]:
    return np.asarray(_many_uniform(make_state(seed), count))


def test_uniform_follows_xorshift64_star() -> None:
    """The published recurrence in Python's integers, so that no edit changes every painting unnoticed."""
    state = int(make_state(5)[0])
    expected = []
    for _ in range(100):
        state ^= state >> 12
        state ^= state << 25 & 2**64 - 1
        state ^= state >> 27
        expected.append((state * 0x2545F4914F6CDD1D % 2**64 >> 40) / 2**24)
    np.testing.assert_array_equal(uniforms(5, 100), np.array(expected, np.float32))


def test_uniform_fills_the_unit_interval_evenly() -> None:
    sample = uniforms(1, 100_000)
    assert sample.min() >= 0
    assert sample.max() < 1
    counts = np.histogram(sample, bins=20, range=(0, 1))[0]
    # Five standard deviations of a fair bin.
    assert np.abs(counts - 5000).max() < 5 * np.sqrt(5000)
    assert abs(np.corrcoef(sample[:-1], sample[1:])[0, 1]) < 0.02


@pytest.mark.parametrize("seed", [0, 1, 2**31, 2**63 - 1])
def test_same_seed_same_numbers_and_neighbours_differ(seed: int) -> None:
    np.testing.assert_array_equal(uniforms(seed), uniforms(seed))
    assert abs(np.corrcoef(uniforms(seed), uniforms(seed + 1))[0, 1]) < 0.2


def test_no_two_of_many_seeds_share_a_state() -> None:
    states = {int(make_state(seed)[0]) for seed in range(20_000)}
    assert len(states) == 20_000
    assert 0 not in states


def test_normal_has_mean_0_variance_1_and_bounds() -> None:
    sample = np.asarray(_many_normal(make_state(3), 100_000), np.float64)
    assert abs(sample.mean()) < 0.02
    assert abs(sample.std() - 1) < 0.02
    assert np.abs(sample).max() <= 2 * np.sqrt(3)


def test_draw_goes_by_weight_and_never_to_weight_0() -> None:
    weights = np.array([0, 1, 0, 3, 6, 0], np.float32)
    counts = np.bincount(_many_draws(weights, np.float32(10), make_state(7), 20_000), minlength=6)
    assert counts[[0, 2, 5]].tolist() == [0, 0, 0]
    np.testing.assert_allclose(counts / 20_000, weights / 10, atol=0.02)


def test_draw_from_nothing_but_zeros_still_gives_an_index() -> None:
    draws = _many_draws(np.zeros(4, np.float32), np.float32(0), make_state(0), 10)
    assert set(draws.tolist()) <= {0, 1, 2, 3}
