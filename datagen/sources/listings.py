"""Lists of files with what is said of them: JSONL, CSV and Parquet, as sources and as captions beside them."""

from __future__ import annotations

import csv
import io
import json
import posixpath
from collections.abc import Iterator
from functools import partial

from underpaint.datagen.sources.parquet import parquet_rows
from underpaint.datagen.sources.rows import Listed, Row, listed
from underpaint.datagen.storage.streams import is_file, joined, open_stream

CAPTIONS = "captions.jsonl"  # in a folder, the captions of what is in it
LISTS = (".jsonl", ".csv", ".parquet")


def is_list(location: str) -> bool:
    """Return whether a file is taken for a list, by its ending."""
    return location.lower().endswith(LISTS)


def list_rows(location: str, name: str) -> Iterator[Row]:
    """Stream the rows of a .jsonl, .csv or .parquet; `name` is what its pictures are called after, if it holds them.

    Raises:
        FileNotFoundError: no such list.
        ValueError: a list that can't be read, or, from a row, one that can't; says which.
    """
    suffix = posixpath.splitext(location.lower())[1]
    if suffix == ".parquet":
        return parquet_rows(location, name)
    return {".jsonl": _jsonl_rows, ".csv": _csv_rows}[suffix](location)


def read_list(location: str) -> Iterator[Listed]:
    """Stream a list, parsed; see `list_rows`."""
    return (row() for row in list_rows(location, location.rpartition("/")[2]))


def _jsonl_rows(listing: str) -> Iterator[Row]:
    """Stream lines that hold an object each: `file`, or `url`, and perhaps `caption`, `trigger` and `CREDITS`."""
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
    """Stream the rows below a header with `file`, or `url`, and perhaps `caption`, `trigger` and `CREDITS`."""
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


def read_captions(folder: str) -> dict[str, Listed]:
    """Return the rows of the `captions.jsonl` in a folder by their names; none if there is no such file."""
    location = joined(folder, CAPTIONS)
    return {row.name: row for row in read_list(location)} if is_file(location) else {}
