import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from underpaint.renderers.oil.bristles import bristle, grain_seed, hash_unit, value_noise

WHOLE = st.integers(-(2**31), 2**31)
SEED = st.integers(0, 2**24 - 1)
PLACE = st.floats(-1000, 1000, width=32)


def hash_in_whole_numbers(across: int, along: int, seed: int) -> float:
    """The finaliser of MurmurHash3 with Python's own integers, which never overflow."""
    h = (across * 0x9E3779B1 + along * 0x27D4EB2F + seed * 0x85EBCA6B) % 2**32
    h = (h ^ h >> 16) * 0x85EBCA6B % 2**32
    h = (h ^ h >> 13) * 0xC2B2AE35 % 2**32
    return ((h ^ h >> 16) >> 8) / 2**24


# --- the hash


@settings(max_examples=300, deadline=None)
@given(WHOLE, WHOLE, SEED)
def test_hash_is_a_unit_number_that_no_overflow_disturbs(across: int, along: int, seed: int) -> None:
    value = hash_unit(across, along, seed)
    assert 0 <= value < 1
    assert value == hash_in_whole_numbers(across, along, seed)


def test_hash_does_not_remember_what_was_asked_before() -> None:
    places = [(i, j, seed) for i in range(-3, 4) for j in range(-3, 4) for seed in (0, 1, 256)]
    forth = [hash_unit(*place) for place in places]
    assert [hash_unit(*place) for place in places[::-1]] == forth[::-1]


def test_hash_is_spread_evenly_and_neighbours_have_nothing_in_common() -> None:
    values = np.array(
        [[[hash_unit(i, j, seed) for i in range(16)] for j in range(16)] for seed in range(40)], np.float64
    )
    assert values.mean() == pytest.approx(0.5, abs=0.01)
    counts = np.histogram(values, 16, (0, 1))[0]
    # Chi square with 15 degrees of freedom: one in a thousand exceeds 37.7.
    assert ((counts - counts.mean()) ** 2 / counts.mean()).sum() < 37.7
    for axis in range(3):
        near, far = np.delete(values, -1, axis), np.delete(values, 0, axis)
        assert abs(np.corrcoef(near.ravel(), far.ravel())[0, 1]) < 0.04


# --- noise


@settings(max_examples=300, deadline=None)
@given(PLACE, PLACE, SEED, st.floats(0, 2, width=32), st.floats(0, 2, width=32))
def test_noise_stays_in_range_and_has_no_steps(
    across: float, along: float, seed: int, right: float, ahead: float
) -> None:
    """Perlin's cubic rises by at most 1.5 per unit, so noise does along each axis."""
    here = value_noise(np.float32(across), np.float32(along), seed)
    there = value_noise(np.float32(across + right), np.float32(along + ahead), seed)
    assert 0 <= here < 1
    assert abs(there - here) <= 1.5 * (right + ahead) + 1e-3


def test_noise_is_the_hash_on_the_lattice_and_between_its_neighbours_elsewhere() -> None:
    random = np.random.default_rng(0)
    for i, j, seed in random.integers(-9, 9, (50, 3)):
        seed = abs(int(seed))
        corners = [hash_unit(i + di, j + dj, seed) for dj in (0, 1) for di in (0, 1)]
        assert value_noise(np.float32(i), np.float32(j), seed) == corners[0]
        u, v = random.uniform(size=2)
        assert min(corners) <= value_noise(np.float32(i + u), np.float32(j + v), seed) <= max(corners)
        middle = value_noise(np.float32(i + 0.5), np.float32(j + 0.5), seed)
        assert middle == pytest.approx(np.mean(corners), abs=1e-6)


# --- bristles


def trace(seed: int, radius: float = 40.0, across_steps: int = 60, length: float = 12.0) -> np.ndarray:  # type: ignore[type-arg]
    """What a brush of this radius (pixels) leaves over `length` radii, (along, across)."""
    return np.array(
        [
            [bristle(np.float32(x), np.float32(y), np.float32(radius), seed) for x in np.linspace(-1, 1, across_steps)]
            for y in np.linspace(0, length, 25)
        ],
        np.float64,
    )


def test_every_grain_gives_a_seed_of_its_own() -> None:
    grains = (np.arange(65536) / 65536).astype(np.float32)
    seeds = [int(grain_seed(grain)) for grain in grains[::7]]
    assert len(set(seeds)) == len(seeds)
    # The hairs take the next seed, which must be no other stroke's.
    assert min(np.diff(sorted(seeds))) > 1
    assert min(seeds) >= 0
    assert max(seeds) < 2**24


def test_bristles_carry_half_of_the_paint_on_average() -> None:
    traces = np.stack([trace(256 * n, across_steps=20) for n in range(60)])
    assert traces.mean() == pytest.approx(0.5, abs=0.02)
    assert 0 <= traces.min() < 0.1
    assert 0.9 < traces.max() < 1


def test_bristles_run_along_the_stroke() -> None:
    """A mark changes far more over a radius across the brush than over one along it."""
    for seed in (0, 256, 77 * 256):
        lines = trace(seed)
        # 30 steps across are one radius, and so are about two along.
        across = np.abs(lines[:, 10:] - lines[:, :-10]).mean()
        along = np.abs(lines[1:] - lines[:-1]).mean()
        assert across > 2 * along


def test_hairs_too_fine_for_the_pixels_are_left_out() -> None:
    """A brush of 8 px radius has no pixels for 13 hairs, but the same strands as in a larger picture."""
    small, smaller, large = (trace(512, radius) for radius in (8.0, 3.0, 80.0))
    np.testing.assert_array_equal(small, smaller)
    assert np.abs(np.diff(large, 2, axis=1)).mean() > 1.5 * np.abs(np.diff(small, 2, axis=1)).mean()
    assert np.corrcoef(small.ravel(), large.ravel())[0, 1] > 0.5


def test_strokes_have_bristles_of_their_own() -> None:
    assert abs(np.corrcoef(trace(256).ravel(), trace(512).ravel())[0, 1]) < 0.6
    np.testing.assert_array_equal(trace(256), trace(256))
