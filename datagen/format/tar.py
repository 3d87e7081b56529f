"""Tars of samples whose bytes depend on the samples alone."""

from __future__ import annotations

import hashlib
import tarfile
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import IO, cast

from underpaint.datagen.format.sample import Sample


@dataclass(frozen=True)
class Span:
    """Where one sample lies in its tar, from its first header to its last padding, and its members' data."""

    offset: int
    bytes: int
    members: dict[str, tuple[int, int]]


class TarStream:
    """Writes samples into a tar whose bytes depend on their keys and contents alone, hashing as it goes."""

    def __init__(self, file: IO[bytes]) -> None:
        self._hashing = _HashingFile(file)
        self._tar = tarfile.open(fileobj=cast("IO[bytes]", self._hashing), mode="w", format=tarfile.USTAR_FORMAT)  # noqa: SIM115

    def add(self, sample: Sample) -> Span:
        """Append the files of a sample, one after the other."""
        start, members = self._tar.offset, {}
        for extension, data in sample.files.items():
            header = tarfile.TarInfo(f"{sample.key}.{extension}")
            header.size = len(data)
            header.mode = 0o644  # and time, owner and group are 0 by default
            members[extension] = (self._tar.offset + tarfile.BLOCKSIZE, len(data))
            self._tar.addfile(header, BytesIO(data))
        return Span(start, self._tar.offset - start, members)

    def close(self) -> tuple[int, str]:
        """End the tar; return its size in bytes and its SHA-256 in hex."""
        self._tar.close()
        return self._hashing.size, self._hashing.digest.hexdigest()


class _HashingFile:
    """Passes on what is written, and keeps its size and SHA-256."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.size, self.digest = file, 0, hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        self.size += len(data)
        return self._file.write(data)

    def tell(self) -> int:
        return self.size


def split_members(data: bytes) -> dict[str, bytes]:
    """Return the members that lie whole and sound at the beginning of a part of a tar: extension -> content."""
    members: dict[str, bytes] = {}
    with suppress(tarfile.TarError), tarfile.open(fileobj=BytesIO(data), mode="r:") as tar:
        for header in tar:
            content = data[header.offset_data : header.offset_data + header.size]
            if len(content) == header.size:
                members[header.name.partition(".")[2]] = content
    return members


def shard_name(index: int) -> str:
    """Return the name of a shard without its suffix: `000000`."""
    return f"{index:06d}"
