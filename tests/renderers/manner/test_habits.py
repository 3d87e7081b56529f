"""Habits are given or drawn from the seed, within what people do."""

import dataclasses

import pytest

from underpaint.renderers.manner.habits import MannerOptions, PainterHabits

NAMES = tuple(field.name for field in dataclasses.fields(PainterHabits))
GIVEN = {"planes": 5, "margin": 0.3, "place": 1.0, "wander": 1.0, "detail": 10.0, "accents": 0.2, "drawing": 0.5}
NONE_GIVEN = {"planes": 0, "margin": 0.0, "place": 0.05, "wander": 0.0, "detail": 0.1, "accents": 0.0, "drawing": 0.0}


def test_habits_vary_with_the_seed_within_their_ranges_and_stay_with_it() -> None:
    drawn = [PainterHabits.of(MannerOptions(), seed) for seed in range(80)]
    assert drawn[7] == PainterHabits.of(MannerOptions(), 7)
    for name, least, most in (
        ("margin", 0.03, 0.10), ("place", 0.12, 0.35), ("wander", 0.0, 1.0),
        ("accents", 0.0, 0.08), ("drawing", 0.08, 0.22),
    ):  # fmt: skip
        values = [getattr(habits, name) for habits in drawn]
        assert least <= min(values) < least + 0.1 * (most - least), name
        assert most - 0.1 * (most - least) < max(values) <= most, name
    assert {habits.detail for habits in drawn} == {0.5, 1.0, 1.5}
    assert {habits.planes for habits in drawn} == {0, 1, 2, 3, 4}
    assert sum(habits.planes == 1 for habits in drawn) < 0.25 * len(
        drawn
    )  # the whole picture before anything is modelled


@pytest.mark.parametrize("given", [GIVEN, NONE_GIVEN])
def test_what_is_given_is_taken_even_if_it_is_nothing(given: dict[str, float]) -> None:
    assert dataclasses.asdict(PainterHabits.of(MannerOptions(**given), 3)) == given  # type: ignore[arg-type]


@pytest.mark.parametrize("name", NAMES)
def test_a_habit_that_is_fixed_leaves_the_others_as_they_are(name: str) -> None:
    free = PainterHabits.of(MannerOptions(), 5)
    fixed = PainterHabits.of(MannerOptions(**{name: GIVEN[name]}), 5)  # type: ignore[arg-type]
    assert fixed == dataclasses.replace(free, **{name: GIVEN[name]})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"manner": "human"}, "manner='human' must be one of painter, error"),
        ({"planes": -1}, "planes=-1 must be a whole number from 0"),
        ({"planes": 1.5}, "planes=1.5 must be a whole number from 0"),
        ({"margin": 0.31}, "margin=0.31 must be from 0 to 0.3, or left out"),
        ({"place": 0.0}, "place=0.0 must be from 0.05 to 1"),
        ({"wander": 1.1}, "wander=1.1 must be from 0 to 1"),
        ({"detail": 11}, "detail=11 must be from 0.1 to 10"),
        ({"accents": float("nan")}, "accents=nan must be from 0 to 0.2"),
        ({"drawing": -0.1}, "drawing=-0.1 must be from 0 to 0.5"),
        ({"manner": "error", "place": 0.2}, "place=0.2 is a habit of the manner painter, not of error: leave one"),
        ({"manner": "error", "planes": 0}, "planes=0 is a habit of the manner painter"),
    ],
)
def test_a_habit_that_nobody_has_is_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        MannerOptions(**given)  # type: ignore[arg-type]
    assert "\n" not in str(refused.value)
