"""Where recordings come from: videos and folders of frames, and what is said of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from datagen.listings import CAPTIONS, Listed, read_captions, read_csv, read_jsonl
from datagen.sources import Source, is_picture_name

VIDEO_SUFFIXES = (".mp4", ".webm", ".mov", ".mkv", ".avi", ".gif")


def read_recordings(location: str) -> Iterator[Source]:
    """Stream the recordings of a folder, a .jsonl or .csv, or a single video, in a fixed order.

    A video is a recording, and so is each folder that holds pictures, be it the source itself. Captions and triggers of
    a folder's recordings come from NAME.txt beside each, or from its `captions.jsonl`.

    Raises:
        FileNotFoundError: nothing there.
        ValueError: no recording in it, or a list or a caption that can't be read.
    """
    path = Path(location)
    if path.is_dir():
        found = _folder(path)
    elif path.suffix.lower() == ".jsonl":
        found = read_jsonl(path)
    elif path.suffix.lower() == ".csv":
        found = read_csv(path)
    elif path.is_file():
        found = iter([_described(Listed(path.name, path))])
    else:
        raise FileNotFoundError(f"source {location!r} does not exist: give a folder, a video, a .jsonl or a .csv")
    index = -1
    for index, listed in enumerate(found):
        yield Source(index, listed.name, listed.path, listed.caption, listed.trigger)
    if index < 0:
        raise ValueError(f"no recording in {location!r}: folders of pictures and {' '.join(VIDEO_SUFFIXES)} count")


def is_frame_name(name: str) -> bool:
    """Whether a file in a folder is a frame of its recording; a GIF is a recording of its own."""
    return is_picture_name(name) and not is_video_name(name) and not name.startswith(".")


def is_video_name(name: str) -> bool:
    """Whether a file is taken for a video, by its ending."""
    return name.lower().endswith(VIDEO_SUFFIXES) and not name.startswith(".")


def _folder(root: Path) -> Iterator[Listed]:
    described = read_captions(root / CAPTIONS)
    for name in _walk(root, "", frozenset()):
        shown = root.resolve().name if name == "." else name
        row = described.get(name, Listed(shown, root / name))
        yield _described(row._replace(name=shown))


def _walk(root: Path, folder: str, above: frozenset[tuple[int, int]]) -> Iterator[str]:
    """Names of all recordings in a folder below root, sorted; the folder itself first if it is one."""
    here = (root / folder).stat()
    if (here.st_dev, here.st_ino) in above:  # a link back to a folder that we are in
        return
    with os.scandir(root / folder) as entries:
        found = sorted((entry.name, entry.is_dir()) for entry in entries if not entry.name.startswith("."))
    if any(is_frame_name(name) for name, is_folder in found if not is_folder):
        yield folder or "."
    for name, is_folder in found:
        path = f"{folder}/{name}" if folder else name
        if is_folder:
            yield from _walk(root, path, above | {(here.st_dev, here.st_ino)})
        elif is_video_name(name):
            yield path


def _described(listed: Listed) -> Listed:
    """With the caption in the text file beside it, if there is one: `barn.txt` for `barn.mp4` and for `barn/`."""
    path = listed.path.resolve() if listed.path.is_dir() else listed.path
    text = path.with_name(f"{path.name if path.is_dir() else path.stem}.txt")
    if not text.is_file():
        return listed
    try:
        caption = " ".join(text.read_text(encoding="utf-8-sig").split())
    except UnicodeDecodeError as error:
        raise ValueError(f"{text} is no text in UTF-8: {error}") from None
    return listed._replace(caption=caption or listed.caption)
