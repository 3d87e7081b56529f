from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underpaint.experiments.learn.budget import (
    CAPTIONS,
    EFFORTS,
    FIXED,
    LEVELS,
    MOST_ARTIST,
    RATES,
    SHARES,
    STEPS,
    Budget,
    divide,
    rates_of,
)
from underpaint.experiments.trials import captions
from underpaint.experiments.trials.words import PROMPTS
from underpaint.pipelines.settings import Sampling

MINUTES = st.floats(30, 600)  # what the slowest kind needs
KINDS = st.sampled_from(sorted(RATES))
COUNTED = ("pictures", "autoencoder", "base", "motion", "replication", "spatial", "artist")


def counts(budget: Budget) -> list[int]:
    return [*(getattr(budget, name) for name in COUNTED), *dataclasses.astuple(budget.effort)]


@given(MINUTES, KINDS)
def test_the_parts_fit_into_the_minutes(minutes: float, kind: str) -> None:
    budget = divide(minutes, RATES[kind])
    assert sum(budget.seconds.values()) <= 60 * minutes * (1 - SHARES["reserve"]) + 1e-6
    assert min(counts(budget)) >= 1
    # What trials and artist have no use for is the base's, and else nothing but its own and the autoencoder's share.
    given = budget.effort == EFFORTS[-1] or budget.artist == MOST_ARTIST
    for part, seconds in budget.seconds.items():
        of_all = SHARES[part] + (SHARES["autoencoder"] if part == "base" else 0)
        assert (part == "base" and given) or seconds <= 60 * minutes * of_all + 1e-6, part


@given(MINUTES, MINUTES, KINDS)
def test_more_minutes_are_no_less_of_anything(one: float, two: float, kind: str) -> None:
    less, more = (counts(divide(minutes, RATES[kind])) for minutes in sorted((one, two)))
    assert all(a <= b for a, b in zip(less, more, strict=True))


@given(MINUTES)
def test_a_gpu_does_no_less(minutes: float) -> None:
    cpu, cuda = (counts(divide(minutes, RATES[kind])) for kind in ("cpu", "cuda"))
    assert all(a <= b for a, b in zip(cpu, cuda, strict=True))


def test_what_is_trained_already_leaves_its_time_to_the_image_model() -> None:
    anew, further = (divide(30, RATES["cpu"], scratch=scratch) for scratch in (True, False))
    assert further.autoencoder == 0
    assert further.base > anew.base
    assert further.seconds["base"] <= 1800 * (SHARES["base"] + SHARES["autoencoder"])
    assert dataclasses.replace(further, autoencoder=anew.autoencoder, base=anew.base, seconds=anew.seconds) == anew


def test_what_others_have_no_use_for_is_the_image_models() -> None:
    for rates in RATES.values():
        budget = divide(600, rates)
        assert budget.effort == EFFORTS[-1]
        assert sum(budget.seconds.values()) > 0.99 * 36_000 * (1 - SHARES["reserve"])


def test_a_processor_without_16_bits_does_less_in_half_an_hour() -> None:
    assert rates_of("cpu", "bf16") == RATES["cpu"]
    assert rates_of("cuda", "no") == rates_of("cuda", "bf16") == RATES["cuda"]
    slow, fast = (counts(divide(30, rates_of("cpu", precision))) for precision in ("no", "bf16"))
    assert all(a < b for a, b in zip(slow[: len(COUNTED)], fast, strict=False))


def test_half_an_hour_fills_its_time_and_tries_32_pictures() -> None:
    budget = divide(30, RATES["cpu"])
    assert sum(budget.seconds.values()) > 0.95 * 1800 * (1 - SHARES["reserve"])
    assert budget.effort.pictures == 32
    assert budget == divide(30, RATES["cpu"])


def test_efforts_cost_more_and_more() -> None:
    for rates in RATES.values():
        costs = [effort.seconds(rates) for effort in EFFORTS]
        assert costs == sorted(costs)


def test_trials_are_counted_as_they_are() -> None:
    assert len(captions.LEVELS) == LEVELS
    assert 1 + captions._MEDIA + captions._OTHERS == CAPTIONS
    assert len(PROMPTS) == FIXED
    assert Sampling().settled("sample", conditioned=False).steps == STEPS


def test_shares_are_a_whole() -> None:
    assert sum(SHARES.values()) == pytest.approx(1)


def test_too_few_minutes_are_refused() -> None:
    with pytest.raises(ValueError, match="minutes is 1: on this machine too few"):
        divide(1, RATES["cpu"])
    assert min(counts(divide(10, RATES["cpu"]))) >= 1
