"""Where pictures come from: folders, globs, lists and tar shards, on this machine or any store, read as streams."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain, islice

from underpaint.datagen.pictures.decode import looks_like_picture
from underpaint.datagen.pictures.names import CAPTION_SUFFIXES, MADE_CAPTION, PICTURE_SUFFIXES, is_picture_name
from underpaint.datagen.pictures.places import place_of, places_below
from underpaint.datagen.sources.folders import Found, files_of, is_pattern, pictures_among, pictures_below
from underpaint.datagen.sources.listings import CAPTIONS, LISTS, is_list, list_rows, read_captions
from underpaint.datagen.sources.notes import SourceNotes
from underpaint.datagen.sources.rows import Listed, Row, caption_in, made_caption_in
from underpaint.datagen.sources.scenes import are_scenes, scene_rows
from underpaint.datagen.sources.source import SourceStream, numbered
from underpaint.datagen.sources.tars import is_tar, tar_rows
from underpaint.datagen.storage.remote import PUBLIC
from underpaint.datagen.storage.store import Store, read_many
from underpaint.datagen.storage.streams import entries, is_file, is_folder, joined, split

_COMPRESSED = (".tar.gz", ".tgz", ".tar.zst", ".tar.bz2", ".tar.xz", ".zip", ".7z", ".rar")
# What people keep lists in, and what to do with it.
_INSTEAD = {
    (".json",): "write one object in each line, and call it .jsonl",
    (".txt", ".list", ".lst"): "call it .csv and put a line `file` first, or give a folder",
    (".xlsx", ".xls", ".ods", ".numbers"): "save it as .csv",
    (".yaml", ".yml", ".xml", ".html", ".arrow", ".feather", ".pkl", ".db"): "make it a .jsonl, .csv or .parquet",
    (".mp4", ".webm", ".mov", ".mkv", ".avi"): "recordings are for `underpaint-data import`",
    (".heic", ".heif", ".hif"): "install what reads it: pip install 'underpaint[heic]'",
}
# Captions that are fetched from a store at once.
_AT_ONCE = 256


def read_sources(location: str, first: int = 0) -> SourceStream:
    """Stream the pictures of a source in a fixed order, from number `first` on; what is before is hardly looked at.

    A source is a folder, a glob, a list (.jsonl, .ndjson, .csv, .tsv, .parquet), a .tar, a pattern of several of these,
    or a single picture; at a path, or at any URL that fsspec knows. A folder without pictures may hold .tar or .parquet
    files instead. `scenes:4000` is no file: that many pictures are drawn.

    Raises:
        FileNotFoundError: nothing there.
        ValueError: no picture in it, a compressed archive or another file that isn't read, a row of a list that can't
            be read (with its number), a missing column.
    """
    notes = SourceNotes()
    rows, files = _rows(location, notes)

    def nothing() -> str:
        if files is not None and files[1]:
            return f"picture in {location!r}: there is no row in it"
        beside = f", but {notes.endings()}" if notes.passed_over else ""
        return f"picture in {location!r}{beside}: {_counting()}"

    return SourceStream(numbered(rows, first, nothing), files, notes)


def _counting() -> str:
    return f"files ending in {' '.join(sorted(PICTURE_SUFFIXES))} count, and {', '.join(LISTS)} and .tar files"


def _rows(location: str, notes: SourceNotes) -> tuple[Iterator[Row], tuple[str, list[str]] | None]:
    """Return the rows of a source, and the lists and tars that they come from: their folder, and their names in it."""
    if are_scenes(location):
        return scene_rows(location), None
    if is_folder(location):
        pictures = _folder_rows(location, notes)
        first = next(pictures, None)  # listing a large folder again, only to know whether it has any, takes minutes
        if first is not None:
            return chain([first], pictures), None
        files = location, _parts_in(location)
        return part_rows(*files, notes), files
    if location.lower().endswith(_COMPRESSED):
        raise ValueError(
            f"{location}: no picture can be picked from a compressed archive: unpack it, or make it a .tar"
        )
    if is_file(location):
        store, name = split(location)
        if not is_part(name):
            _check_picture(location)
            beside = None if location.startswith(PUBLIC) else _caption_of_one(store, name)
            return _captioned(store.location, iter([Found(name, beside)]), {}, notes), None
        files = store.location, [name]
        return part_rows(*files, notes), files
    if not is_pattern(location):
        raise FileNotFoundError(
            f"source {location!r} does not exist: give a picture, a folder, a glob, "
            f"a {', '.join(LISTS)} or .tar, or scenes:4000"
        )
    root, names = files_of(location)
    if not is_part(location):
        return _captioned(root, pictures_among(root, names, notes), {}, notes), None
    if not names:
        raise FileNotFoundError(f"source {location!r} fits no file")
    return part_rows(root, names, notes), (root, names)


def _folder_rows(root: str, notes: SourceNotes) -> Iterator[Row]:
    described = read_captions(root, notes)
    yield from _captioned(root, pictures_below(root, notes, CAPTIONS), described, notes)
    for name in described:
        notes.remark(f"rows of captions that name no picture in {root}", name)


def _captioned(root: str, pictures: Iterator[Found], described: dict[str, Listed], notes: SourceNotes) -> Iterator[Row]:
    """Stream the rows of a folder's pictures, with what a list says of them, or else with the captions beside them.

    Args:
        described: rows of the list, by name; those of pictures that are there are taken out.
    """
    place, store = places_below(root), Store(root)
    while several := list(islice(pictures, _AT_ONCE)):
        rows = [described.pop(found.name, Listed(found.name, place(found.name))) for found in several]
        wanted = [found.caption for found, row in zip(several, rows, strict=True) if found.caption and not row.caption]
        captions = dict(read_many(store, dict.fromkeys(wanted)))
        for found, row in zip(several, rows, strict=True):
            if found.caption is None:
                yield partial(Listed, *row)
            elif row.caption:
                notes.remark(
                    "caption files that aren't read, as a list in the folder has those captions", found.caption
                )
                yield partial(Listed, *row)
            else:
                yield partial(_with_caption, row, store.url(found.caption), captions[found.caption])


def _with_caption(row: Listed, where: str, data: bytes) -> Listed:
    if where.lower().endswith(MADE_CAPTION):
        caption, credits = made_caption_in(where, data)
        return row._replace(caption=caption, credits=row.credits + credits)
    return row._replace(caption=caption_in(where, data))


def _caption_of_one(store: Store, name: str) -> str | None:
    stem = posixpath.splitext(name)[0]
    known = (stem + suffix for suffix in (*CAPTION_SUFFIXES, MADE_CAPTION))
    return next((name for name in known if store.size(name) is not None), None)


def _check_picture(location: str) -> None:
    """Check that a single file may be a picture: its name ends like one, or it begins like one.

    Raises:
        ValueError: it is something else; says what to do.
    """
    ending = posixpath.splitext(location)[1].lower()
    if is_picture_name(location) or location.startswith(PUBLIC):
        return
    fix = next((fix for endings, fix in _INSTEAD.items() if ending in endings), None)
    if fix is None and looks_like_picture(place_of(location)):
        return
    raise ValueError(f"source {location!r} is not a picture, nor a list that is read: {fix or _counting()}")


def _parts_in(folder: str) -> list[str]:
    """Return the tars directly in a folder without pictures, or else its tables; img2dataset writes both."""
    names = [name for name, is_below in entries(folder) if not is_below]
    of_kind = ([name for name in names if name.lower().endswith(kind)] for kind in (".tar", ".parquet"))
    return next(filter(None, of_kind), [])


def is_part(name: str) -> bool:
    """Return whether a file is a list or a tar of pictures, by its ending."""
    return is_list(name) or is_tar(name)


def part_rows(root: str, names: Iterable[str], notes: SourceNotes) -> Iterator[Row]:
    """Stream the rows of several lists or tars, one after the other."""
    for name in names:
        location = joined(root, name)
        yield from tar_rows(location, name, notes) if is_tar(name) else list_rows(location, name, notes)
