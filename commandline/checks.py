"""Values of settings, refused with one line that names the setting, its value and what to use instead.

Each function takes settings by their names, and raises `ValueError` for the first whose value won't do; NaN and
infinity never do. None stands for a setting that wasn't given, and passes.
"""

from __future__ import annotations

import math
from typing import Any, get_args

from underpaint.texts import did_you_mean


def at_least(lowest: float, /, **values: float | None) -> None:
    """Refuse values below `lowest`: `at_least(1, steps=self.steps, batch=self.batch)`."""
    for name, value in values.items():
        _check(name, value, value is None or value >= lowest, f"{lowest} or more")


def above(bound: float, /, **values: float | None) -> None:
    """Refuse values that aren't above `bound`."""
    for name, value in values.items():
        _check(name, value, value is None or value > bound, f"more than {bound}")


def within(lowest: float, highest: float, /, **values: float | None) -> None:
    """Refuse values outside of [lowest, highest]."""
    for name, value in values.items():
        _check(name, value, value is None or lowest <= value <= highest, f"{lowest} to {highest}")


def within_below(lowest: float, bound: float, /, **values: float | None) -> None:
    """Refuse values outside of [lowest, bound)."""
    for name, value in values.items():
        _check(name, value, value is None or lowest <= value < bound, f"{lowest} to less than {bound}")


def one_of(choices: Any, /, **values: str | None) -> None:
    """Refuse values that aren't among the choices, a `Literal` type or texts."""
    texts = [str(choice) for choice in get_args(choices) or choices]
    listed = " or ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))
    for name, value in values.items():
        hint = did_you_mean(str(value), texts)
        _check(name, value, value is None or value in texts, f"{listed}{hint}")


def _check(name: str, value: object, right: bool, instead: str) -> None:
    endless = isinstance(value, float) and not math.isfinite(value)
    if endless or not right:
        raise ValueError(f"{name} is {value!r}: use {instead}")
