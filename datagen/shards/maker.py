"""What a job does with each of its sources; how a corpus is written doesn't depend on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from underpaint.datagen.config import CorpusConfig
from underpaint.datagen.shards.sample import Failure, Sample, Stopwatch
from underpaint.datagen.sources.source import Source


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
        """Make the samples of one source; for each that can't be made, say why."""
        ...

    def with_absolute_paths(self) -> Maker:
        """The same for a process with a working directory of its own."""
        ...
