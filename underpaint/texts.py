"""Texts from outside: JSON that may be anything, names and captions that a terminal must not obey, misspelt words.

Beside the packages, and importing none of them: every floor may use it.
"""

from __future__ import annotations

import difflib
import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Any, NoReturn

_SURROGATE = re.compile("[\ud800-\udfff]")
# Besides controls (category Cc), what reorders the letters of a line: U+202A and the like.
_UNPRINTABLE = ("Cc", "Cf", "Cs", "Zl", "Zp")
_JOINERS = "\u200c\u200d"  # of scripts and emoji; they change no order


def parse_json(data: bytes | str) -> Any:
    """Return the value of a JSON text.

    Raises:
        ValueError: not JSON, not UTF-8, nested too deeply to be read, an object with a key twice, or NaN, Infinity or
            1e999, which Python's own `json` reads although JSON has no such numbers. Says which.
    """
    try:
        return json.loads(data, parse_constant=_refuse, parse_float=_finite, object_pairs_hook=_object)
    except RecursionError:
        raise ValueError("JSON nested too deeply") from None


def _finite(number: str) -> float:
    found = float(number)
    return found if math.isfinite(found) else _refuse(number)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no finite number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"the key {twice[:80]!r} is there twice")
    return found


def well_formed(text: str) -> str:
    """Return `text` with U+FFFD for each half of a surrogate pair that stands alone, which no encoding can store."""
    return _SURROGATE.sub("\ufffd", text)


def printable(text: str) -> str:
    r"""Return `text` in one line that a terminal shows and does not obey: `\x1b` for an escape, `\u202e`, `\n`."""
    return "".join(_shown(character) for character in text)


def printable_lines(text: str) -> str:
    """Return `text` as `printable` does, but for its line breaks, which stay."""
    return "\n".join(map(printable, text.split("\n")))


def _shown(character: str) -> str:
    if unicodedata.category(character) not in _UNPRINTABLE or character in _JOINERS:
        return character
    return character.encode("unicode_escape").decode("ascii")


def closest(word: str, choices: Iterable[str]) -> str | None:
    """Return the choice that looks most like `word`, in any case; None if none does."""
    folded = {choice.casefold(): choice for choice in choices}
    close = difflib.get_close_matches(word.casefold(), folded, n=1)
    return folded[close[0]] if close else None


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """Return `; did you mean NAME?` for the choice that looks most like `word`, or nothing if none does."""
    close = closest(word, choices)
    return f"; did you mean {close}?" if close else ""
