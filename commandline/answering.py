"""How a command ends: with its exit status, and after a mistake with one line on stderr, never a traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable

from underpaint.commandline.logs import console_logging
from underpaint.commandline.parser import USAGE

INTERRUPTED = 130  # what a shell makes of Ctrl-C


def answer(command: str, work: Callable[[], int], *, stdout: bool = True) -> int:
    """Do a command's work, print what it logs, and return its exit status.

    Args:
        command: how it is called, such as `underpaint-data generate`; begins the line.
        work: returns the exit status. What a user can mend is a ValueError or an OSError, and `USAGE` is returned; an
            extra that isn't installed is a ValueError, too (see `underpaint.extras`).
        stdout: whether messages that are no warnings go to stdout, or that is for results alone.
    """
    try:
        with console_logging(stdout=stdout):
            return work()
    except (ValueError, OSError) as error:
        print(f"{command}: {message(error)}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED


def message(error: Exception) -> str:
    """Return what an error says, without the number that the operating system gives it."""
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return str(error).strip()
