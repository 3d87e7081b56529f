"""Files and folders that are either whole or not there."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EDQUOT, EFBIG, EINVAL, ENOSPC, ENOTSUP
from pathlib import Path
from typing import IO, Any

_NO_ROOM = (ENOSPC, EDQUOT, EFBIG)
# What file systems answer that can sync files, but no folders.
_NO_FOLDER_SYNC = (EINVAL, ENOTSUP)


def temporary_name(path: Path) -> Path:
    """A name beside `path` for writing it; the leading dot keeps it out of globs such as `*.tar`."""
    return path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp")


@contextmanager
def naming(place: Path | str) -> Iterator[None]:
    """Let a lack of room within say where it is: of a full disk, or a quota, the system says nothing but that."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM and error.filename is None:
            error.filename = str(place)
        raise


@contextmanager
def atomic_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that appears as `path` when the block ends, whole and on disk, or not at all."""
    temporary = temporary_name(path)
    try:
        with naming(path), temporary.open("wb") as file:
            yield file
        put_in_place(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_file(path: Path, content: bytes) -> None:
    """Write a file that appears whole and on disk, or not at all."""
    with atomic_file(path) as file:
        file.write(content)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Fill a folder that appears as `path` when the block ends, whole and on disk, in place of one that is there.

    One process at a time may write it: what another one left unfinished is taken away.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    yield temporary
    for below in sorted(temporary.rglob("*"), reverse=True):
        if below.is_dir():
            sync_folder(below)
        else:
            sync_file(below)
    sync_folder(temporary)
    if path.exists():
        shutil.rmtree(path)
    temporary.replace(path)
    sync_folder(path.parent)


def put_in_place(temporary: Path, path: Path) -> None:
    """Bring a finished file onto the disk, then rename it to `path`, in the same folder."""
    sync_file(temporary)
    temporary.replace(path)
    sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Make the content of a file survive a power cut."""
    with path.open("rb+") as file:  # Windows syncs no file that is open for reading alone
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make renames in `folder` survive a power cut, where folders can be synced."""
    if os.name == "nt":
        return  # Windows opens no folders; NTFS keeps a journal of renames
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            raise
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
    write_file(path, canonical_json(record, indent=1))
