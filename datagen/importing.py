"""`import`: recordings become a corpus."""

from __future__ import annotations

from typing import TextIO

from underpaint.datagen.import_config import ImportConfig
from underpaint.datagen.jobs.writing import Result, write_corpus
from underpaint.datagen.recordings.importer import Importer


def import_recordings(config: ImportConfig, *, stream: TextIO | None = None) -> Result:
    """Make a corpus of recordings, or the rest of one, see `write_corpus`.

    Raises:
        ValueError: a config that doesn't fit folder or source; another job at work there.
        FileNotFoundError: no such source.
    """
    return write_corpus(Importer(config), stream=stream)
