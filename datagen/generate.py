"""`generate`: pictures are painted, and the processes become a corpus."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from underpaint.datagen.config import GenerateConfig
from underpaint.datagen.jobs.writing import Result, write_corpus
from underpaint.datagen.painting.medium import try_out, with_options
from underpaint.datagen.painting.painter import Painter
from underpaint.datagen.sources.reading import read_sources

# Compiled kernels load in half a second.
REMARK_SECONDS = 3.0


def generate(config: GenerateConfig, *, stream: TextIO | None = None) -> Result:
    """Paint the pictures of a source into a corpus, or the rest of them, see `write_corpus`.

    Raises:
        ValueError: a config that doesn't fit folder, source or renderer; another job at work there.
        FileNotFoundError: no such source.
    """
    next(read_sources(config.source))  # a mistake there is told before seconds of compiling
    with _remark_if_slow("compiling the kernels, once on this machine: 10 to 20 s a medium", stream or sys.stdout):
        try_out(config)
    return write_corpus(Painter(with_options(config)), stream=stream)


@contextmanager
def _remark_if_slow(remark: str, stream: TextIO) -> Iterator[None]:
    """Say why it takes so long, if it does."""
    timer = threading.Timer(REMARK_SECONDS, lambda: print(remark, file=stream, flush=True))
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
