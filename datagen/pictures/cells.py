"""Cells of Parquet files: the pictures in them, decoded a few rows at a time."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import IO, Any

from underpaint.datagen.pictures.picture import BadPicture
from underpaint.datagen.storage.patience import is_passing
from underpaint.datagen.storage.streams import open_stream

PICTURE_ROWS = 8  # decoded at once: a few MB
# Column chunks of pictures have hundreds of MB; with a buffer pyarrow doesn't load them whole.
BUFFER = 1 << 20


def read_cell(location: str, group: int, row: int, column: str) -> bytes:
    """Return the bytes of the picture in a cell, by its row group and its row in there; none if the cell is null.

    The row group stays open where it was left, as pictures are asked for one after the other.

    Raises:
        BadPicture: `damaged`.
        OSError: FileNotFoundError if there is no such file; or its store is out of order, after all tries.
    """
    try:
        value = _opened(location, group, column).row(row)[column]
    except ImportError:
        raise  # the machine lacks pyarrow, which is no fault of the picture's
    except Exception as error:  # a damaged file can make the decoder raise anything
        _opened.cache_clear()  # it may be anywhere now
        if isinstance(error, FileNotFoundError | PermissionError | MemoryError) or is_passing(error):
            raise
        raise BadPicture("damaged", f"row {row} of group {group}: {error}") from error
    return (value["bytes"] if isinstance(value, dict) else value) or b""


@lru_cache(maxsize=1)
def _opened(location: str, group: int, column: str) -> Group:
    table = open_table(open_stream(location))
    leaf = f"{column}.bytes" if is_struct(table.schema_arrow.field(column).type) else column
    return Group(table, group, [leaf], PICTURE_ROWS)


def open_table(file: IO[bytes]) -> Any:
    """Return the `pyarrow.parquet.ParquetFile` of a file; raises whatever pyarrow does."""
    import pyarrow.parquet as pq  # takes half a second, and is an extra

    return pq.ParquetFile(file, buffer_size=BUFFER, pre_buffer=False)


def is_struct(kind: Any) -> bool:
    """Return whether a type of Arrow's is a struct, as Hugging Face's datasets write pictures."""
    import pyarrow.types as types

    return bool(types.is_struct(kind))


class Group:
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
        """Return a row, by its number in the group; one before the last that was asked for costs a new start."""
        if number < self._first:
            self._rewind()
        while number >= self._first + len(self._rows):
            self._first += len(self._rows)
            batch = next(self._batches)
            skipped = self._first + batch.num_rows <= number  # then its rows aren't even made
            self._rows = [{}] * batch.num_rows if skipped else batch.to_pylist()
        return self._rows[number - self._first]
