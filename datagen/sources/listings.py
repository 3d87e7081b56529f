"""Lists of files with what is said of them: JSONL, CSV and Parquet, as sources and as captions beside them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from functools import partial

from underpaint.datagen.sources.notes import SourceNotes
from underpaint.datagen.sources.parquet import parquet_rows
from underpaint.datagen.sources.rows import Listed, Row, listed
from underpaint.datagen.sources.spreadsheets import csv_rows
from underpaint.datagen.storage.streams import is_file, joined, open_stream
from underpaint.texts import parse_json

# In a folder, the captions of what is in it; the last two are those of Hugging Face's `imagefolder`.
CAPTIONS = ("captions.jsonl", "metadata.jsonl", "metadata.csv")
_JSONL, _CSV = (".jsonl", ".ndjson"), (".csv", ".tsv")
LISTS = (*_JSONL, *_CSV, ".parquet")


def is_list(location: str) -> bool:
    """Return whether a file is taken for a list, by its ending."""
    return location.lower().endswith(LISTS)


def list_rows(location: str, name: str, notes: SourceNotes) -> Iterator[Row]:
    """Stream the rows of a list; `name` is what its pictures are called after, if it holds them.

    Raises:
        FileNotFoundError: no such list.
        ValueError: a list that can't be read, or, from a row, one that can't; says which.
    """
    suffix = posixpath.splitext(location.lower())[1]
    if suffix == ".parquet":
        return parquet_rows(location, name, notes)
    return csv_rows(location, notes) if suffix in _CSV else _jsonl_rows(location, notes)


def read_list(location: str) -> Iterator[Listed]:
    """Stream a list, parsed; see `list_rows`."""
    return (row() for row in list_rows(location, location.rpartition("/")[2], SourceNotes()))


def _jsonl_rows(listing: str, notes: SourceNotes) -> Iterator[Row]:
    """Stream lines that hold an object each: `file`, or `url`, and perhaps `caption`, `trigger` and `CREDITS`."""
    with open_stream(listing) as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield partial(_parsed, listing, number, line, notes)


def _parsed(listing: str, number: int, line: bytes, notes: SourceNotes) -> Listed:
    try:
        # Bytes would be tried as UTF-16, too, of which a line is no line.
        row = parse_json(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValueError(f"{listing}, line {number}: not UTF-8 ({error}): save the list as UTF-8") from None
    except ValueError as error:
        raise ValueError(f"{listing}, line {number}: not JSON ({error})") from None
    return listed(listing, f"line {number}", row, notes)


def read_captions(folder: str, notes: SourceNotes) -> dict[str, Listed]:
    """Return the rows of the list of captions in a folder by their names; none if there is no such file.

    Raises:
        ValueError: a row that can't be read, or two that say different things of one file.
    """
    found = [name for name in CAPTIONS if is_file(joined(folder, name))]
    for name in found[1:]:
        notes.remark(f"lists of captions that aren't read, as there is a {found[0]}", name)
    described: dict[str, Listed] = {}
    first: dict[str, int] = {}
    for location in (joined(folder, name) for name in found[:1]):
        for number, row in enumerate(list_rows(location, location, notes), 1):
            each = row()
            if described.setdefault(each.name, each) != each:
                raise ValueError(
                    f"{location}: rows {first[each.name]} and {number} differ in what they say of {each.name}"
                )
            first.setdefault(each.name, number)
    return described
