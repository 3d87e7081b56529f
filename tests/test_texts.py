"""Texts from outside are read, shown and corrected as they should be."""

import json

import pytest

from underpaint.texts import closest, did_you_mean, parse_json, printable, printable_lines, well_formed


def test_json_is_read() -> None:
    assert parse_json(b'{"a": [1, 2.5, null, "\\u00e4"]}') == {"a": [1, 2.5, None, "ä"]}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"[" * 100_000, "too deeply"),
        (b'{"a": NaN}', "NaN"),
        (b"[-Infinity]", "-Infinity"),
        (b"[1e999]", "1e999 is no finite number"),
        (b'{"a": "\xff"}', "utf-8"),
        (b"{'a': 1}", "property name"),
        (b'{"a": 1, "b": {"c": 1, "d": 2, "c": 3}}', "the key 'c' is there twice"),
        (b"", "Expecting value"),
    ],
)
def test_what_is_no_json_is_said(data: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_json(data)


def test_halves_of_pairs_are_replaced() -> None:
    assert well_formed("a\ud83d b\udcff") == "a\ufffd b\ufffd"
    assert well_formed("whole \U0001f600 ä") == "whole \U0001f600 ä"
    well_formed(json.loads('"\\ud83d"')).encode()


def test_a_terminal_obeys_nothing() -> None:
    assert printable("\x1b]0;t\x07\x1b[2J\r\n") == r"\x1b]0;t\x07\x1b[2J\r\n"
    assert printable("\x9b31m") == r"\x9b31m"
    assert printable("ab\u202edc") == r"ab\u202edc"
    assert printable("\ud83d") == r"\ud83d"
    assert printable("Öl, 油画, \U0001f469\u200d\U0001f3a8") == "Öl, 油画, \U0001f469\u200d\U0001f3a8"


def test_the_most_alike_is_offered() -> None:
    assert did_you_mean("reder", ["size", "renderer", "render"]) == "; did you mean render?"
    assert did_you_mean("OIL", ["oil", "ink"]) == "; did you mean oil?"
    assert did_you_mean("xyz", ["oil", "ink"]) == ""


def test_lines_stay_lines() -> None:
    assert printable_lines("a\x1b\n  b\r\n") == "a\\x1b\n  b\\r\n"


def test_nothing_alike_is_nothing() -> None:
    assert closest("Rendrer", ["renderer", "size"]) == "renderer"
    assert closest("x", []) is None
