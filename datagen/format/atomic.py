"""Files and folders that are either whole or not there."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EACCES, EAGAIN, EBUSY, EDQUOT, EIO, ENOSPC, ESTALE, EXDEV
from pathlib import Path
from typing import IO, Any

# A sync that fails so has lost something. CIFS, FUSE, 9p and others have many more words for syncing no folders.
_LOST = (EIO, ENOSPC, EDQUOT)
# What a rename may be refused with for a moment: NFS whose server is busy, Windows while somebody reads the file.
_BUSY = (EBUSY, ESTALE, EAGAIN, EACCES) if os.name == "nt" else (EBUSY, ESTALE, EAGAIN)
_RENAME_PAUSES = (0.05, 0.2, 0.5, 1.0, 2.0)


def temporary_name(path: Path) -> Path:
    """A name beside `path` for writing it; the leading dot keeps it out of globs such as `*.tar`."""
    return path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp")


@contextmanager
def naming(place: Path | str) -> Iterator[None]:
    """Let what goes wrong within say where it is: of a full disk, or a quota, the system says nothing but that."""
    try:
        yield
    except OSError as error:
        if error.errno is not None and error.filename is None:
            error.filename = str(place)
        raise


@contextmanager
def atomic_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that appears as `path` when the block ends, whole and on disk, or not at all."""
    temporary = temporary_name(path)
    try:
        with naming(path):
            with temporary.open("wb") as file:
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

    One that is there stays as it was, or is put back, whatever fails. One process at a time may write it: what another
    one left unfinished when it was killed is taken away.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary, aside = path.with_name(f".{path.name}.tmp"), path.with_name(f".{path.name}.old.tmp")
    if aside.exists() and not path.exists():
        aside.replace(path)  # killed between the two renames below
    _remove(aside)
    _remove(temporary)
    try:
        with naming(path):
            temporary.mkdir()
            yield temporary
            _sync_all(temporary)
            _exchange(temporary, path, aside)
    except BaseException:
        _remove(temporary)
        raise
    sync_folder(path.parent)
    _remove(aside)


def _exchange(temporary: Path, path: Path, aside: Path) -> None:
    """Rename a folder to `path`, after what is there to `aside`: no folder can be replaced by one that isn't empty."""
    if path.exists():
        _move_aside(path, aside)
    try:
        rename(temporary, path)
    except BaseException:
        if aside.exists():
            aside.replace(path)
        raise


def _move_aside(path: Path, aside: Path) -> None:
    try:
        rename(path, aside)
    except OSError as error:
        if error.errno != EXDEV:
            raise
        _remove(path)  # overlays rename no folder of a lower layer


def _sync_all(folder: Path) -> None:
    for below in sorted(folder.rglob("*"), reverse=True):
        if below.is_dir():
            sync_folder(below)
        else:
            sync_file(below)
    sync_folder(folder)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def put_in_place(temporary: Path, path: Path) -> None:
    """Bring a finished file onto the disk, then rename it to `path`, in the same folder."""
    sync_file(temporary)
    rename(temporary, path)
    sync_folder(path.parent)


def rename(temporary: Path, path: Path) -> None:
    """Rename, in the same folder and with some patience; what is there is replaced, but no folder that isn't empty.

    Raises:
        OSError: it can't be done.
    """
    number = temporary.stat().st_ino
    for pause in (*_RENAME_PAUSES, None):
        try:
            temporary.replace(path)
        except FileNotFoundError:
            if path.exists() and path.stat().st_ino == number:
                return  # a server did it, and its answer was lost
            raise
        except OSError as error:
            if error.errno not in _BUSY or pause is None:
                raise
            time.sleep(pause)
        else:
            return


def sync_file(path: Path) -> None:
    """Make the content of a file survive a power cut."""
    # Windows syncs no file that is open for reading alone; elsewhere it may be one that can't be written any more.
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        _sync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make renames in `folder` survive a power cut, where folders can be opened and synced."""
    if os.name == "nt":
        return  # Windows opens no folders; NTFS keeps a journal of renames
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        if error.errno in _LOST:
            raise
        return
    try:
        _sync(descriptor)
    finally:
        os.close(descriptor)


def _sync(descriptor: int) -> None:
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno in _LOST:
            raise


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
