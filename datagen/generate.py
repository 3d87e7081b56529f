"""`generate`: pictures are painted, and the processes become a corpus."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TextIO

from underpaint.datagen.config import GenerateConfig
from underpaint.datagen.jobs.job import read_job
from underpaint.datagen.jobs.snapshot import open_source
from underpaint.datagen.jobs.writing import Result, write_corpus
from underpaint.datagen.painting.painter import PaintingMaker, try_out, with_options

# Compiled kernels load in half a second.
REMARK_SECONDS = 3.0

logger = logging.getLogger(__name__)


def generate(config: GenerateConfig, *, stream: TextIO | None = None) -> Result:
    """Paint the pictures of a source into a corpus, or the rest of them, see `write_corpus`.

    Raises:
        ValueError: a config that doesn't fit folder, source or renderer; another job at work there.
        FileNotFoundError: no such source.
    """
    maker = PaintingMaker(with_options(config))
    opened = open_source(maker, read_job(config.store))  # a mistake there is reported before seconds of compiling
    say = logger.info if stream is None else partial(print, file=stream, flush=True)
    with _remark_if_slow("compiling the kernels, once on this machine: 10 to 20 s a medium", say):
        try_out(config)
    return write_corpus(maker, opened=opened, stream=stream)


@contextmanager
def _remark_if_slow(remark: str, say: Callable[[str], None]) -> Iterator[None]:
    """Say why a block takes so long, if it does."""
    timer = threading.Timer(REMARK_SECONDS, say, (remark,))
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
