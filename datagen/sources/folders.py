"""Folders and globs, of this machine or of a store: the names of what they hold, in a fixed order."""

from __future__ import annotations

import functools
import glob
import re
from collections.abc import Iterator
from pathlib import Path

from underpaint.datagen.pictures.names import is_guide_name, is_picture_name, picture_stems
from underpaint.datagen.storage.streams import entries, globbed, joined, local_path, split

_RANGE = re.compile(r"\{(\d+)\.\.(\d+)\}")

# Device and inode of the folders that a walk is in.
Above = frozenset[tuple[int, int]]


def pictures_below(root: str) -> Iterator[str]:
    """Return the names of all pictures in a folder and below, sorted as whole paths, one folder listed at a time."""
    return _walk(root, "", frozenset())


def _walk(root: str, prefix: str, above: Above) -> Iterator[str]:
    here = joined(root, prefix) if prefix else root
    inside = entered(here, above)
    if inside is None:
        return
    # A folder sorts with its slash, so that "a.jpg" comes before "a/b.jpg" as it does in a sorted list.
    names = sorted(name + "/" * is_folder for name, is_folder in entries(here))
    stems = picture_stems(names)
    for name in names:
        if name.endswith("/"):
            yield from _walk(root, prefix + name, inside)
        elif is_picture_name(name) and not is_guide_name(name, stems):
            yield prefix + name


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


def without_guides(root: str, names: list[str]) -> Iterator[str]:
    """Stream those names that are pictures; folders are listed, as a pattern may fit a guide and not its picture."""
    stems = functools.cache(lambda folder: picture_stems(name for name, _ in entries(folder)))
    for name in names:
        if is_picture_name(name):
            folder, _, file = joined(root, name).rpartition("/")
            if not is_guide_name(file, stems(folder or "/")):
                yield name
