"""Where pictures come from: folders, globs, lists and tar shards, on this machine or any store, read as streams."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain

from underpaint.datagen.pictures.names import PICTURE_SUFFIXES
from underpaint.datagen.pictures.places import place_of, places_below
from underpaint.datagen.sources.folders import files_of, is_pattern, pictures_below, without_guides
from underpaint.datagen.sources.listings import is_list, list_rows, read_captions
from underpaint.datagen.sources.rows import Listed, Row
from underpaint.datagen.sources.source import SourceStream, numbered
from underpaint.datagen.sources.tars import is_tar, tar_rows
from underpaint.datagen.storage.streams import entries, is_file, is_folder, joined, split

_COMPRESSED = (".tar.gz", ".tgz", ".tar.zst", ".tar.bz2", ".tar.xz", ".zip")


def read_sources(location: str, first: int = 0) -> SourceStream:
    """Stream the pictures of a source in a fixed order, from number `first` on; what is before is hardly looked at.

    A source is a folder, a glob, a .jsonl, .csv, .parquet or .tar, a pattern of several of these, or a single picture;
    at a path, or at any URL that fsspec knows. A folder without pictures may hold .tar or .parquet files instead.

    Raises:
        FileNotFoundError: nothing there.
        ValueError: no picture in it, a compressed archive, a row of a list that can't be read (with its number), a
            missing column.
    """
    rows, files = _rows(location)
    return SourceStream(numbered(rows, first, f"picture in {location!r}: {_counting()}"), files)


def _counting() -> str:
    return f"files ending in {' '.join(sorted(PICTURE_SUFFIXES))} count, and .jsonl, .csv, .parquet and .tar files"


def _rows(location: str) -> tuple[Iterator[Row], tuple[str, list[str]] | None]:
    """Return the rows of a source, and the lists and tars that they come from: their folder, and their names in it."""
    if is_folder(location):
        pictures = _folder_rows(location)
        first = next(pictures, None)  # listing a large folder again, only to know whether it has any, takes minutes
        if first is not None:
            return chain([first], pictures), None
        files = location, _parts_in(location)
        return part_rows(*files), files
    if location.lower().endswith(_COMPRESSED):
        raise ValueError(
            f"{location}: no picture can be picked from a compressed archive: unpack it, or make it a .tar"
        )
    if is_file(location):
        store, name = split(location)
        if not is_part(name):
            return iter([partial(Listed, name, place_of(location))]), None
        files = store.location, [name]
        return part_rows(*files), files
    if not is_pattern(location):
        raise FileNotFoundError(
            f"source {location!r} does not exist: give a folder, a glob, a .jsonl, .csv, .parquet or .tar"
        )
    root, names = files_of(location)
    if not is_part(location):
        place = places_below(root)
        return (partial(Listed, name, place(name)) for name in without_guides(root, names)), None
    if not names:
        raise FileNotFoundError(f"source {location!r} fits no file")
    return part_rows(root, names), (root, names)


def _folder_rows(root: str) -> Iterator[Row]:
    described, place = read_captions(root), places_below(root)
    for name in pictures_below(root):
        found = described.get(name)
        yield partial(Listed, name, place(name)) if found is None else partial(Listed, *found)


def _parts_in(folder: str) -> list[str]:
    """Return the tars directly in a folder without pictures, or else its tables; img2dataset writes both."""
    names = [name for name, is_below in entries(folder) if not is_below]
    of_kind = ([name for name in names if name.lower().endswith(kind)] for kind in (".tar", ".parquet"))
    return next(filter(None, of_kind), [])


def is_part(name: str) -> bool:
    """Return whether a file is a list or a tar of pictures, by its ending."""
    return is_list(name) or is_tar(name)


def part_rows(root: str, names: Iterable[str]) -> Iterator[Row]:
    """Stream the rows of several lists or tars, one after the other."""
    for name in names:
        location = joined(root, name)
        yield from tar_rows(location, name) if is_tar(name) else list_rows(location, name)
