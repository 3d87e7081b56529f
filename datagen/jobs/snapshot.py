"""The sources of a job, read once: what is counted at its start is kept for its tasks, but not in memory."""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from itertools import chain, islice
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any

from underpaint.datagen.jobs.maker import Maker
from underpaint.datagen.jobs.plan import fingerprint_of
from underpaint.datagen.pictures.drawn import Drawn
from underpaint.datagen.pictures.places import Cell, Extent, Nowhere, Place
from underpaint.datagen.sources.notes import SourceNotes
from underpaint.datagen.sources.rows import OTHERWISE
from underpaint.datagen.sources.source import Source, SourceList, SourceStream, Tally

# Compressed, this holds the sources of a job of a hundred thousand pictures, which then needs no file.
IN_MEMORY = 4 << 20
# More would take longer than parsing the rows.
LEVEL = 1

logger = logging.getLogger(__name__)

_KINDS: dict[str, Any] = {"extent": Extent, "cell": Cell, "nowhere": Nowhere, "drawn": Drawn}


class Snapshot:
    """All sources of a job, in a compressed temporary file without a name, which is gone when the process is.

    It takes 20 to 60 bytes a row, and no row is ever asked of the source again: a job whose list changes while it
    runs ends as it was planned.

    Attributes:
        total: count and digest of all.
        captions: how many of them have one.
    """

    def __init__(self, sources: Iterable[Source]) -> None:
        tally, self.captions = Tally(), 0
        self._file = SpooledTemporaryFile(IN_MEMORY, prefix="underpaint-sources-")  # noqa: SIM115, lives with the snapshot
        with gzip.GzipFile(fileobj=self._file, mode="wb", compresslevel=LEVEL, mtime=0) as lines:
            for source in sources:
                tally.add(source)
                self.captions += source.caption is not None
                row = (source.name, _packed(source.path), source.caption, source.trigger, source.credits)
                lines.write(json.dumps(row).encode() + b"\n")
        self.total = tally.sum()

    def read(self, first: int = 0) -> Iterator[Source]:
        """Stream the sources from number `first` on; one reader at a time."""
        self._file.seek(0)
        with gzip.GzipFile(fileobj=self._file, mode="rb") as lines:
            for index, line in enumerate(islice(lines, first, None), first):
                name, place, caption, trigger, credits = json.loads(line)
                yield Source(index, name, _unpacked(place), caption, trigger, tuple(map(tuple, credits)))


def _packed(place: Place) -> Any:
    if isinstance(place, Path):
        return str(place)
    return (type(place).__name__.lower(), *astuple(place))


def _unpacked(packed: Any) -> Place:
    if isinstance(packed, str):
        return Path(packed)
    kind, *values = packed
    if kind == "extent":
        values[-1] = tuple(map(tuple, values[-1]))
    place: Place = _KINDS[kind](*values)
    return place


@dataclass(frozen=True)
class OpenedSource:
    """A source at the start of a job, opened once; unless it is known, the first of it was read, to show mistakes.

    Attributes:
        stamp: see `SourceStream.stamp`.
        sources: all of them, from the first on, once.
        notes: of the stream; None if it takes none.
    """

    stamp: str | None
    sources: Iterator[Source]
    notes: SourceNotes | None = None


def open_source(maker: Maker, known: dict[str, Any] | None = None) -> OpenedSource:
    """Open the source of a job.

    Args:
        maker: of the job.
        known: content of its `job.json`, if there is one; if it says that the list is unchanged, nothing of it is read.

    Raises:
        FileNotFoundError, ValueError: as `Maker.sources`.
    """
    sources = maker.sources()
    stamp = _stamp(sources)
    notes = sources.notes if isinstance(sources, SourceStream) else None
    return OpenedSource(stamp, sources if _is_unchanged(known, stamp) else chain([next(sources)], sources), notes)


@dataclass(frozen=True)
class JobSources:
    """What a job is made from: how many sources there are, which, and each of them without reading a list twice.

    Attributes:
        total: count and digest of all sources.
        stamp: see `SourceStream.stamp`; kept in `job.json`, so that a list that hasn't changed isn't read for its
            digest.
        maker: of the job.
        snapshot: of all sources; None where the stamp tells that they are what they were.
        captions: how many of them have a caption; None if a job that didn't count them says so.
        passed_over: files that aren't read by their endings, as text; empty if there are none.
    """

    total: SourceList
    stamp: str | None
    maker: Maker
    snapshot: Snapshot | None
    captions: int | None = None
    passed_over: str = ""

    def read(self, first: int = 0) -> Iterator[Source]:
        """Stream the sources from number `first` on; one reader at a time."""
        return self.maker.sources(first) if self.snapshot is None else self.snapshot.read(first)

    def check(self) -> None:
        """Check, at the end of a job, that the source hasn't changed.

        Raises:
            ValueError: the source isn't what it was when the job was opened.
        """
        if self.snapshot is None and _current_stamp(self.maker) != self.stamp:
            raise ValueError(
                f"{self.maker.config.source} changed while the job ran, so {self.maker.config.out} may mix "
                "two states of it: remove that folder and start again"
            )


def job_sources(maker: Maker, known: dict[str, Any] | None, opened: OpenedSource) -> JobSources:
    """Return the sources of a job, read to the end and kept in a `Snapshot`.

    Args:
        maker: of the job.
        known: content of its `job.json`, if there is one; if it says that the list is unchanged, nothing of it is read.
        opened: its source, of which nothing was taken yet.

    Raises:
        FileNotFoundError, ValueError: as `Maker.sources`.
    """
    stamp = opened.stamp
    if known is not None and _is_unchanged(known, stamp):
        return JobSources(SourceList(**known["sources"]), stamp, maker, None, known.get("captions"))
    snapshot = Snapshot(opened.sources)
    unchanged = stamp is not None and _current_stamp(maker) == stamp
    notes = opened.notes or SourceNotes()
    _say(notes, snapshot.captions)
    return JobSources(snapshot.total, stamp if unchanged else None, maker, snapshot, snapshot.captions, notes.endings())


def _say(notes: SourceNotes, captions: int) -> None:
    """Log what of a source isn't painted or isn't read."""
    for line in notes.lines():
        logger.warning("%s", line)
    if notes.columns and not captions:
        logger.warning(
            "no picture has a caption: a column of that name, or %s, is read", " or ".join(OTHERWISE["caption"])
        )


def _is_unchanged(known: dict[str, Any] | None, stamp: str | None) -> bool:
    """Return whether the stamp is that of a plan, one that nobody has tampered with."""
    if not known or stamp is None or known.get("stamp") != stamp:
        return False
    return fingerprint_of(known) == str(known["fingerprint"])


def _current_stamp(maker: Maker) -> str | None:
    try:
        return _stamp(maker.sources())
    except (OSError, ValueError):  # it is gone
        return None


def _stamp(sources: Iterator[Source]) -> str | None:
    return sources.stamp() if isinstance(sources, SourceStream) else None
