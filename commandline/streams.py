"""Standard streams that may be closed, full, or unable to write a letter."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any


@contextmanager
def usable_streams() -> Iterator[None]:
    """Let stdin, stdout and stderr be used by whatever runs, until the block ends.

    Those that were closed before the program began lead to the null device: otherwise the next file that is opened
    gets their number, and what is meant for stderr would go to stdout. Letters that the encoding of stdout lacks, as
    ASCII and cp1252 do, are written as escapes. What a pipe, or a file on a full disk, doesn't take is an error once,
    where it is written, and can be asked for by `stdout_fault`; what is written later is dropped.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            number = os.open(os.devnull, os.O_RDWR)
            os.set_inheritable(number, number <= 2)  # processes that this one starts have the same trouble
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8"))
    before = sys.stdout
    errors = getattr(before, "errors", None)
    with suppress(AttributeError, OSError, ValueError):  # a stream of a caller's own stays as it is
        if before.isatty():
            before.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
        else:
            before.flush()
            raw = io.BufferedWriter(_Watched(before.fileno(), "w", closefd=False))
            through: bool = before.write_through  # type: ignore[union-attr]
            sys.stdout = io.TextIOWrapper(raw, before.encoding, "backslashreplace", write_through=through)
    try:
        yield
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
        sys.stdout = before
        with suppress(AttributeError, OSError, ValueError):
            before.reconfigure(errors=errors)  # type: ignore[union-attr]


class _Watched(io.FileIO):
    """A file that remembers its first fault, and from then on takes everything and writes nothing.

    Whoever prints may ignore a fault, as argparse and logging do, and a buffer may forget what it couldn't write.
    """

    fault: OSError | None = None

    def write(self, data: Any) -> int:
        """Write bytes; return how many were taken."""
        if self.fault is not None:
            return len(data)
        try:
            return super().write(data)
        except OSError as error:
            self.fault = error
            raise


def stdout_fault() -> OSError | None:
    """Return why stdout didn't take all that was printed within `usable_streams`; None if it did."""
    with suppress(OSError):
        sys.stdout.flush()
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    return raw.fault if isinstance(raw, _Watched) else None


def complain(line: str) -> None:
    """Print a line on stderr, if that takes it."""
    with suppress(OSError):
        print(line, file=sys.stderr, flush=True)
