"""Lists of files with what is said of them: JSONL and CSV, as sources and as captions beside them."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

CAPTIONS = "captions.jsonl"  # in a folder, the captions of what is in it


class Listed(NamedTuple):
    """A row: `name` is the path relative to the list, with slashes."""

    name: str
    path: Path
    caption: str | None = None
    trigger: str | None = None


def read_jsonl(listing: Path) -> Iterator[Listed]:
    """Stream the rows of a .jsonl, an object with `file` and perhaps `caption` and `trigger` in each line.

    Raises:
        ValueError: a line that can't be read; says which.
    """
    with listing.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _located(listing, number, _parse(listing, number, line))


def _parse(listing: Path, number: int, line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:  # both not JSON and not UTF-8
        raise ValueError(f"{listing}, line {number}: not JSON ({error})") from None


def read_csv(listing: Path) -> Iterator[Listed]:
    """Stream the rows of a .csv whose header has a column `file`, and perhaps `caption` and `trigger`.

    Raises:
        ValueError: a line that can't be read, with its number, or no column `file`.
    """
    # utf-8-sig: spreadsheets put a byte order mark in front, which is no part of the first column's name.
    with listing.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines)
        try:
            columns = rows.fieldnames or ()
            if "file" not in columns:
                raise ValueError(f"{listing}, line 1: no column named `file` among {', '.join(columns) or 'none'}")
            for row in rows:
                yield _located(listing, rows.line_num, row)
        except (csv.Error, UnicodeDecodeError) as error:
            raise ValueError(f"{listing}, line {rows.line_num + 1}: not CSV in UTF-8 ({error})") from None


def _located(listing: Path, number: int, row: Any) -> Listed:
    """One row; paths are relative to the folder of the list."""
    file = row.get("file") if isinstance(row, dict) else None
    if not isinstance(file, str) or not file:
        raise ValueError(f'{listing}, line {number}: `file` is missing; a row looks like {{"file": "a.jpg"}}')
    for column in ("caption", "trigger"):
        if not isinstance(row.get(column), str | None):
            raise ValueError(f"{listing}, line {number}: `{column}` is {row[column]!r}, but a text is needed")
    path = listing.parent / file
    name = Path(os.path.relpath(path, listing.parent)).as_posix()
    return Listed(name, path, row.get("caption") or None, row.get("trigger") or None)


def read_captions(path: Path) -> dict[str, Listed]:
    """Rows of a .jsonl by their names; none if there is no such file."""
    return {listed.name: listed for listed in read_jsonl(path)} if path.is_file() else {}
