"""Sources: pictures to paint or recordings to import, one by one, numbered, in batches, and summed up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice

from underpaint.datagen.pictures.places import Place
from underpaint.datagen.seeds import feed
from underpaint.datagen.sources.notes import SourceNotes
from underpaint.datagen.sources.rows import Credits, Row
from underpaint.datagen.storage.streams import stamps
from underpaint.texts import well_formed


@dataclass(frozen=True)
class Source:
    """One picture to paint, or one recording to import.

    `index` counts from 0 in the order of the source; `name` is the path relative to the source, with
    slashes, and is all that a corpus says about where a picture came from, besides its credits; `path` opens the file.
    """

    index: int
    name: str
    path: Place
    caption: str | None = None
    trigger: str | None = None  # only of recordings
    credits: Credits = ()  # licence, author and the like, see `rows.CREDITS`

    @property
    def stored_name(self) -> str:
        """The name as a corpus has it: bytes of it that aren't UTF-8 are U+FFFD, or no other reader could take it."""
        return well_formed(self.name)


@dataclass(frozen=True)
class SourceList:
    """Count and digest of everything a source gives, so that a changed source is noticed."""

    count: int
    digest: str


class SourceStream(Iterator[Source]):
    """The sources of a job in a fixed order, read as they are asked for.

    Args:
        sources: the stream.
        files: folder and names of the lists and tars that they come from; None if they come from a listing.
        notes: filled while the sources are read, and complete when there are no more.
    """

    def __init__(self, sources: Iterator[Source], files: tuple[str, list[str]] | None, notes: SourceNotes) -> None:
        self._sources, self._files, self.notes = sources, files, notes

    def __next__(self) -> Source:
        return next(self._sources)

    def stamp(self) -> str | None:
        """Return a hash of place, size and time of change of the files: while it stays, so do the sources.

        Take it before the first source: a file that is replaced later has another one. None if the sources don't come
        from files, or if their store doesn't say; then only reading them tells whether they have changed.
        """
        try:
            found = stamps(*self._files) if self._files else None
        except (OSError, ValueError):  # whoever reads the source will see it
            return None
        if found is None:
            return None
        digest = blake2b(digest_size=16)
        for each in found:
            feed(digest, each)
        return digest.hexdigest()


def numbered(
    rows: Iterator[Row], first: int, nothing: Callable[[], str], *, triggers: bool = False
) -> Iterator[Source]:
    """Stream the sources made of rows, from number `first` on; triggers are for recordings only.

    Raises:
        ValueError: there are none; the message is "no " and what `nothing` returns.
    """
    index = first - 1
    for index, row in enumerate(islice(rows, first, None), first):
        listed = row()
        yield Source(
            index, listed.name, listed.path, listed.caption, listed.trigger if triggers else None, listed.credits
        )
    if index < 0:
        raise ValueError(f"no {nothing()}")


def batches(sources: Iterator[Source], size: int) -> Iterator[tuple[Source, ...]]:
    """Cut a stream into consecutive tuples of `size`; the last may be shorter."""
    while batch := tuple(islice(sources, size)):
        yield batch


class Tally:
    """Sums up sources one by one."""

    def __init__(self) -> None:
        self._count, self._digest = 0, blake2b(digest_size=16)

    def add(self, source: Source) -> None:
        """Count a source in; what is said of it matters, the file itself isn't opened."""
        self._count += 1
        feed(self._digest, source.name)
        feed(self._digest, "" if source.caption is None else source.caption)
        if source.trigger is not None:
            feed(self._digest, source.trigger)
        for column, value in source.credits:
            feed(self._digest, f"{column}={value}")

    def sum(self) -> SourceList:
        """Return count and digest of everything that was added."""
        return SourceList(self._count, self._digest.hexdigest())
