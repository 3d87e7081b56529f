"""CSV and TSV as spreadsheets write them, read strictly: a stray quote or comma is told, not guessed at."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain

from underpaint.datagen.pictures.names import is_picture_name
from underpaint.datagen.sources.notes import SourceNotes
from underpaint.datagen.sources.rows import Columns, Listed, Row, columns_of, listed
from underpaint.datagen.storage.store import is_url
from underpaint.datagen.storage.streams import open_stream
from underpaint.texts import printable

DELIMITERS = ",;\t|"
# What stands for a byte that isn't UTF-8, once it is decoded by `surrogateescape`.
_NO_UTF8 = re.compile("[\udc80-\udcff]")


def csv_rows(listing: str, notes: SourceNotes) -> Iterator[Row]:
    """Stream the rows below a header with `file`, or `url`, and perhaps `caption`, `trigger` and `CREDITS`.

    Cells are separated by what makes the header have such a column: a comma, semicolon, tab or bar. Blanks around a
    cell don't count, and neither do lines without any text.

    Raises:
        FileNotFoundError: no such list.
        ValueError: no such column, two that mean the same, not UTF-8, a quote that isn't closed where its cell ends;
            from a row, too many or too few cells. Names the line.
    """
    # utf-8-sig: spreadsheets put a byte order mark in front, which is no part of the first column's name.
    decoded = partial(io.TextIOWrapper, encoding="utf-8-sig", errors="surrogateescape", newline="")
    with open_stream(listing) as file, decoded(file) as text:
        lines = _checked(listing, text)
        leading = _up_to_the_first_with_text(lines)
        delimiter = next((each for each in DELIMITERS if leading and _names_a_file(leading[-1], each)), ",")
        records = _records(listing, chain(leading, lines), delimiter)
        start, header = next(records, (1, []))
        header = _without_blank_end(header)
        notes.unread(listing, _columns(listing, start, header).unread)
        for number, cells in records:
            yield partial(_row, listing, f"line {number}", header, cells, notes)


def _checked(listing: str, lines: Iterable[str]) -> Iterator[str]:
    """Pass on lines that are text."""
    for number, line in enumerate(lines, 1):
        if "\0" in line or _NO_UTF8.search(line):
            raise ValueError(f"{listing}, line {number}: not UTF-8: save the list as UTF-8")
        yield line


def _up_to_the_first_with_text(lines: Iterator[str]) -> list[str]:
    leading = []
    for line in lines:
        leading.append(line)
        if line.strip():
            break
    return leading


def _names_a_file(head: str, delimiter: str) -> bool:
    try:
        named = columns_of(tuple(next(csv.reader([head], delimiter=delimiter, skipinitialspace=True), ()))).named
    except (csv.Error, ValueError):  # it will be said of the whole header
        return False
    return "file" in named or "url" in named


def _columns(listing: str, number: int, header: list[str]) -> Columns:
    try:
        columns = columns_of(tuple(header))
    except ValueError as error:
        raise ValueError(f"{listing}, line {number}: {error}") from None
    if "file" not in columns.named and "url" not in columns.named:
        found = printable(", ".join(header)[:200]) or "none"
        raise ValueError(f"{listing}, line {number}: no column named `file` (or `url`) among {found}")
    return columns


def _records(listing: str, lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Stream the records in which there is something, each with the line that it begins in."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
    while True:
        first = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            where = f"line {first}" if reader.line_num <= first else f"lines {first} to {reader.line_num}"
            raise ValueError(
                f"{listing}, {where}: {error}; a quote that begins a cell must end it, and those within be doubled"
            ) from None
        if cells is None:
            return
        if reader.line_num > first and any(_holds_a_row(cell, delimiter) for cell in cells):
            raise ValueError(
                f"{listing}, line {first}: its quotes hold what looks like rows, up to line {reader.line_num}: remove "
                "a quote too many, or double it (what is meant so can be given as .jsonl)"
            )
        cells = [cell.strip() for cell in cells]
        if any(cells):
            yield first, cells


def _holds_a_row(cell: str, delimiter: str) -> bool:
    """Return whether a line of several in a cell names a picture beside something else, or two lines name one."""
    if "\n" not in cell and "\r" not in cell:
        return False
    rows = [line.split(delimiter) for line in cell.splitlines()]
    named = [len(row) for row in rows if any(_is_picture(each.strip(' "')) for each in row)]
    return len(named) > 1 or max(named, default=0) > 1


def _is_picture(text: str) -> bool:
    return is_picture_name(text) or is_url(text)


def _without_blank_end(cells: list[str]) -> list[str]:
    """Leave out what a separator at the end of a line adds; a cell there that isn't blank has no column."""
    while cells and not cells[-1]:
        cells = cells[:-1]
    return cells


def _row(listing: str, where: str, header: list[str], cells: list[str], notes: SourceNotes) -> Listed:
    if len(cells) > len(header):
        cells = cells[: len(header)] + _without_blank_end(cells[len(header) :])
    if len(cells) != len(header):
        raise ValueError(
            f"{listing}, {where}: cells: {len(cells)}, of the header: {len(header)}; put what has a comma in quotes"
        )
    return listed(listing, where, dict(zip(header, cells, strict=True)), notes)
