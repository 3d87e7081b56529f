"""Parquet files as lists, and as what holds the pictures themselves, read piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import Any

from datagen.listings import CREDITS, Listed, Row, descriptions, listed
from datagen.patience import StoreError
from datagen.picture import BadPicture
from datagen.places import Cell
from datagen.streams import open_stream

TEXTS = ("file", "caption", "trigger", *CREDITS)
# Columns that may hold pictures: bytes, or, as Hugging Face's datasets write them, a struct with `bytes`.
PICTURES = ("image", "bytes")

# Rows that are decoded at once. Of texts a few hundred kB; of pictures a few MB.
TEXT_ROWS, PICTURE_ROWS = 4096, 8
# Column chunks of pictures have hundreds of MB; with a buffer pyarrow doesn't load them whole.
BUFFER = 1 << 20


class _Group:
    """Columns of one row group, decoded a few rows at a time as they are asked for in turn; nothing is read before."""

    def __init__(self, table: Any, group: int, columns: Sequence[str], batch: int) -> None:
        self._table, self._group, self._columns, self._batch = table, group, list(columns), batch
        self._rewind()

    def _rewind(self) -> None:
        self._first, self._rows = 0, list[dict[str, Any]]()
        self._batches = iter(
            self._table.iter_batches(self._batch, row_groups=[self._group], columns=self._columns, use_threads=False)
        )

    def row(self, number: int) -> dict[str, Any]:
        """A row, by its number in the group; one before the last that was asked for costs a new start."""
        if number < self._first:
            self._rewind()
        while number >= self._first + len(self._rows):
            self._first += len(self._rows)
            batch = next(self._batches)
            skipped = self._first + batch.num_rows <= number  # then its rows aren't even made
            self._rows = [{}] * batch.num_rows if skipped else batch.to_pylist()
        return self._rows[number - self._first]


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
            group = _Group(table, number, columns, TEXT_ROWS)
            for row in range(rows):
                cell = Cell(location, number, row, picture) if picture else None
                yield partial(_read, location, name, group, row, first + row, cell)
            first += rows


def _read(location: str, name: str, group: _Group, row: int, number: int, cell: Cell | None) -> Listed:
    try:
        values = group.row(row)
    except Exception as error:  # a damaged file can make the decoder raise anything
        raise ValueError(f"{location}, row {number}: can't be read ({error})") from error
    if cell is None:
        return listed(location, f"row {number}", values)
    described = descriptions(location, f"row {number}", values)
    return Listed(values.get("file") or f"{name}/{number:08d}", cell, *described)


def read_cell(cell: Cell) -> bytes:
    """The bytes of the picture in a cell; none if the cell is null.

    The row group stays open where it was left, as pictures are asked for one after the other.

    Raises:
        BadPicture: `damaged`.
        OSError: FileNotFoundError if there is no such file; or its store is out of order, after all tries.
    """
    try:
        value = _cells(cell.location, cell.group, cell.column).row(cell.row)[cell.column]
    except (StoreError, FileNotFoundError, PermissionError, MemoryError):
        _cells.cache_clear()  # it may be anywhere now
        raise
    except Exception as error:  # a damaged file can make the decoder raise anything
        _cells.cache_clear()
        raise BadPicture("damaged", f"row {cell.row} of group {cell.group}: {error}") from error
    return (value["bytes"] if isinstance(value, dict) else value) or b""


@lru_cache(maxsize=1)
def _cells(location: str, group: int, column: str) -> _Group:
    import pyarrow.parquet as pq

    table = pq.ParquetFile(open_stream(location), buffer_size=BUFFER, pre_buffer=False)
    leaf = f"{column}.bytes" if _is_struct(table.schema_arrow.field(column).type) else column
    return _Group(table, group, [leaf], PICTURE_ROWS)


@contextmanager
def _opened(location: str) -> Iterator[Any]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise ValueError(f"{location} needs pyarrow: pip install 'underpaint[parquet]'") from None
    with open_stream(location) as file:
        try:
            table = pq.ParquetFile(file, buffer_size=BUFFER, pre_buffer=False)
        except pa.ArrowException as error:
            raise ValueError(f"{location} is no Parquet file, or a damaged one: {error}") from None
        yield table


def _picture_column(location: str, schema: Any) -> str | None:
    """The column that holds pictures; None if they are files that another column names."""
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
            if is_bytes(kind) or (_is_struct(kind) and kind.get_field_index("bytes") >= 0):
                return column
            raise ValueError(f"{location}: column `{column}` has {kind}s, but the bytes of pictures are needed")
    if "file" not in schema.names and "url" not in schema.names:
        found = ", ".join(schema.names) or "none"
        raise ValueError(f"{location}: no column named `image`, `bytes`, `file` or `url` among {found}")
    return None


def _is_struct(kind: Any) -> bool:
    import pyarrow.types as types

    return bool(types.is_struct(kind))
