"""A folder of this machine as a store: every file appears by a rename, and is on disk by then."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import ENAMETOOLONG, ENOENT
from pathlib import Path
from typing import IO

from underpaint.datagen.format.atomic import atomic_file, put_in_place, temporary_name


class LocalFolder:
    """What `Store` promises, for a path; see there.

    Args:
        folder: need not exist yet.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self) -> None:
        """Make the folder, and those above."""
        self._folder.mkdir(parents=True, exist_ok=True)

    def sizes(self) -> dict[str, int]:
        """Return sizes in bytes, by name."""
        sizes = {}
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(self._folder) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):  # temporary files come and go
                    if entry.is_file():
                        sizes[entry.name] = entry.stat().st_size
        return sizes

    def size(self, name: str) -> int | None:
        """Return the size of a file in bytes, or None."""
        path = self._folder / name
        try:
            return path.stat().st_size if path.is_file() else None
        except OSError as error:
            if error.errno in (ENOENT, ENAMETOOLONG):
                return None
            raise

    def read(self, name: str) -> bytes:
        """Return the content of a file."""
        return (self._folder / name).read_bytes()

    def read_range(self, name: str, offset: int, size: int) -> bytes:
        """Return a part of a file."""
        with (self._folder / name).open("rb") as file:
            file.seek(offset)
            return file.read(size)

    def open(self, name: str) -> IO[bytes]:
        """Open a file for reading."""
        return (self._folder / name).open("rb")

    def write(self, name: str, data: bytes) -> None:
        """Write a small file."""
        with atomic_file(self._folder / name) as file:
            file.write(data)

    @contextmanager
    def staged(self, name: str) -> Iterator[Path]:
        """Yield a path inside the folder, so that publishing is a rename."""
        path = temporary_name(self._folder / name)
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def publish(self, local_file: Path, name: str) -> None:
        """Bring a file onto the disk, then have it appear."""
        put_in_place(local_file, self._folder / name)

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        (self._folder / name).unlink(missing_ok=True)
