"""Local temporary files for what goes to a remote store, which no kill leaves behind for long."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX, SUFFIX = "underpaint-", ".tmp"


@contextmanager
def staged_file(name: str) -> Iterator[Path]:
    """An empty file in `TMPDIR`, removed when the block ends; what killed processes left there is removed first.

    A lock on the file tells the living from the dead: the kernel lets go of it when its process ends.
    """
    folder = Path(tempfile.gettempdir())
    _sweep(folder)
    descriptor, path = _locked(folder, name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _locked(folder: Path, name: str) -> tuple[int, Path]:
    while True:
        descriptor, text = tempfile.mkstemp(SUFFIX, f"{PREFIX}{name}-", folder)
        path = Path(text)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if path.exists():
            return descriptor, path
        os.close(descriptor)  # swept in the moment between


def _sweep(folder: Path) -> None:
    for path in folder.glob(f"{PREFIX}*{SUFFIX}"):
        try:
            descriptor = os.open(path, os.O_RDWR)
        except OSError:  # another sweeper was faster, or it is another user's
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)
        except OSError:
            continue  # in use
        finally:
            os.close(descriptor)
