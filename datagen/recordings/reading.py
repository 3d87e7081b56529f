"""Where recordings come from: videos and folders of frames, and what is said of them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from underpaint.datagen.pictures.names import is_picture_name
from underpaint.datagen.pictures.places import Extent, Place, place_of
from underpaint.datagen.sources.folders import Above, entered
from underpaint.datagen.sources.listings import CAPTIONS, is_list, list_rows, read_captions
from underpaint.datagen.sources.notes import SourceNotes
from underpaint.datagen.sources.rows import Listed, Row, caption_in
from underpaint.datagen.sources.source import SourceStream, numbered
from underpaint.datagen.storage.streams import entries, is_file, is_folder, joined, local_path, split

VIDEO_SUFFIXES = (".mp4", ".webm", ".mov", ".mkv", ".avi", ".gif")


def read_recordings(location: str, first: int = 0) -> SourceStream:
    """Stream the recordings of a folder, a .jsonl, .csv or .parquet, or a single video, in a fixed order.

    A video is a recording, and so is each folder of this machine that holds pictures, be it the source itself. Captions
    and triggers of a folder's recordings come from NAME.txt beside each, or from its `captions.jsonl`.

    Raises:
        FileNotFoundError: nothing there.
        ValueError: no recording in it, or a list or a caption that can't be read.
    """
    notes, files = SourceNotes(), None
    if is_file(location) and is_list(location):
        store, name = split(location)
        files = store.location, [name]

    def nothing() -> str:
        return f"recording in {location!r}: folders of pictures and {' '.join(VIDEO_SUFFIXES)} count"

    return SourceStream(numbered(_rows(location, notes), first, nothing, triggers=True), files, notes)


def _rows(location: str, notes: SourceNotes) -> Iterator[Row]:
    if is_file(location):
        name = split(location)[1]
        if is_list(location):
            return list_rows(location, name, notes)
        return iter([partial(_described, Listed(name, place_of(location)))])
    if is_folder(location):
        return _folder_rows(location, notes)
    raise FileNotFoundError(f"source {location!r} does not exist: give a folder, a video, a .jsonl, .csv or .parquet")


def is_frame_name(name: str) -> bool:
    """Return whether a file in a folder is a frame of its recording; a GIF is a recording of its own."""
    return is_picture_name(name) and not is_video_name(name) and not name.startswith(".")


def is_video_name(name: str) -> bool:
    """Return whether a file is taken for a video, by its ending."""
    return name.lower().endswith(VIDEO_SUFFIXES) and not name.startswith(".")


def _folder_rows(root: str, notes: SourceNotes) -> Iterator[Row]:
    described = read_captions(root, notes)
    local = local_path(root)
    for name in _walk(root, "", frozenset(), notes):
        shown = local.resolve().name if name == "." and local is not None else name
        row = described.pop(name, Listed(shown, place_of(root if name == "." else joined(root, name))))
        yield partial(_described, row._replace(name=shown))
    for name in described:
        notes.remark(f"rows of captions that name no recording in {root}", name)


def _walk(root: str, folder: str, above: Above, notes: SourceNotes) -> Iterator[str]:
    """Return the names of all recordings in a folder below root, sorted; the folder itself first if it is one."""
    here = joined(root, folder) if folder else root
    inside = entered(here, above)
    if inside is None:
        return
    found = entries(here)
    if any(is_frame_name(name) for name, is_below in found if not is_below):
        if local_path(root) is None:
            raise ValueError(f"{here} holds pictures: a recording in pictures must lie on this machine's file system")
        yield folder or "."
    for name, is_below in found:
        path = f"{folder}/{name}" if folder else name
        if is_below:
            yield from _walk(root, path, inside, notes)
        elif is_video_name(name):
            yield path
        elif not is_frame_name(name) and not name.lower().endswith(".txt") and path not in CAPTIONS:
            notes.pass_over(name)


def _described(listed: Listed) -> Listed:
    """Add the caption in the text file beside it, if there is one: `barn.txt` for `barn.mp4` and for `barn/`."""
    text = _text_beside(listed.path)
    store, name = split(text)
    if store.size(name) is None:
        return listed
    return listed._replace(caption=caption_in(text, store.read(name)) or listed.caption)


def _text_beside(place: Place) -> str:
    if isinstance(place, Path):
        path = place.resolve() if place.is_dir() else place
        return str(path.with_name(f"{path.name if path.is_dir() else path.stem}.txt"))
    assert isinstance(place, Extent), "folders and single files give no other places"
    return posixpath.splitext(place.location)[0] + ".txt"
