"""Parquet files as lists of pictures that they name, or hold themselves; read piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from underpaint.datagen.pictures.cells import Group, is_struct, open_table
from underpaint.datagen.pictures.places import Cell
from underpaint.datagen.sources.rows import CREDITS, Listed, Row, descriptions, listed
from underpaint.datagen.storage.streams import open_stream
from underpaint.extras import needing

TEXTS = ("file", "caption", "trigger", *CREDITS)
# Columns that may hold pictures: bytes, or, as Hugging Face's datasets write them, a struct with `bytes`.
PICTURES = ("image", "bytes")
TEXT_ROWS = 4096  # decoded at once: a few hundred kB


def parquet_rows(location: str, name: str) -> Iterator[Row]:
    """Stream the rows of a Parquet file; row groups whose rows are all skipped aren't read.

    A picture is in the column `image` or `bytes`, or else the file that `file` or `url` names. The column of pictures
    isn't read here. Without `file`, those in the table are called by their numbers, as `name/00000012`.

    Raises:
        FileNotFoundError: no such file.
        ValueError: no Parquet file, no column with pictures, a column of the wrong type; of a row, no file named.
    """
    with _opened(location) as table:
        schema = table.schema_arrow
        picture = _picture_column(location, schema)
        columns = [column for column in TEXTS if column in schema.names]
        first = 0
        for number in range(table.num_row_groups):
            rows = table.metadata.row_group(number).num_rows
            group = Group(table, number, columns, TEXT_ROWS)
            for row in range(rows):
                cell = Cell(location, number, row, picture) if picture else None
                yield partial(_read, location, name, group, row, first + row, cell)
            first += rows


def _read(location: str, name: str, group: Group, row: int, number: int, cell: Cell | None) -> Listed:
    try:
        values = group.row(row)
    except Exception as error:  # a damaged file can make the decoder raise anything
        raise ValueError(f"{location}, row {number}: can't be read ({error})") from error
    if cell is None:
        return listed(location, f"row {number}", values)
    described = descriptions(location, f"row {number}", values)
    return Listed(values.get("file") or f"{name}/{number:08d}", cell, *described)


@contextmanager
def _opened(location: str) -> Iterator[Any]:
    with needing(location, "parquet"):
        import pyarrow as pa
    with open_stream(location) as file:
        try:
            table = open_table(file)
        except pa.ArrowException as error:
            raise ValueError(f"{location} is no Parquet file, or a damaged one: {error}") from None
        yield table


def _picture_column(location: str, schema: Any) -> str | None:
    """Return the column that holds pictures; None if they are files that another column names."""
    import pyarrow.types as types

    def is_text(kind: Any) -> bool:
        kind = kind.value_type if types.is_dictionary(kind) else kind
        return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_null(kind))

    def is_bytes(kind: Any) -> bool:
        return bool(types.is_binary(kind) or types.is_large_binary(kind))

    for column in TEXTS:
        if column in schema.names and not is_text(schema.field(column).type):
            raise ValueError(f"{location}: column `{column}` has {schema.field(column).type}s, but texts are needed")
    for column in PICTURES:
        if column in schema.names:
            kind = schema.field(column).type
            if is_bytes(kind) or (is_struct(kind) and kind.get_field_index("bytes") >= 0):
                return column
            raise ValueError(f"{location}: column `{column}` has {kind}s, but the bytes of pictures are needed")
    if "file" not in schema.names and "url" not in schema.names:
        found = ", ".join(schema.names) or "none"
        raise ValueError(f"{location}: no column named `image`, `bytes`, `file` or `url` among {found}")
    return None
