from __future__ import annotations

from typing import Any

from tests.experiments.conftest import like
from underpaint.experiments.trials.round_trip import round_trip, round_trip_trial


def test_every_number_of_rounds_and_another_schedule_are_tried(context: Any) -> None:
    small = like(context, rounds=[1, 3], plain=1)
    trips = round_trip(small)
    assert [(trip.start, trip.rounds, trip.schedule) for trip in trips] == [
        ("clean", 1, "its own"),
        ("clean", 3, "its own"),
        ("noised", 2, "its own"),
        ("clean", 2, "linear"),
        ("noised", 2, "linear"),
    ]
    assert all(trip.back is not None and trip.variance is not None for trip in trips)
    assert len(round_trip_trial(small).table) == 6
