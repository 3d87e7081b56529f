"""What of a source isn't painted, or isn't read: gathered while it is listed, so that it can be told."""

from __future__ import annotations

import posixpath
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from underpaint.texts import printable

# Named of each kind; the rest is counted.
EXAMPLES = 5
# A list may have as many keys as rows; these are remembered.
MOST_COLUMNS = 100
_HEIF = (".heic", ".heif", ".hif")


@dataclass
class SourceNotes:
    """What is worth a line when a source has been listed to its end.

    Attributes:
        passed_over: files that aren't read, by their ending, which is empty where there is none.
        columns: names of a list's columns that aren't read, by list, in the order of their appearance.
    """

    passed_over: Counter[str] = field(default_factory=Counter)
    columns: defaultdict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    _remarks: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _counts: Counter[str] = field(default_factory=Counter)

    def pass_over(self, name: str) -> None:
        """Count a file that isn't read."""
        self.passed_over[posixpath.splitext(name)[1].lower()] += 1

    def unread(self, listing: str, columns: Iterable[str]) -> None:
        """Note columns of a list that nothing is read from."""
        for column in columns:
            if len(self.columns[listing]) < MOST_COLUMNS:
                self.columns[listing][printable(column) or "a column without a name"] = None

    def remark(self, what: str, example: str) -> None:
        """Note something of a row or a file; rows and files of which the same is noted become one line."""
        self._counts[what] += 1
        if len(self._remarks[what]) < EXAMPLES:
            self._remarks[what].append(example)

    def lines(self) -> Iterator[str]:
        """Yield what was noted, one line for each kind."""
        if self.passed_over:
            yield f"passed over, by their endings: {self.endings()}{self._hint()}"
        for listing, columns in self.columns.items():
            yield printable(f"{listing}: not read: {_few(list(columns), len(columns))}")
        for what, examples in self._remarks.items():
            yield printable(f"{what}: {self._counts[what]}, {_few(examples, self._counts[what])}")

    def endings(self) -> str:
        """Return the endings that were passed over with the number of files, the most frequent first."""
        found = sorted(self.passed_over.items(), key=lambda each: (-each[1], each[0]))
        return printable(", ".join(f"{number} {ending or 'without an ending'}" for ending, number in found))

    def _hint(self) -> str:
        return "; HEIC needs pip install 'underpaint[heic]'" * any(ending in self.passed_over for ending in _HEIF)


def _few(names: list[str], number: int) -> str:
    more = number - EXAMPLES
    return ", ".join(names[:EXAMPLES]) + (f" and {more} more" if more > 0 else "")
