"""`generate`: pictures are painted, and the processes become a corpus."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TextIO

from underpaint.datagen.config import GenerateConfig
from underpaint.datagen.jobs.job import check_settings, read_job
from underpaint.datagen.jobs.places import check_places
from underpaint.datagen.jobs.snapshot import open_source
from underpaint.datagen.jobs.writing import Result, write_corpus
from underpaint.datagen.painting.painter import PaintingMaker, try_out, with_options

REMARK = "compiling the kernels, once on this machine: 10 to 20 s a medium"

logger = logging.getLogger(__name__)


def generate(config: GenerateConfig, *, stream: TextIO | None = None) -> Result:
    """Paint the pictures of a source into a corpus, or the rest of them, see `write_corpus`.

    Raises:
        ValueError: a config that doesn't fit folder, source or renderer; another job at work there.
        FileNotFoundError: no such source.
    """
    maker = PaintingMaker(with_options(config))
    check_places(config)
    there = read_job(config.store)
    # A mistake is reported before a minute of compiling.
    check_settings(maker, there)
    opened = open_source(maker, there)
    say = logger.info if stream is None else partial(print, file=stream, flush=True)
    began = time.monotonic()
    with _remark_at_compiling(say):
        try_out(config)
    return write_corpus(maker, opened=opened, stream=stream, prepared=time.monotonic() - began)


@contextmanager
def _remark_at_compiling(say: Callable[[str], None]) -> Iterator[None]:
    """Say why a block takes so long as soon as numba compiles in it; kernels that are in its cache load at once."""
    from numba.core import event

    class Once(event.Listener):  # type: ignore[misc]
        said = False

        def on_start(self, _: event.Event) -> None:
            if not self.said:
                self.said = True
                say(REMARK)

        def on_end(self, _: event.Event) -> None:
            """Nothing is said of the end."""

    with event.install_listener("numba:compile", Once()):
        yield
