"""Files that are either whole or not there."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any


def temporary_name(path: Path) -> Path:
    """A name beside `path` for writing it; the leading dot keeps it out of globs such as `*.tar`."""
    return path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp")


@contextmanager
def atomic_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that appears as `path` when the block ends, whole and on disk, or not at all."""
    temporary = temporary_name(path)
    try:
        with temporary.open("wb") as file:
            yield file
            sync(file)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync(file: IO[bytes]) -> None:
    """Bring everything written to `file` onto the disk."""
    file.flush()
    os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make renames in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def canonical_json(record: Any, *, indent: int | None = None) -> bytes:
    """JSON with sorted keys and one newline at the end: equal records give equal bytes.

    Raises:
        ValueError: NaN or infinity, which JSON doesn't have.
    """
    separators = (",", ":") if indent is None else (",", ": ")
    text = json.dumps(record, sort_keys=True, allow_nan=False, indent=indent, separators=separators)
    return text.encode("ascii") + b"\n"


def write_json(path: Path, record: Any) -> None:
    """Write a record as canonical, indented JSON, atomically."""
    with atomic_file(path) as file:
        file.write(canonical_json(record, indent=1))
