"""Sidecars: what a shard holds and where, and so all that is known of a corpus without opening a tar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from underpaint.datagen.format.sample import Failure
from underpaint.texts import parse_json

FORMAT_VERSION = 1


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
    license: str | None = None  # of the picture, where its source named one

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
    unchanged: int = 0  # of a corpus that was reordered, the samples that are what they were


def parse_sidecar(data: bytes, where: str) -> Sidecar:
    """A sidecar from its bytes, which came from `where`.

    Raises:
        ValueError: not a sidecar, or one of a newer format.
    """
    try:
        record = parse_json(data)
        version = record["format"]
        if version == FORMAT_VERSION:
            return _sidecar(record)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{where} is not a sidecar: {type(error).__name__}: {error}") from None
    raise ValueError(f"{where} has format {version!r}, this program reads {FORMAT_VERSION}: update it")


def _sidecar(record: dict[str, Any]) -> Sidecar:
    sidecar = Sidecar(
        shard=_text(record["shard"]),
        fingerprint=_text(record["fingerprint"]),
        first=_whole(record["first"]),
        last=_whole(record["last"]),
        count=_whole(record["count"]),
        bytes=_whole(record["bytes"]),
        sha256=_text(record["sha256"]),
        samples=tuple(_entry(sample) for sample in record["samples"]),
        failures=tuple(_failure(failure) for failure in record["failures"]),
        seconds={str(step): float(seconds) for step, seconds in record["seconds"].items()},
        versions={str(name): str(version) for name, version in record["versions"].items()},
        unchanged=_whole(record.get("unchanged", 0)),
    )
    for sample in sidecar.samples:
        for name, (offset, size) in sample.members.items():
            if offset + size > sidecar.bytes:
                raise ValueError(f"{sample.key}.{name} ends at {offset + size}, the tar at {sidecar.bytes}")
    return sidecar


def _whole(value: Any) -> int:
    """Return a number that counts or numbers something, or places it in a tar."""
    if type(value) is not int or not 0 <= value < 1 << 63:
        raise TypeError(f"{value!r} is no count")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _failure(record: dict[str, Any]) -> Failure:
    return Failure(
        source=_text(record["source"]),
        index=_whole(record["index"]),
        # Older corpora have one renderer, and so needn't say which.
        renderer=None if record.get("renderer") is None else _text(record["renderer"]),
        reason=_text(record["reason"]),
        detail=_text(record["detail"]),
    )


def _entry(record: dict[str, Any]) -> SampleEntry:
    return SampleEntry(
        key=_text(record["key"]),
        source=_text(record["source"]),
        # The key ends with it, and older corpora say it nowhere else.
        renderer=_text(record.get("renderer", record["key"].rpartition("-")[2])),
        strokes=_whole(record["strokes"]),
        psnr=None if record["psnr"] is None else float(record["psnr"]),
        seed=_whole(record["seed"]),
        offset=_whole(record["offset"]),
        bytes=_whole(record["bytes"]),
        members={str(name): (_whole(offset), _whole(size)) for name, (offset, size) in record["members"].items()},
        license=None if record.get("license") is None else _text(record["license"]),
    )


def sidecar_names(names: Iterable[str]) -> list[str]:
    """Those of some file names that are sidecars, by shard number."""
    stems = (name.removesuffix(".json") for name in names if name.endswith(".json"))
    return [f"{stem}.json" for stem in sorted((stem for stem in stems if stem.isdecimal()), key=int)]


def sidecar_paths(folder: Path) -> list[Path]:
    """All sidecars of a corpus, by shard number."""
    return [folder / name for name in sidecar_names(path.name for path in folder.iterdir())]
