"""`--version`: everything that a report of a fault should name."""

from __future__ import annotations

import platform
from argparse import SUPPRESS, Action
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NoReturn

from underpaint import __version__


def version_line() -> str:
    """Return the versions of Underpaint, its painting and Python, and torch's where it is installed."""
    from underpaint.renderers import PAINTING_VERSION

    try:
        torch = f"torch {version('torch')}"  # from its metadata: importing it takes seconds
    except PackageNotFoundError:
        torch = "no torch"
    return f"underpaint {__version__} (painting {PAINTING_VERSION}, Python {platform.python_version()}, {torch})"


class ShowVersion(Action):
    """The option `--version`, which prints a line and ends the command."""

    def __init__(self, option_strings: list[str], dest: str = SUPPRESS, **others: Any) -> None:
        super().__init__(option_strings, dest=SUPPRESS, default=SUPPRESS, nargs=0, help="Show versions and exit.")

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> NoReturn:
        """Print the versions."""
        print(version_line())
        parser.exit()
        raise AssertionError("exit returned")
