"""Pictures as files, and tars of them, for the tests of sources."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping

from tests.datagen.helpers import synthetic
from underpaint.datagen.pictures.picture import Canvas

CANVAS = Canvas(size=32, square=True, background=(0, 0, 0), min_side=16, max_pixels=1_000_000, max_aspect=4.0)


def encoded(seed: int, kind: str = "PNG", size: tuple[int, int] = (80, 64), mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    synthetic(seed, size).convert(mode).save(buffer, kind)
    return buffer.getvalue()


def tarred(members: Mapping[str, bytes], form: int = tarfile.GNU_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as tar:
        for name, data in members.items():
            header = tarfile.TarInfo(name)
            header.size = len(data)
            tar.addfile(header, io.BytesIO(data))
    return buffer.getvalue()
