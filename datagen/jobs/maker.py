"""What a job does with each of its sources; how a corpus is written doesn't depend on it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from underpaint.datagen.config import CorpusConfig
from underpaint.datagen.format.sample import Failure, Sample
from underpaint.datagen.pictures.picture import BadPicture
from underpaint.datagen.sources.source import Source
from underpaint.texts import printable


@dataclass
class Stopwatch:
    """Seconds spent in each named step."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Count the block's wall time towards `name`."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


class Maker(Protocol):
    """Turns sources into samples as its config says; small, so that it travels well to the workers."""

    @property
    def config(self) -> CorpusConfig:
        """The settings of the job."""
        ...

    def sources(self, first: int = 0) -> Iterator[Source]:
        """Stream the sources in a fixed order, from number `first` on.

        Raises:
            FileNotFoundError: nothing there.
            ValueError: there is nothing to use in it, or a manifest that can't be read.
        """
        ...

    def make(self, source: Source, watch: Stopwatch) -> Iterator[Sample | Failure]:
        """Make the samples of one source, and a `Failure` for each that can't be made."""
        ...

    def with_absolute_paths(self) -> Maker:
        """Return it with absolute paths, for a process with another working directory."""
        ...


@runtime_checkable
class SelfTesting(Protocol):
    """A maker that can tell a picture that nobody can paint from a machine that can paint nothing."""

    def broken(self, renderer: str) -> str | None:
        """Return what goes wrong with a picture that the renderer is known to paint; None if nothing does."""
        ...


def failure(source: Source, renderer: str | None, bad: BadPicture | MemoryError) -> Failure:
    """Put on record why a source, or one renderer on it, gives no sample."""
    verdict = BadPicture("no-memory", str(bad) or "MemoryError") if isinstance(bad, MemoryError) else bad
    detail = printable(verdict.detail)  # a decoder may quote whatever it found
    return Failure(
        source=source.stored_name, index=source.index, renderer=renderer, reason=verdict.reason, detail=detail
    )
