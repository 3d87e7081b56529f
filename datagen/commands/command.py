"""One command: its name, what it takes, and what it does; and what several of them share."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from underpaint.commandline.parser import Parser

# Exit statuses; underpaint.commandline has those of a mistake and of Ctrl-C.
OK, FAULTY = 0, 1


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command of `underpaint-data`.

    Attributes:
        name: as it is typed.
        help: a line in the list of all commands.
        parser: makes the parser of its arguments.
        run: does it, as the parsed arguments say; its result is the exit status. It imports what it needs: Ray, PyAV
            and rich would slow down every other command.
    """

    name: str
    help: str
    parser: Callable[[], Parser]
    run: Callable[[Any], int]


def corpus_parser(description: str) -> Parser:
    """Return the parser of a command that takes a corpus."""
    parser = Parser(description=description)
    parser.add_argument("corpus", type=str, help="Folder or URL of the corpus.")
    return parser


def add_workers(parser: Parser) -> None:
    """Let a command take a number of processes."""
    parser.add_argument(
        "--workers",
        type=int | None,
        default=None,
        help="Number of processes; one a core when not given, 0 works in this process.",
    )


class ProgressLine:
    """A count of what has been done, with a line on the terminal that shows the last of it."""

    def __init__(self, what: str) -> None:
        self._what, self.count = what, 0

    def __call__(self, name: object) -> None:
        """Count one more thing, and show its name."""
        self.count += 1
        if sys.stderr.isatty():
            print(f"\r{self._what} {name} ", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """End the line on the terminal."""
        if sys.stderr.isatty() and self.count:
            print(file=sys.stderr)
