"""Where pictures come from: folders, globs, lists and tar shards, on this machine or any store, read as streams."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from itertools import chain, islice

from datagen.folders import files_of, is_pattern, pictures_below, without_guides
from datagen.listings import Credits, Listed, Row, is_list, list_rows, read_captions
from datagen.names import PICTURE_SUFFIXES
from datagen.places import Place, place_of, places_below
from datagen.seeds import feed
from datagen.streams import entries, is_file, is_folder, joined, split, stamps
from datagen.tars import is_tar, tar_rows

_COMPRESSED = (".tar.gz", ".tgz", ".tar.zst", ".tar.bz2", ".tar.xz", ".zip")


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
    credits: Credits = ()  # licence, author and the like, see `listings.CREDITS`


@dataclass(frozen=True)
class SourceList:
    """Count and digest of everything a source gives, so that a changed source is noticed."""

    count: int
    digest: str


def read_sources(location: str, first: int = 0) -> Iterator[Source]:
    """Stream the pictures of a source in a fixed order, from number `first` on; what is before is hardly looked at.

    A source is a folder, a glob, a .jsonl, .csv, .parquet or .tar, a pattern of several of these, or a single picture;
    at a path, or at any URL that fsspec knows. A folder without pictures may hold .tar or .parquet files instead.

    Raises:
        FileNotFoundError: nothing there.
        ValueError: no picture in it, a row of a list that can't be read (with its number), a missing column.
    """
    return numbered(_rows(location), first, f"picture in {location!r}: {_counting()}")


def numbered(rows: Iterator[Row], first: int, nothing: str, *, triggers: bool = False) -> Iterator[Source]:
    """Sources made of rows, from number `first` on; without their triggers, which only recordings have a use for.

    Raises:
        ValueError: there are none; the message is "no " and `nothing`.
    """
    index = first - 1
    for index, row in enumerate(islice(rows, first, None), first):
        listed = row()
        yield Source(
            index, listed.name, listed.path, listed.caption, listed.trigger if triggers else None, listed.credits
        )
    if index < 0:
        raise ValueError(f"no {nothing}")


def _counting() -> str:
    return f"files ending in {' '.join(sorted(PICTURE_SUFFIXES))} count, and .jsonl, .csv, .parquet and .tar files"


def _rows(location: str) -> Iterator[Row]:
    if is_folder(location):
        pictures = _folder_rows(location)
        first = next(pictures, None)  # listing a large folder again, only to know whether it has any, takes minutes
        return part_rows(location, _parts_in(location)) if first is None else chain([first], pictures)
    parts = parts_of(location)
    if parts is not None:
        return part_rows(*parts)
    if is_file(location):
        return iter([partial(Listed, split(location)[1], place_of(location))])
    root, names = files_of(location)
    place = places_below(root)
    return (partial(Listed, name, place(name)) for name in without_guides(root, names))


def _folder_rows(root: str) -> Iterator[Row]:
    described, place = read_captions(root), places_below(root)
    for name in pictures_below(root):
        found = described.get(name)
        yield partial(Listed, name, place(name)) if found is None else partial(Listed, *found)


def parts_of(location: str) -> tuple[str, list[str]] | None:
    """The lists and tars that a source consists of: their folder, and their names in it; None if it is pictures.

    Raises:
        FileNotFoundError: nothing there.
        ValueError: an archive that pictures can't be picked from.
    """
    if location.lower().endswith(_COMPRESSED):
        raise ValueError(
            f"{location}: no picture can be picked from a compressed archive: unpack it, or make it a .tar"
        )
    if is_folder(location):
        names = [] if any(True for _ in pictures_below(location)) else _parts_in(location)
        return (location, names) if names else None
    if is_file(location):
        store, name = split(location)
        return (store.location, [name]) if is_part(name) else None
    if not is_pattern(location):
        raise FileNotFoundError(
            f"source {location!r} does not exist: give a folder, a glob, a .jsonl, .csv, .parquet or .tar"
        )
    if not is_part(location):
        return None
    root, names = files_of(location)
    if not names:
        raise FileNotFoundError(f"source {location!r} fits no file")
    return root, names


def _parts_in(folder: str) -> list[str]:
    """The tars directly in a folder without pictures, or else its tables; img2dataset writes both for the same ones."""
    names = [name for name, is_below in entries(folder) if not is_below]
    of_kind = ([name for name in names if name.lower().endswith(kind)] for kind in (".tar", ".parquet"))
    return next(filter(None, of_kind), [])


def is_part(name: str) -> bool:
    """Whether a file is a list or a tar of pictures, by its ending."""
    return is_list(name) or is_tar(name)


def part_rows(root: str, names: Iterable[str]) -> Iterator[Row]:
    """Stream the rows of several lists or tars, one after the other."""
    for name in names:
        location = joined(root, name)
        yield from tar_rows(location, name) if is_tar(name) else list_rows(location, name)


def source_stamp(location: str) -> str | None:
    """A hash of the place, size and time of change of the lists and tars of a source: while it stays, so do the rows.

    None of a source that doesn't consist of such files, or whose store doesn't tell; then only reading tells.
    """
    try:
        parts = parts_of(location)
        found = None if parts is None else stamps(*parts)
    except (OSError, ValueError):  # whoever reads the source will be told
        return None
    if found is None:
        return None
    digest = blake2b(digest_size=16)
    for each in found:
        feed(digest, each)
    return digest.hexdigest()


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
        """Everything that was added."""
        return SourceList(self._count, self._digest.hexdigest())


def sum_up(sources: Iterable[Source]) -> SourceList:
    """Count and digest of sources, read one by one."""
    tally = Tally()
    for source in sources:
        tally.add(source)
    return tally.sum()


def batches(sources: Iterator[Source], size: int) -> Iterator[tuple[Source, ...]]:
    """Cut a stream into consecutive tuples of `size`; the last may be shorter."""
    while batch := tuple(islice(sources, size)):
        yield batch
