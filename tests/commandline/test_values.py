from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest

from underpaint.commandline.values import both, converted, either, refusal

COLOUR = Literal["red", "green", "blue"]


@pytest.mark.parametrize(
    ("hint", "value", "why"),
    [
        (int, "oops", "is 'oops': a whole number is needed"),
        (int, "010", "is '010': a whole number is needed"),
        (int, "1:30", "is '1:30': a whole number is needed"),
        (int, "1" * 5000, None),  # more digits than Python reads
        (int, True, "is True: a whole number is needed"),
        (int | None, "none", "is 'none': a whole number or null is needed"),
        (float, "nan", "is 'nan': a finite number is needed"),
        (float, float("inf"), "is inf: a finite number is needed"),
        (float, ".nan", "is '.nan': a finite number is needed"),
        (float, "1e400", "is '1e400': a finite number is needed"),
        (bool, "perhaps", "is 'perhaps': true or false is needed"),
        (str, 5, "is 5: a text is needed: put it into quotes"),
        (Path, "a\0b", "is 'a\\x00b': a path is needed"),
        (COLOUR, "gren", "is 'gren': use red, green or blue; did you mean green?"),
        (list[float], "1", "is '1': a list of numbers is needed"),
        (list[float], [1, float("nan")], "is [1, nan]: a list of numbers is needed"),
        (dict[str, float], [1], "is [1]: a mapping is needed"),
    ],
)
def test_what_is_needed_is_said_in_words(hint: Any, value: Any, why: str | None) -> None:
    said = refusal(hint, value)
    if why is None:
        assert said is not None
        assert len(said) < 150, "only the beginning of a long value is shown"
    else:
        assert said == why


@pytest.mark.parametrize(
    ("hint", "value", "found"),
    [
        (int, "64", 64),
        (int, "1_000", 1000),
        (float, 3, 3.0),
        (float, "-1e-5", -1e-5),
        (bool, "Yes", True),
        (bool, "off", False),
        (int | None, "null", None),
        (str | None, "null", "null"),
        (str | None, None, None),
        (Path | None, "a", Path("a")),
        (COLOUR, "red", "red"),
        (list[float], [1, "2"], [1.0, 2.0]),
        (str | dict[str, float], {"CPU": 1}, {"CPU": 1.0}),
    ],
)
def test_values_that_fit_are_taken(hint: Any, value: Any, found: Any) -> None:
    assert refusal(hint, value) is None
    assert converted(hint, value) == found
    assert type(converted(hint, value)) is type(found)


def test_lists_in_words() -> None:
    assert [either(["a"]), either(["a", "b"]), both(["a", "b", "c"])] == ["a", "a or b", "a, b and c"]
