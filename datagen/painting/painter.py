"""Pictures become samples by being painted: what `generate` does with each of its sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from underpaint.datagen.config import GenerateConfig
from underpaint.datagen.format.sample import Failure, Sample
from underpaint.datagen.jobs.maker import Stopwatch
from underpaint.datagen.painting.painted import make_samples
from underpaint.datagen.sources.reading import read_sources
from underpaint.datagen.sources.source import Source


@dataclass(frozen=True)
class Painter:
    """Paints pictures; the options in its config are spelled out, see `medium.with_options`."""

    config: GenerateConfig

    def sources(self, first: int = 0) -> Iterator[Source]:
        """Stream the pictures, see `read_sources`."""
        return read_sources(self.config.source, first)

    def make(self, source: Source, watch: Stopwatch) -> Iterator[Sample | Failure]:
        """Paint one picture in its media, see `make_samples`."""
        return make_samples(source, self.config, watch)

    def with_absolute_paths(self) -> Painter:
        """The same for a process with a working directory of its own."""
        return replace(self, config=self.config.with_absolute_paths())
