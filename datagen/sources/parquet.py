"""Parquet files as lists of pictures that they name, or hold themselves; read piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from underpaint.datagen.pictures.cells import Group, is_struct, open_table
from underpaint.datagen.pictures.places import Cell
from underpaint.datagen.sources.notes import SourceNotes
from underpaint.datagen.sources.rows import (
    OTHERWISE,
    Listed,
    Row,
    columns_of,
    descriptions,
    listed,
    plain_column,
    texts_of,
)
from underpaint.datagen.storage.patience import StoreError
from underpaint.datagen.storage.store import is_url
from underpaint.datagen.storage.streams import joined, open_stream, split
from underpaint.extras import needing
from underpaint.texts import printable

# Columns that may hold pictures: bytes, or, as Hugging Face's datasets write them, a struct with `bytes`.
PICTURES = ("image", "bytes")
TEXT_ROWS = 4096  # decoded at once: a few hundred kB


@dataclass(frozen=True)
class _Layout:
    """The leaves of a table that are read here, the column that holds pictures, if one does, and those of texts."""

    leaves: tuple[str, ...]
    picture: str | None
    named: tuple[str, ...]


def parquet_rows(location: str, name: str, notes: SourceNotes) -> Iterator[Row]:
    """Stream the rows of a Parquet file; row groups whose rows are all skipped aren't read.

    A picture is in the column `image` or `bytes`, or else the file that `file` or `url` names. The column of pictures
    isn't read here, but for the paths in it. Without `file`, those in the table are called by their numbers, as
    `name/00000012`.

    Raises:
        FileNotFoundError: no such file.
        ValueError: no Parquet file, no column with pictures, a column of the wrong type; of a row, no file named.
    """
    with _opened(location) as table:
        schema = _schema(location, table)
        layout = _layout(location, schema)
        notes.unread(location, [name for name in schema.names if name not in (*layout.named, layout.picture)])
        first = 0
        for number in range(table.num_row_groups):
            rows = table.metadata.row_group(number).num_rows
            group = Group(table, number, layout.leaves, TEXT_ROWS)
            for row in range(rows):
                cell = Cell(location, number, row, layout.picture) if layout.picture else None
                yield partial(_read, location, name, group, row, first + row, cell, notes)
            first += rows


def _read(
    location: str, name: str, group: Group, row: int, number: int, cell: Cell | None, notes: SourceNotes
) -> Listed:
    where = f"row {number}"
    try:
        values = group.row(row)
    except Exception as error:  # a damaged file can make the decoder raise anything
        raise ValueError(f"{location}, {where}: can't be read ({printable(str(error))[:200]})") from error
    if cell is None:
        return listed(location, where, values, notes)
    inside = values.pop(cell.column, None)
    texts = texts_of(location, where, values, notes)
    if inside and inside["path"]:
        path = inside["path"]
        cell = replace(cell, instead=path if is_url(path) else joined(split(location)[0].location, path))
    return Listed(texts.get("file") or f"{name}/{number:08d}", cell, *descriptions(texts))


@contextmanager
def _opened(location: str) -> Iterator[Any]:
    with needing(location, "parquet"):
        import pyarrow  # noqa: F401, so that it is told which extra brings it
    with open_stream(location) as file:
        try:
            table = open_table(file)
        except (StoreError, MemoryError):
            raise
        except Exception as error:  # a damaged file can make it raise anything
            raise _damaged(location, error) from None
        yield table


def _schema(location: str, table: Any) -> Any:
    try:
        return table.schema_arrow
    except Exception as error:
        raise _damaged(location, error) from None


def _damaged(location: str, error: Exception) -> ValueError:
    return ValueError(f"{location} is no Parquet file, or a damaged one: {printable(str(error))[:200]}")


def _layout(location: str, schema: Any) -> _Layout:
    """Return what is read of a table with this schema; check the types of its columns."""
    picture = next((name for name in schema.names if _holds_pictures(location, schema, name)), None)
    taken = [name for name in schema.names if picture is None or not _is_alias_of_file(name)]
    try:
        named = columns_of(tuple(taken)).named
    except ValueError as error:
        raise ValueError(f"{location}: {error}") from None
    if picture is None and "file" not in named and "url" not in named:
        found = ", ".join(schema.names) or "none"
        raise ValueError(f"{location}: no column named `image`, `bytes`, `file` or `url` among {printable(found)}")
    leaves = [_text_leaf(location, schema, column, is_file=name == "file") for name, column in named.items()]
    if picture is not None and _has_texts(schema.field(picture).type, "path"):
        leaves.append(f"{picture}.path")
    return _Layout(tuple(leaves), picture, tuple(named.values()))


def _is_alias_of_file(column: str) -> bool:
    """Return whether a column could name files if there were no pictures in the table; then only `file` does."""
    return plain_column(column) in OTHERWISE["file"]


def _holds_pictures(location: str, schema: Any, column: str) -> bool:
    if plain_column(column) not in PICTURES or schema.names.count(column) > 1:
        return False
    kind = schema.field(column).type
    if _is_bytes(kind) or (is_struct(kind) and kind.get_field_index("bytes") >= 0):
        return True
    if plain_column(column) in OTHERWISE["file"] and (_is_text(kind) or _has_texts(kind, "path")):
        return False  # files, then
    raise ValueError(f"{location}: column `{column}` has {kind}s, but the bytes or the paths of pictures are needed")


def _text_leaf(location: str, schema: Any, column: str, *, is_file: bool) -> str:
    kind = schema.field(column).type
    if is_file and _has_texts(kind, "path"):
        return f"{column}.path"
    if not _is_text(kind):
        raise ValueError(f"{location}: column `{column}` has {kind}s, but texts are needed")
    return column


def _has_texts(kind: Any, field: str) -> bool:
    return is_struct(kind) and kind.get_field_index(field) >= 0 and _is_text(kind.field(field).type)


def _is_text(kind: Any) -> bool:
    import pyarrow.types as types

    kind = kind.value_type if types.is_dictionary(kind) else kind
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_null(kind))


def _is_bytes(kind: Any) -> bool:
    import pyarrow.types as types

    return bool(types.is_binary(kind) or types.is_large_binary(kind))
