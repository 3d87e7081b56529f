"""Locks between processes, on every operating system, and on file systems whose kernel has none.

Beside the packages, and importing none of them: corpora, runs and the whole chain hold their folders by them.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from filelock import BaseFileLock, FileLock, SoftFileLock


def lock_at(path: Path) -> BaseFileLock:
    """Return a lock for one process at a time, not yet acquired, by a file at `path`, whose folder exists.

    The kernel holds it where it can, and lets go of it when its process ends, however that ends. Some network file
    systems have no such locks (`flock` fails): there the lock is a file `path` and `.pid`, which says whose it is.
    Another process on the same machine takes it over when that one is dead; of another machine's, nobody can tell.

    Raises (when acquired):
        filelock.Timeout: another process has it.
    """
    # FileLock's own fallback uses the same path, where the empty file of an earlier kernel's lock would count as held.
    return FileLock(path) if _kernel_locks(path.parent) else SoftFileLock(path.with_name(f"{path.name}.pid"))


def _kernel_locks(folder: Path) -> bool:
    """Return whether files in a folder can be locked by the kernel."""
    try:
        import fcntl  # which Windows lacks
    except ImportError:
        return os.name == "nt"
    with tempfile.TemporaryFile(dir=folder) as probe:
        try:
            fcntl.flock(probe, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True
