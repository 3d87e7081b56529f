"""Reading a corpus by its sidecars: any member of any sample, straight from its place in the tar."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import renderers
from datagen.sample import Failure
from datagen.shard import FORMAT_VERSION, sidecar_paths
from datagen.webp import decode_frames


@dataclass(frozen=True)
class SampleEntry:
    """What a sidecar says of one sample; `members` maps an extension to (offset, bytes) in the tar."""

    key: str
    source: str
    renderer: str
    strokes: int
    psnr: float | None
    seed: int
    offset: int
    bytes: int
    members: dict[str, tuple[int, int]]

    @property
    def index(self) -> int:
        """Number of the picture in its source.

        Raises:
            ValueError: the key doesn't begin with a number.
        """
        return int(self.key.partition("-")[0])


@dataclass(frozen=True)
class Sidecar:
    """What is known of one shard without opening its tar."""

    shard: str
    fingerprint: str
    first: int
    last: int
    count: int
    bytes: int
    sha256: str
    samples: tuple[SampleEntry, ...]
    failures: tuple[Failure, ...]
    seconds: dict[str, float]
    versions: dict[str, str]


def read_sidecar(path: Path) -> Sidecar:
    """Read `000000.json`.

    Raises:
        ValueError: not a sidecar, or one of a newer format.
    """
    try:
        record = json.loads(path.read_bytes())
        version = record["format"]
        if version == FORMAT_VERSION:
            return _sidecar(record)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{path} is not a sidecar: {type(error).__name__}: {error}") from None
    raise ValueError(f"{path} has format {version!r}, this program reads {FORMAT_VERSION}: update it")


def _sidecar(record: dict[str, Any]) -> Sidecar:
    return Sidecar(
        shard=str(record["shard"]),
        fingerprint=str(record["fingerprint"]),
        first=int(record["first"]),
        last=int(record["last"]),
        count=int(record["count"]),
        bytes=int(record["bytes"]),
        sha256=str(record["sha256"]),
        samples=tuple(_entry(sample) for sample in record["samples"]),
        failures=tuple(_failure(failure) for failure in record["failures"]),
        seconds={str(step): float(seconds) for step, seconds in record["seconds"].items()},
        versions={str(name): str(version) for name, version in record["versions"].items()},
    )


def _failure(record: dict[str, Any]) -> Failure:
    return Failure(
        source=str(record["source"]),
        index=int(record["index"]),
        # Older corpora have one renderer, and so needn't say which.
        renderer=None if record.get("renderer") is None else str(record["renderer"]),
        reason=str(record["reason"]),
        detail=str(record["detail"]),
    )


def _entry(record: dict[str, Any]) -> SampleEntry:
    return SampleEntry(
        key=str(record["key"]),
        source=str(record["source"]),
        # The key ends with it, and older corpora say it nowhere else.
        renderer=str(record.get("renderer", str(record["key"]).rpartition("-")[2])),
        strokes=int(record["strokes"]),
        psnr=None if record["psnr"] is None else float(record["psnr"]),
        seed=int(record["seed"]),
        offset=int(record["offset"]),
        bytes=int(record["bytes"]),
        members={str(name): (int(offset), int(size)) for name, (offset, size) in record["members"].items()},
    )


def read_sidecars(folder: Path) -> Iterator[Sidecar]:
    """Stream the sidecars of a corpus by shard number.

    Raises:
        ValueError: as `read_sidecar`.
    """
    for path in sidecar_paths(folder):
        yield read_sidecar(path)


class Corpus:
    """A corpus on disk: its samples in order, each found by its key, none unpacked.

    Raises:
        FileNotFoundError: not a folder, or one without shards.
        ValueError: a damaged sidecar.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        if not self.folder.is_dir():
            raise FileNotFoundError(f"{self.folder} is not a folder")
        self.sidecars = tuple(read_sidecars(self.folder))
        if not self.sidecars:
            raise FileNotFoundError(f"{self.folder} holds no finished shard: no 000000.json in it")

    def __len__(self) -> int:
        return sum(sidecar.count for sidecar in self.sidecars)

    def __iter__(self) -> Iterator[CorpusSample]:
        for sidecar in self.sidecars:
            tar = self.folder / f"{sidecar.shard}.tar"
            for entry in sidecar.samples:
                yield CorpusSample(tar, entry)

    @cached_property
    def _by_key(self) -> dict[str, CorpusSample]:
        return {sample.entry.key: sample for sample in self}

    def keys(self) -> tuple[str, ...]:
        """All keys in the order of the corpus."""
        return tuple(self._by_key)

    def find(self, key: str) -> CorpusSample:
        """The sample of a key, or of the only key that starts with, or contains, the given text.

        Raises:
            ValueError: no such key, or several.
        """
        if key in self._by_key:
            return self._by_key[key]
        starts = [other for other in self._by_key if other.startswith(key)]
        contains = [other for other in self._by_key if key in other]
        for matches in (starts, contains):
            if len(matches) == 1:
                return self._by_key[matches[0]]
            if matches:
                shown = ", ".join(matches[:5]) + (", …" if len(matches) > 5 else "")
                raise ValueError(f"{key!r} is the key of no sample, and fits {len(matches)}: {shown}")
        raise ValueError(f"no sample has the key {key!r}; `inspect` lists them")


@dataclass(frozen=True)
class CorpusSample:
    """One sample in its tar."""

    tar: Path
    entry: SampleEntry

    def member(self, extension: str) -> bytes:
        """Content of a member: `webp`, `json`, `strokes.npz`, and `target.webp` where it was stored.

        Raises:
            ValueError: the sample has no such member, or the tar is shorter than its sidecar says.
        """
        if extension not in self.entry.members:
            raise ValueError(f"{self.entry.key} has no {extension}, only {', '.join(self.entry.members)}")
        offset, size = self.entry.members[extension]
        with self.tar.open("rb") as file:
            file.seek(offset)
            data = file.read(size)
        if len(data) != size:
            raise ValueError(f"{self.tar} ends within {self.entry.key}.{extension}")
        return data

    def record(self) -> dict[str, Any]:
        """Content of KEY.json."""
        record: dict[str, Any] = json.loads(self.member("json"))
        return record

    def frames(self) -> NDArray[np.uint8]:
        """The painting process, uint8 (n, H, W, 3)."""
        return decode_frames(self.member("webp"), len(self.record()["frames"]))

    def program(self) -> renderers.Program:
        """The strokes."""
        return renderers.Program.load(io.BytesIO(self.member("strokes.npz")))
