"""The sources of a job, read once: what is counted at the start of a job is kept for its tasks, but not in memory."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from itertools import islice
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any

from underpaint.datagen.jobs.maker import Maker
from underpaint.datagen.jobs.plan import fingerprint_of
from underpaint.datagen.pictures.places import Cell, Extent, Nowhere, Place
from underpaint.datagen.sources.reading import source_stamp
from underpaint.datagen.sources.source import Source, SourceList, Tally

# Compressed, this holds the sources of a job of a hundred thousand pictures, which then needs no file.
IN_MEMORY = 4 << 20
# More would take longer than parsing the rows.
LEVEL = 1

_KINDS: dict[str, Any] = {"extent": Extent, "cell": Cell, "nowhere": Nowhere}


class Spool:
    """A snapshot of a source, in a compressed temporary file without a name, which is gone when the process is.

    It takes 20 to 60 bytes a row, and no row is ever asked of the source again: a job whose list changes while it
    runs ends as it was planned.

    Attributes:
        total: count and digest of all.
    """

    def __init__(self, sources: Iterable[Source]) -> None:
        tally = Tally()
        self._file = SpooledTemporaryFile(IN_MEMORY, prefix="underpaint-sources-")  # noqa: SIM115, lives with the spool
        with gzip.GzipFile(fileobj=self._file, mode="wb", compresslevel=LEVEL, mtime=0) as lines:
            for source in sources:
                tally.add(source)
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
class Roll:
    """What a job is made from: how many sources there are, which, and each of them without reading a list twice.

    Attributes:
        total: count and digest of all sources.
        stamp: see `source_stamp`; kept in `job.json`, so that a list that hasn't changed isn't read for its digest.
    """

    total: SourceList
    stamp: str | None
    maker: Maker
    spool: Spool | None

    def read(self, first: int = 0) -> Iterator[Source]:
        """Stream the sources from number `first` on; one reader at a time."""
        return self.maker.sources(first) if self.spool is None else self.spool.read(first)

    def check(self) -> None:
        """Call at the end of a job.

        Raises:
            ValueError: the source isn't what it was when the roll was called.
        """
        if self.spool is None and source_stamp(self.maker.config.source) != self.stamp:
            raise ValueError(
                f"{self.maker.config.source} changed while the job ran, so {self.maker.config.out} may mix "
                "two states of it: remove that folder and start again"
            )


def call_roll(maker: Maker, known: dict[str, Any] | None) -> Roll:
    """Count the sources of a job, or know them from its `job.json` if their list is unchanged; then nothing is read.

    Otherwise they are read, once, and kept in a `Spool`.

    Raises:
        FileNotFoundError, ValueError: as `Maker.sources`.
    """
    stamp = source_stamp(maker.config.source)
    if known and stamp is not None and known.get("stamp") == stamp and fingerprint_of(known) == known["fingerprint"]:
        return Roll(SourceList(**known["sources"]), stamp, maker, None)
    spool = Spool(maker.sources())
    unchanged = stamp is not None and source_stamp(maker.config.source) == stamp
    return Roll(spool.total, stamp if unchanged else None, maker, spool)
