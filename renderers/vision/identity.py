"""Which model made something: its name, and a digest of its files."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

from underpaint.renderers.vision.folders import model_files, stamp
from underpaint.texts import printable

_DIGITS = 16
_BLOCK = 1 << 20


def identity(model: Path) -> str:
    """Return the name of a model's file or folder, and sixteen digits of the SHA-256 of all that decides what it gives.

    Where it lies, and when it was copied there, doesn't matter. Takes about a second for a gigabyte, once.
    """
    path = Path(model).expanduser().absolute()
    return f"{printable(path.name)} {_digest(path, stamp(path))}"


@functools.lru_cache
def _digest(model: Path, changed: object) -> str:
    digest = hashlib.sha256()
    for path in model_files(model):
        if model.is_dir():
            digest.update(f"{path.name} {path.stat().st_size}\n".encode(errors="surrogateescape"))
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    return digest.hexdigest()[:_DIGITS]
