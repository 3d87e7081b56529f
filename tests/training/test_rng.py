from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from underpaint.training.rng import BatchRng, shifted, training_rng, validation_rng


@given(st.lists(st.integers(0, 2**40), min_size=1, max_size=6), st.integers(0, 99))
def test_what_a_sample_gets_doesn_t_depend_on_its_neighbours(places: list[int], seed: int) -> None:
    together = training_rng(seed, "motion", torch.tensor(places))
    noise = together.noise_like(torch.zeros(len(places), 2, 3))
    for row, place in enumerate(places):
        alone = training_rng(seed, "motion", torch.tensor([place]))
        assert alone.times == (together.times[row],)
        assert torch.equal(alone.noise_like(torch.zeros(1, 2, 3))[0], noise[row])


def test_seeds_phases_and_positions_all_matter() -> None:
    kinds = [(0, "motion", 0), (1, "motion", 0), (0, "artist", 0), (0, "motion", 1)]
    drawn = [training_rng(seed, phase, torch.tensor([place])) for seed, phase, place in kinds]
    assert len({rng.times for rng in drawn}) == len({rng.seeds for rng in drawn}) == len(kinds)


@given(st.floats(0, 1, exclude_max=True), st.floats(1, 20))
def test_a_shift_only_makes_levels_noisier(level: float, shift: float) -> None:
    assert level <= shifted(level, shift) + 1e-12
    assert shifted(level, shift) <= 1
    assert shifted(level, 1.0) == level


def test_shifted_levels_are_drawn_more_often() -> None:
    places = torch.arange(2000)
    plain, noisy = (training_rng(0, "motion", places, shift=shift) for shift in (1.0, 3.0))
    # The middle of the draws is moved to 3/4.
    assert abs(sum(level > 0.75 for level in noisy.times) / 2000 - 0.5) < 0.04
    assert abs(sum(level > 0.75 for level in plain.times) / 2000 - 0.25) < 0.04
    assert noisy.seeds == plain.seeds


def test_levels_stay_inside_the_schedule() -> None:
    rng = BatchRng(times=(0.0, 0.5, 1 - 2**-53), seeds=(0, 0, 0))
    assert rng.timesteps(1000).tolist() == [0, 500, 999]


@given(st.integers(1, 70), st.integers(1, 16))
def test_validation_covers_the_levels_evenly(samples: int, turns: int) -> None:
    levels = [
        level
        for turn in range(turns)
        for level in validation_rng(range(samples), turn, turns=turns, samples=samples).times
    ]
    pairs = samples * turns
    assert sorted(int(level * pairs) for level in levels) == list(range(pairs))
