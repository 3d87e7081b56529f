"""Whether a value fits the type of an option, and if it doesn't, what is needed instead, in words."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from underpaint.texts import did_you_mean

_WORDS: Mapping[Any, str] = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "a text",
    Path: "a path",
    NoneType: "null",
    list: "a list",
    dict: "a mapping",
}
# No leading zeros: YAML 1.1 takes 010 for eight, people for ten. Nor 1:30, which is ninety in YAML.
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9_]{0,4000})")
_NUMBER = re.compile(r"[-+]?([0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)([eE][-+]?[0-9]+)?")
_TRUE = frozenset({"true", "yes", "on"})
_TRUTH = _TRUE | {"false", "no", "off"}
_NOTHING = frozenset({"null", "~"})
_SHOWN = 60  # characters of a value in a message


def refusal(hint: Any, value: Any) -> str | None:
    """Return why a value of the command line (a text), or of a YAML file, won't do for an option; None if it does.

    Args:
        hint: type of the option: int, float, bool, str, Path, None, a Literal, list[...], dict[...], or a union of
            such types. Of other types nothing is known, and everything passes.
        value: the value as it was given.
    """
    if _fits(hint, value):
        return None
    return f"is {shown(value)}: {_needed(hint, value)}"


def converted(hint: Any, value: Any) -> Any:
    """Return a value of a YAML file that fits a type, see `refusal`, as a value of that type.

    A text stays a text where texts are allowed, also one such as `null`, which only quotes make a text.
    """
    kinds = members(hint)
    fitting = [kind for kind in kinds if _fits_one(kind, value)]
    kind = next((kind for kind in fitting if isinstance(value, str) and kind is str), fitting[0])
    origin, inner = get_origin(kind) or kind, get_args(kind)
    if origin is list:
        return [converted(inner[0], each) for each in value]
    if origin is dict:
        return {name: converted(inner[1], each) for name, each in value.items()}
    if origin is bool and isinstance(value, str):
        return value.lower() in _TRUE
    if origin is NoneType:
        return None
    return origin(value) if origin in (int, float, Path) else value


def shown(value: Any) -> str:
    """Return a value as messages show it: in quotes if it is a text, and only its beginning if it is long."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def members(hint: Any) -> tuple[Any, ...]:
    """Return the types of a union, or the only type that there is."""
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _fits(hint: Any, value: Any) -> bool:
    return any(_fits_one(kind, value) for kind in members(hint))


def _fits_one(kind: Any, value: Any) -> bool:
    origin = get_origin(kind) or kind
    if origin is Literal:
        return value in get_args(kind) if isinstance(value, str) else False
    if origin is list:
        inner = get_args(kind)[0]
        return isinstance(value, Sequence) and not isinstance(value, str) and all(_fits(inner, each) for each in value)
    if origin is dict:
        inner = get_args(kind)[1]
        return isinstance(value, Mapping) and all(
            isinstance(name, str) and _fits(inner, each) for name, each in value.items()
        )
    check = _CHECKS.get(origin)
    return True if check is None else check(value)


def _whole(value: Any) -> bool:
    return _WHOLE.fullmatch(value) is not None if isinstance(value, str) else type(value) is int


def _number(value: Any) -> bool:
    if isinstance(value, str):
        return _NUMBER.fullmatch(value) is not None and math.isfinite(float(value.replace("_", "")))
    return (type(value) is int and abs(value) < 10**300) or (type(value) is float and math.isfinite(value))


def _truth(value: Any) -> bool:
    return value.lower() in _TRUTH if isinstance(value, str) else type(value) is bool


def _nothing(value: Any) -> bool:
    return value.lower() in _NOTHING if isinstance(value, str) else value is None


def _path(value: Any) -> bool:
    return isinstance(value, str) and "\0" not in value


_CHECKS = {
    int: _whole,
    float: _number,
    bool: _truth,
    NoneType: _nothing,
    str: lambda value: isinstance(value, str),
    Path: _path,
}


def _needed(hint: Any, value: Any) -> str:
    kinds = list(members(hint))
    choices = [str(choice) for kind in kinds if get_origin(kind) is Literal for choice in get_args(kind)]
    if choices:
        return f"use {either(choices)}{did_you_mean(value, choices) if isinstance(value, str) else ''}"
    words = either([kind_in_words(kind) for kind in kinds])
    if {str, Path} & set(kinds) and isinstance(value, int | float | NoneType):
        return f"{words} is needed: put it into quotes"
    return f"{'a finite number' if _is_endless(kinds, value) else words} is needed"


def _is_endless(kinds: Sequence[Any], value: Any) -> bool:
    try:
        return float in kinds and not math.isfinite(float(str(value).lstrip(".")))
    except ValueError:
        return False


def kind_in_words(kind: Any) -> str:
    """Return what values of a type are: `a whole number`, `a list of texts`."""
    origin, inner = get_origin(kind) or kind, get_args(kind)
    word = _WORDS.get(origin, "another value")
    if origin is list and inner:
        return f"{word} of {kind_in_words(inner[0]).partition(' ')[2]}s"
    return word


def either(words: Sequence[str]) -> str:
    """Return `a`, `a or b`, `a, b or c`."""
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def both(words: Sequence[str]) -> str:
    """Return `a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
