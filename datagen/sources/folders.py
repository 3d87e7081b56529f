"""Folders and globs, of this machine or of a store: the names of what they hold, in a fixed order."""

from __future__ import annotations

import functools
import glob
import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from underpaint.datagen.pictures.names import (
    CAPTION_SUFFIXES,
    MADE_CAPTION,
    is_guide_name,
    is_picture_name,
    picture_stems,
)
from underpaint.datagen.sources.notes import SourceNotes
from underpaint.datagen.storage.streams import entries, globbed, joined, local_path, split

_RANGE = re.compile(r"\{(\d+)\.\.(\d+)\}")

# Device and inode of the folders that a walk is in.
Above = frozenset[tuple[int, int]]


class Found(NamedTuple):
    """A picture in a folder: its name, and that of the file with its caption, if one lies beside it."""

    name: str
    caption: str | None = None


class Neighbours:
    """What lies in one folder beside a picture, from a listing of it."""

    def __init__(self, names: Iterable[str]) -> None:
        names = list(names)
        self.stems = picture_stems(names)
        self._captions: dict[str, str] = {}
        for suffix in (MADE_CAPTION, *CAPTION_SUFFIXES[::-1]):
            self._captions |= {name[: -len(suffix)]: name for name in names if name.lower().endswith(suffix)}

    def found(self, prefix: str, name: str) -> Found | None:
        """Return what is known of a file in the folder, or None if it is no picture to paint; `prefix` goes before."""
        if not is_picture_name(name) or is_guide_name(name, self.stems):
            return None
        caption = self._captions.get(posixpath.splitext(name)[0])
        return Found(prefix + name, caption and prefix + caption)

    def says_more(self, name: str) -> bool:
        """Return whether a file belongs to a picture beside it, as its caption or as a guide."""
        stem = posixpath.splitext(name)[0]
        is_caption = stem in self.stems and self._captions.get(stem) == name
        is_made = name.lower().endswith(MADE_CAPTION) and name[: -len(MADE_CAPTION)] in self.stems
        return is_caption or is_made or is_guide_name(name, self.stems)


def pictures_below(root: str, notes: SourceNotes, known: Sequence[str] = ()) -> Iterator[Found]:
    """Return all pictures in a folder and below, sorted by their whole paths, one folder listed at a time.

    Args:
        known: files in the folder itself that are read as something else.
    """
    return _walk(root, "", frozenset(), notes, known)


def _walk(root: str, prefix: str, above: Above, notes: SourceNotes, known: Sequence[str] = ()) -> Iterator[Found]:
    here = joined(root, prefix) if prefix else root
    inside = entered(here, above)
    if inside is None:
        return
    # A folder sorts with its slash, so that "a.jpg" comes before "a/b.jpg" as it does in a sorted list.
    names = sorted(name + "/" * is_folder for name, is_folder in entries(here))
    beside = Neighbours(names)
    for name in names:
        if name.endswith("/"):
            yield from _walk(root, prefix + name, inside, notes)
        elif found := beside.found(prefix, name):
            yield found
        elif not beside.says_more(name) and name not in known:
            notes.pass_over(name)


def entered(folder: str, above: Above) -> Above | None:
    """Return the folders that a walk is in, with this one; None if it is one of them, a link back."""
    local = local_path(folder)
    if local is None:
        return above  # stores have no links
    state = local.stat()
    identity = state.st_dev, state.st_ino
    return None if identity in above else above | {identity}


def is_pattern(location: str) -> bool:
    """Return whether a location stands for several files: it has a wildcard, or a range as in `{000..099}`."""
    return glob.has_magic(_without_query(location)) or _RANGE.search(location) is not None


def _without_query(location: str) -> str:
    """Cut off what follows a `?` in a web address: it is no wildcard."""
    return location.partition("?")[0] if location.startswith(("http://", "https://")) else location


def files_of(pattern: str) -> tuple[str, list[str]]:
    """Return the folder before the first wildcard, and the names below it of all files that fit, in order.

    They are sorted, or in the order of a range. Names and folders that begin with a dot must be asked for by one.
    """
    parts = pattern.split("/")
    fixed = next(n for n, part in enumerate(parts) if is_pattern(part) or n == len(parts) - 1)
    root = split("/".join(parts[: fixed + 1]))[0].location
    names = dict.fromkeys(name for plain in _ranges("/".join(parts[fixed:])) for name in _matches(root, plain))
    return root, list(names)


def _matches(root: str, pattern: str) -> list[str]:
    """Return the names below root that fit; of a plain name that name, whether it is there or not."""
    if not glob.has_magic(pattern):
        return [pattern]
    local = local_path(root)
    if local is None:
        found = globbed(joined(root, pattern))
        start = len(root.rstrip("/")) + 1
        return [name[start:] for name in found if not any(part.startswith(".") for part in name[start:].split("/"))]
    paths = (Path(file) for file in glob.iglob(str(local / pattern), recursive=True))  # noqa: PTH207, Path.glob differs
    return sorted({path.relative_to(local).as_posix() for path in paths if not path.is_dir()})


def _ranges(pattern: str) -> Iterator[str]:
    """Spell out `{000..099}`, numbers as wide as the first."""
    match = _RANGE.search(pattern)
    if match is None:
        yield pattern
        return
    first, last = match.groups()
    for number in range(int(first), int(last) + 1):
        yield from _ranges(f"{pattern[: match.start()]}{number:0{len(first)}d}{pattern[match.end() :]}")


def pictures_among(root: str, names: list[str], notes: SourceNotes) -> Iterator[Found]:
    """Stream those files that are pictures; folders are listed, as a pattern may fit a guide and not its picture."""
    neighbours = functools.cache(lambda folder: Neighbours(name for name, _ in entries(folder)))
    for name in names:
        folder, _, file = joined(root, name).rpartition("/")
        beside = neighbours(folder or "/")
        if found := beside.found(name.removesuffix(file), file):
            yield found
        elif not beside.says_more(file):
            notes.pass_over(name)
