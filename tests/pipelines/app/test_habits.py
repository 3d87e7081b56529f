from __future__ import annotations

import pytest

from underpaint import renderers
from underpaint.pipelines.app.easel import film_config
from underpaint.pipelines.app.habits import HABITS


def test_every_medium_has_habits() -> None:
    assert HABITS.keys() == set(renderers.names())


@pytest.mark.parametrize("medium", HABITS)
def test_what_can_be_chosen_is_an_option_of_the_medium(medium: str) -> None:
    usual = renderers.options_class(medium)()
    for habit in HABITS[medium]:
        answers = [*habit.choices] if habit.choices else [*(habit.span or ())]
        assert answers
        for answer in answers:
            value = habit.value(answer)
            options = film_config("a.png", medium, {habit.name: value}).options[medium]
            assert getattr(options, habit.name) == value
        # What stands there first, or where the slider stands, is the medium's own default.
        assert habit.value(answers[0] if habit.choices else answers[-1]) == getattr(usual, habit.name), habit.name
