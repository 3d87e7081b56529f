"""Standard streams that may be closed, full, or unable to write a letter."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO


@contextmanager
def usable_streams() -> Iterator[None]:
    """Let stdin, stdout and stderr be used by whatever runs, until the block ends.

    Those that were closed before the program began lead to the null device: otherwise the next file that is opened
    gets their number, and what is meant for stderr would go to stdout. Letters that the encoding of stdout lacks, as
    ASCII and cp1252 do, are written as escapes.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            number = os.open(os.devnull, os.O_RDWR)
            os.set_inheritable(number, number <= 2)  # processes that this one starts have the same trouble
            setattr(sys, name, open(number, mode, encoding="utf-8"))  # noqa: SIM115 - open as long as the process
    stream, before = sys.stdout, getattr(sys.stdout, "errors", None)
    _replace(stream, "backslashreplace")
    try:
        yield
    finally:
        if before:
            _replace(stream, before)


def _replace(stream: TextIO, errors: str) -> None:
    with suppress(AttributeError, ValueError):  # a stream of a caller's own, or closed meanwhile
        stream.reconfigure(errors=errors)  # type: ignore[attr-defined]


def complain(line: str) -> None:
    """Print a line on stderr, if that takes it."""
    with suppress(OSError):
        print(line, file=sys.stderr, flush=True)


def stdout_fault() -> OSError | None:
    """Return why stdout took no more of what was printed; None if it took all.

    After a fault whatever is printed is dropped, so that nothing fails again when Python ends.
    """
    try:
        sys.stdout.flush()
        return BrokenPipeError() if _has_no_reader() else None
    except OSError as error:
        with suppress(OSError, ValueError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, sys.stdout.fileno())
            os.close(null)
        return error


def _has_no_reader() -> bool:
    """Return whether stdout is a pipe that nobody reads any more."""
    with suppress(OSError, ValueError, AttributeError):  # Windows has no poll, a stream of a caller's own no number
        poll = select.poll()
        poll.register(sys.stdout.fileno(), 0)
        return any(event & select.POLLERR for _, event in poll.poll(0))
    return False
