"""Which folders of pictures were there, to tell a picture that is missing from a folder that is gone."""

from __future__ import annotations

import glob
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

from underpaint.datagen.pictures.places import Place
from underpaint.datagen.sources.folders import is_pattern
from underpaint.datagen.sources.reading import is_part
from underpaint.datagen.storage.streams import local_path

# Device and inode of folders in which this process has found pictures, for all of its shards; so many are remembered.
_SEEN: dict[Path, tuple[int, int]] = {}
MOST_SEEN = 100_000


class Whereabouts:
    """What of the pictures of one shard is there.

    Args:
        root: folder of the source, a folder or a list, on this machine; None if it has none.
        listed: whether the pictures were found by listing folders, and not named by a list.
    """

    def __init__(self, root: Path | None, *, listed: bool) -> None:
        self._root, self._listed = root, listed
        self._found_any = False
        self._suspect: Path | None = None

    def found(self, place: Place) -> None:
        """Note that a picture was there."""
        self._found_any = True
        if isinstance(place, Path) and place.parent not in _SEEN and len(_SEEN) < MOST_SEEN:
            folders = {folder for path in _spellings(place) for folder in path.parents} | {place.parent}
            _SEEN.update((folder, identity) for folder in folders if (identity := _identity(folder)) is not None)

    def gone(self, place: Place) -> str | None:
        """Say what is gone of a picture that wasn't found, if it is more than the picture; else None."""
        if not isinstance(place, Path):
            return None
        for path in _spellings(place):
            lost = [folder for folder in _lost(path) if folder in _SEEN or folder == self._root]
            if lost:
                return f"{lost[-1]}, the folder that it is in, is gone"
        if self._listed and not os.path.lexists(place):
            return "it is gone; it was there when the folder was listed"
        if self._root is None or self._root not in place.absolute().parents:
            folder = place.absolute().parent
            # A file in its place is no folder, either. Path.is_file would raise for a name that is too long.
            self._suspect = folder if os.path.isfile(folder) or is_bare(folder) else self._suspect  # noqa: PTH113
        return None

    def nothing_there(self) -> str | None:
        """Say, at the end of a shard, if no picture was found and the folder that one was to be in isn't there."""
        if self._found_any or self._suspect is None:
            return None
        return f"none of its pictures is there, and neither is the folder {self._suspect}"


def root_of(location: str) -> Path | None:
    """Return the folder of a source on this machine, or that of a list; None if it has none."""
    path = local_path(location)
    if path is None:
        return None
    if path.is_dir():
        return path.absolute()
    if not path.is_file() and not is_pattern(location):
        return None  # of a generator that has sources of its own kind
    return Path(*itertools.takewhile(lambda part: not is_pattern(part), path.absolute().parent.parts))


def is_listed(location: str) -> bool:
    """Return whether the pictures of a source are surely found by listing folders."""
    path = local_path(location)
    if path is None or root_of(location) is None:
        return False
    if path.is_dir():
        # A folder of tables may be a list of files, as theirs are.
        return not any(name.endswith(".parquet") for name in os.listdir(path))  # noqa: PTH208
    return not is_part(location) and (glob.has_magic(location) or not is_pattern(location))


def _spellings(path: Path) -> Iterator[Path]:
    """Yield a path as it is, and where its links lead."""
    yield path.absolute()
    try:
        yield path.resolve()
    except (OSError, RuntimeError, ValueError):  # a link that leads to itself, a name that none can have
        return


def _lost(path: Path) -> Iterator[Path]:
    """Yield the folders of a path that aren't there, can't be read, or are others now, from the innermost on."""
    for folder in path.parents:
        identity = _identity(folder)
        if identity is not None and _SEEN.get(folder, identity) == identity:
            return
        yield folder


def _identity(folder: Path) -> tuple[int, int] | None:
    """Return device and inode of a folder, which change when it is mounted; None if it can't be read."""
    try:
        state = folder.stat()
    except (OSError, ValueError):
        return None
    return (state.st_dev, state.st_ino) if os.access(folder, os.R_OK | os.X_OK) else None


def is_bare(path: Path) -> bool:
    """Return whether a file or folder is gone, can't be read, or is empty as the place of what isn't mounted."""
    try:
        with os.scandir(path) as entries:
            return next(entries, None) is None
    except NotADirectoryError:
        return False
    except (OSError, ValueError):
        return True
