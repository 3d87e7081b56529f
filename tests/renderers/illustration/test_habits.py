import dataclasses

import pytest

from underpaint.renderers.illustration.habits import DrawingHabits, IllustrationOptions


def test_habits_vary_with_the_seed_and_stay_with_it() -> None:
    drawn = [DrawingHabits.of(IllustrationOptions(), seed) for seed in range(40)]
    assert drawn[3] == DrawingHabits.of(IllustrationOptions(), 3)
    for field in dataclasses.fields(DrawingHabits):
        assert len({getattr(habits, field.name) for habits in drawn}) > 1, field.name


def test_a_habit_that_is_fixed_leaves_the_others_as_they_are() -> None:
    free = DrawingHabits.of(IllustrationOptions(), 5)
    fixed = DrawingHabits.of(IllustrationOptions(roughness=0.0, pencil="grey", tones=7), 5)
    assert fixed == dataclasses.replace(free, roughness=0.0, pencil="grey", tones=7)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"pencil": "green"}, "pencil='green' must be one of blue, red, grey"),
        ({"flats": "last"}, "flats='last' must be one of back-first, subject-first"),
        ({"tones": 1}, "tones=1 must be a whole number from 2 to 16"),
        ({"tones": 2.5}, "tones=2.5 must be a whole number from 2 to 16"),
        ({"softness": 1.5}, "softness=1.5 must be from 0 to 1, or left out"),
        ({"line_weight": float("nan")}, "line_weight=nan must be from 0.3 to 3"),
    ],
)
def test_a_habit_that_nobody_has_is_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        IllustrationOptions(**given)  # type: ignore[arg-type]
