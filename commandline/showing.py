"""Tables on the terminal, or in a pipe or a file."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from underpaint.texts import printable_lines

if TYPE_CHECKING:
    from rich.table import Table

_UNBOUNDED = 100_000  # columns: whoever reads a pipe or a file folds lines, or doesn't


def say(text: object) -> None:
    """Print lines that tell of names and texts from anywhere; a terminal obeys nothing in them."""
    print(printable_lines(str(text)))


def show(tables: Iterable[Table]) -> None:
    """Print tables, as wide as the terminal at most; in a pipe or a file as wide as they are.

    `COLUMNS` in the environment is the width of a pipe, too. Cells that are texts show their brackets and colons as
    they are. The lines of a table are of ASCII where the encoding of stdout is no UTF.
    """
    from rich.console import Console

    terminal = sys.stdout.isatty()
    columns = os.environ.get("COLUMNS", "")
    width = shutil.get_terminal_size().columns if terminal or columns.isdecimal() else _UNBOUNDED
    page = _Page(getattr(sys.stdout, "encoding", None) or "utf-8")
    console = Console(
        file=page,
        width=width,
        force_terminal=terminal,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
    )
    for table in tables:
        console.print(table)
    print(page.getvalue(), end="")


class _Page(io.StringIO):
    """A text with the encoding of what it is for; rich chooses the lines of tables by it."""

    def __init__(self, encoding: str) -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Name of the encoding."""
        return self._encoding
