"""Local temporary files for what goes to a remote store, which no kill leaves behind for long."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import BaseFileLock, Timeout

from underpaint.locks import lock_at

PREFIX, SUFFIX, LOCK = "underpaint-", ".tmp", "lock"


@contextmanager
def staged_file(name: str) -> Iterator[Path]:
    """Yield a path in a folder of its own in `TMPDIR`, removed when the block ends; those of killed processes go first.

    A lock in the folder tells the living from the dead.
    """
    parent = Path(tempfile.gettempdir())
    _sweep(parent)
    folder, lock = _locked_folder(parent, name)
    try:
        yield folder / name
    finally:
        lock.release()
        shutil.rmtree(folder, ignore_errors=True)


def _locked_folder(parent: Path, name: str) -> tuple[Path, BaseFileLock]:
    while True:
        folder = Path(tempfile.mkdtemp(SUFFIX, f"{PREFIX}{name}-", parent))
        try:
            lock = lock_at(folder / LOCK)
            lock.acquire(timeout=0)
        except (Timeout, FileNotFoundError):
            continue  # swept in the moment between
        if folder.exists():
            return folder, lock
        lock.release()


def _sweep(parent: Path) -> None:
    for folder in parent.glob(f"{PREFIX}*{SUFFIX}"):
        try:
            with lock_at(folder / LOCK).acquire(timeout=0):
                shutil.rmtree(folder, ignore_errors=True)
            shutil.rmtree(folder, ignore_errors=True)  # Windows removes no file that is locked
        except (Timeout, OSError):
            continue  # in use, another user's, or another sweeper was faster
