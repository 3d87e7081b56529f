"""Lists of files with what is said of them: JSONL, CSV and Parquet, as sources and as captions beside them."""

from __future__ import annotations

import csv
import io
import json
import os
import posixpath
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from datagen.places import Place, beside
from datagen.store import is_url
from datagen.streams import is_file, joined, open_stream, split

CAPTIONS = "captions.jsonl"  # in a folder, the captions of what is in it

# Columns that travel into every sample: what Creative Commons asks to name (title, author, source, license), and
# which collection a picture is from.
CREDITS = ("license", "author", "title", "url", "provenance")
Credits: TypeAlias = tuple[tuple[str, str], ...]

LISTS = (".jsonl", ".csv", ".parquet")


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


def is_list(location: str) -> bool:
    """Whether a file is taken for a list, by its ending."""
    return location.lower().endswith(LISTS)


def list_rows(location: str, name: str) -> Iterator[Row]:
    """Stream the rows of a .jsonl, .csv or .parquet; `name` is what its pictures are called after, if it holds them.

    Raises:
        FileNotFoundError: no such list.
        ValueError: a list that can't be read, or, from a row, one that can't; says which.
    """
    suffix = posixpath.splitext(location.lower())[1]
    if suffix == ".parquet":
        from datagen.parquet import parquet_rows  # pyarrow takes half a second, and is an extra

        return parquet_rows(location, name)
    return {".jsonl": _jsonl_rows, ".csv": _csv_rows}[suffix](location)


def read_list(location: str) -> Iterator[Listed]:
    """Stream a list, parsed; see `list_rows`."""
    return (row() for row in list_rows(location, location.rpartition("/")[2]))


def _jsonl_rows(listing: str) -> Iterator[Row]:
    """An object with `file`, or `url`, and perhaps `caption`, `trigger` and `CREDITS` in each line."""
    with open_stream(listing) as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield partial(_parsed, listing, number, line)


def _parsed(listing: str, number: int, line: bytes) -> Listed:
    try:
        row = json.loads(line)
    except ValueError as error:  # both not JSON and not UTF-8
        raise ValueError(f"{listing}, line {number}: not JSON ({error})") from None
    return listed(listing, f"line {number}", row)


def _csv_rows(listing: str) -> Iterator[Row]:
    """A header with a column `file`, or `url`, and perhaps `caption`, `trigger` and `CREDITS`."""
    # utf-8-sig: spreadsheets put a byte order mark in front, which is no part of the first column's name.
    with open_stream(listing) as file, io.TextIOWrapper(file, encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines)
        try:
            columns = rows.fieldnames or ()
            if "file" not in columns and "url" not in columns:
                found = ", ".join(columns) or "none"
                raise ValueError(f"{listing}, line 1: no column named `file` (or `url`) among {found}")
            for row in rows:
                yield partial(listed, listing, f"line {rows.line_num}", row)
        except (csv.Error, UnicodeDecodeError) as error:
            raise ValueError(f"{listing}, line {rows.line_num + 1}: not CSV in UTF-8 ({error})") from None


def listed(listing: str, where: str, row: Any) -> Listed:
    """One row of a list, an object with `file` or `url`; a relative path is relative to the folder of the list.

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
    """Caption, trigger and credits of a row.

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


def read_captions(folder: str) -> dict[str, Listed]:
    """Rows of the `captions.jsonl` in a folder by their names; none if there is no such file."""
    location = joined(folder, CAPTIONS)
    return {row.name: row for row in read_list(location)} if is_file(location) else {}
