"""What the packages log, as plain lines on the terminal of whoever typed a command."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from underpaint.texts import printable_lines

PACKAGE = "underpaint"


class _Console(logging.Handler):
    """Prints messages: warnings and errors on stderr, others on stdout or there too, as these are at that moment."""

    def __init__(self, *, stdout: bool) -> None:
        super().__init__()
        self._stdout = stdout

    def emit(self, record: logging.LogRecord) -> None:
        """Print one record, at once, so that a pipe gets each line when it is logged.

        What a terminal would obey is shown as an escape: names and captions may come from anywhere. A stream that takes
        no more ends nothing, as a job may run on for days after its terminal has gone; see `answering.program`.
        """
        try:
            stream = sys.stdout if self._stdout and record.levelno < logging.WARNING else sys.stderr
            print(printable_lines(self.format(record)), file=stream, flush=True)
        except OSError:
            pass
        except Exception:  # as every handler of the standard library: logging must not end what it reports on
            self.handleError(record)


@contextmanager
def console_logging(level: int = logging.INFO, *, stdout: bool = True) -> Iterator[None]:
    """Print what loggers below `underpaint` say from `level` on, as plain lines, until the block ends.

    `answering.answer` puts it around the work of every command. It leaves the root logger alone, and a caller
    who has put handlers on the logger `underpaint` keeps these and the level of that logger instead. With
    `stdout` false, stdout is for results alone, such as names of files in a pipe. Code that is used as a
    library configures nothing: it calls `logging.getLogger(__name__)`.
    """
    logger = logging.getLogger(PACKAGE)
    if logger.handlers:
        yield
        return
    console, before = _Console(stdout=stdout), (logger.level, logger.propagate)
    logger.addHandler(console)
    logger.setLevel(level)
    # Libraries that call `logging.warning` give the root logger a handler, and every line would show twice.
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(console)
        logger.setLevel(before[0])
        logger.propagate = before[1]
