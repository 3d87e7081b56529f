"""Rows: what a list, a table or a tar says of one picture or recording."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from underpaint.datagen.pictures.places import Place, beside
from underpaint.datagen.storage.store import is_url
from underpaint.datagen.storage.streams import split

# Columns that travel into every sample: what Creative Commons asks to name (title, author, source, license), and
# which collection a picture is from.
CREDITS = ("license", "author", "title", "url", "provenance")
Credits: TypeAlias = tuple[tuple[str, str], ...]


class Listed(NamedTuple):
    """A row: `name` is the path relative to the list, with slashes; of a picture elsewhere, its URL.

    `credits` are the columns of `CREDITS` that are given, with their values, in that order.
    """

    name: str
    path: Place
    caption: str | None = None
    trigger: str | None = None
    credits: Credits = ()


# A row that is parsed when it is called, and before the next one is taken: rows that are skipped cost next to nothing.
Row: TypeAlias = Callable[[], Listed]


def listed(listing: str, where: str, row: Any) -> Listed:
    """Parse one row of a list, an object with `file` or `url`; a relative path is relative to the folder of the list.

    Args:
        where: which row it is, for messages: `line 3`.

    Raises:
        ValueError: neither of them, or a column that is no text.
    """
    described = descriptions(listing, where, row if isinstance(row, dict) else {})
    file = row.get("file") or row.get("url") if isinstance(row, dict) else None
    if not isinstance(file, str) or not file:
        raise ValueError(f'{listing}, {where}: `file` is missing; a row looks like {{"file": "a.jpg"}}')
    folder = split(listing)[0].location
    return Listed(_name(file, folder), beside(folder, file), *described)


def descriptions(listing: str, where: str, row: dict[str, Any]) -> tuple[str | None, str | None, Credits]:
    """Return the caption, trigger and credits of a row.

    Raises:
        ValueError: one of them is there, and is no text.
    """
    for column in ("file", "caption", "trigger", *CREDITS):
        if not isinstance(row.get(column), str | None):
            raise ValueError(f"{listing}, {where}: `{column}` is {row[column]!r}, but a text is needed")
    credits = tuple((column, str(row[column])) for column in CREDITS if row.get(column))
    return row.get("caption") or None, row.get("trigger") or None, credits


def _name(file: str, folder: str) -> str:
    if is_url(file):
        return file
    if is_url(folder) or not (file.startswith("/") or ".." in file):
        return posixpath.normpath(file)  # what relpath gives too, at a tenth of its cost
    return Path(os.path.relpath(Path(folder) / file, folder)).as_posix()
