"""`import`: recordings become a corpus."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TextIO

from underpaint.datagen.format.sample import Failure, Sample
from underpaint.datagen.import_config import ImportConfig
from underpaint.datagen.jobs.maker import Stopwatch
from underpaint.datagen.jobs.writing import Result, write_corpus
from underpaint.datagen.recordings.reading import is_video_name, read_recordings
from underpaint.datagen.recordings.recorded import make_recorded
from underpaint.datagen.sources.source import Source, SourceStream
from underpaint.extras import needing


def import_recordings(config: ImportConfig, *, stream: TextIO | None = None) -> Result:
    """Make a corpus of recordings, or the rest of one, see `write_corpus`.

    Raises:
        ValueError: a config that doesn't fit folder or source; another job at work there.
        FileNotFoundError: no such source.
    """
    return write_corpus(Importer(config), stream=stream)


@dataclass(frozen=True)
class Importer:
    """Picks frames from recordings, as its config says."""

    config: ImportConfig

    def sources(self, first: int = 0) -> SourceStream:
        """Stream the recordings, see `read_recordings`.

        Raises:
            MissingExtra: there are videos among them, and what reads videos isn't installed.
        """
        recordings = read_recordings(self.config.source, first)
        return SourceStream(map(_checked, recordings), None, recordings.notes)

    def make(self, source: Source, watch: Stopwatch) -> Iterator[Sample | Failure]:
        """Make the one sample of a recording, see `make_recorded`."""
        yield make_recorded(source, self.config, watch)

    def with_absolute_paths(self) -> Importer:
        """Return it with absolute paths, for a process with another working directory."""
        return replace(self, config=self.config.with_absolute_paths())


def _checked(source: Source) -> Source:
    if is_video_name(source.name):
        with needing("a video", "video"):
            import av  # noqa: F401, so that it is told before the job begins
    return source
