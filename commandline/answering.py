"""How a command ends: with its exit status, and after a mistake with one line on stderr, never a traceback."""

from __future__ import annotations

import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from underpaint.commandline.logs import console_logging
from underpaint.commandline.mistakes import message
from underpaint.commandline.parser import USAGE
from underpaint.commandline.streams import complain, stdout_fault, usable_streams

INTERRUPTED = 130  # what a shell makes of Ctrl-C
UNREAD = 141  # what it makes of SIGPIPE: whoever read stdout, such as `head`, has seen enough

# What users can mend, and what bytes of theirs can cause that are no ValueError or OSError.
_MENDABLE = (
    ValueError, OSError, EOFError, MemoryError, RecursionError, struct.error, tarfile.TarError, zipfile.BadZipFile,
    zlib.error, lzma.LZMAError,
)  # fmt: skip
# Likewise, by their names: importing their packages takes seconds.
_MENDABLE_NAMES = frozenset(
    {"ArrowException", "DecompressionBombError", "FFmpegError", "OutOfMemoryError", "SafetensorError", "YAMLError"}
)

_P = ParamSpec("_P")


def program(name: str) -> Callable[[Callable[_P, int]], Callable[_P, int]]:
    """Decorate the `main` function of a program, which returns an exit status, so that it ends well.

    Its streams are usable (see `usable_streams`). A stdout that nobody reads any more ends it quietly with `UNREAD`;
    one that took not all, such as a file on a full disk, with a line and `USAGE`; Ctrl-C with `INTERRUPTED`.

    Args:
        name: of the program; begins the line.
    """

    def decorate(main: Callable[_P, int]) -> Callable[_P, int]:
        @wraps(main)
        def ending(*arguments: _P.args, **keywords: _P.kwargs) -> int:
            with usable_streams():
                try:
                    status = main(*arguments, **keywords)
                except KeyboardInterrupt:
                    return INTERRUPTED
                except (SystemExit, BrokenPipeError):  # of --help and the like
                    if fault := stdout_fault():
                        raise SystemExit(_unwritten(name, fault)) from None
                    raise
                fault = stdout_fault()
                return _unwritten(name, fault) if fault and status == 0 else status

        return ending

    return decorate


def answer(command: str, work: Callable[[], int], *, stdout: bool = True) -> int:
    """Do a command's work, print what it logs, and return its exit status.

    Args:
        command: how it is called, such as `underpaint-data generate`; begins the line.
        work: returns the exit status. What a user can mend is a ValueError or an OSError, and `USAGE` is returned; an
            extra that isn't installed is a ValueError, too (see `underpaint.extras`). So are too little memory, and
            what libraries raise for damaged bytes. Other errors are faults of ours, and come out with a traceback.
        stdout: whether messages that are no warnings go to stdout, or that is for results alone.
    """
    try:
        with console_logging(stdout=stdout):
            return work()
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        if not _is_mendable(error):
            raise
        if isinstance(error, OSError) and not error.filename and (fault := stdout_fault()):
            return _unwritten(command, fault)
        complain(f"{command}: {message(error)}")
        return USAGE


def _is_mendable(error: Exception) -> bool:
    names = {kind.__name__ for kind in type(error).__mro__}
    return isinstance(error, _MENDABLE) or not names.isdisjoint(_MENDABLE_NAMES)


def _unwritten(name: str, fault: OSError) -> int:
    """Say what is wrong with stdout, unless nobody reads it; return the exit status."""
    if isinstance(fault, BrokenPipeError):
        return UNREAD
    complain(f"{name}: stdout: {message(fault)}")
    return USAGE
