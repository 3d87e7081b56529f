"""Shards: byte-reproducible tars of samples, each made to count by its sidecar."""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from platform import python_version
from typing import IO, Any, cast

import renderers
from datagen.atomic import canonical_json, sync, sync_folder, temporary_name
from datagen.maker import Maker
from datagen.sample import Failure, Sample, Stopwatch
from datagen.sources import Source

FORMAT_VERSION = 1

# Called with (sources done, failures among them) after every source of a shard.
Report = Callable[[int, int], None]


class ShardFailed(Exception):  # noqa: N818
    """A shard that couldn't be written for a reason that lies not in single pictures."""


@dataclass(frozen=True, kw_only=True)
class ShardTask:
    """The sources of one shard, and who makes what of them; small, so that it travels well."""

    index: int
    sources: tuple[Source, ...]
    maker: Maker
    fingerprint: str


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


def shard_name(index: int) -> str:
    """Name of a shard without its suffix: `000000`."""
    return f"{index:06d}"


def write_shard(task: ShardTask, report: Report) -> dict[str, Any]:
    """Make every sample of a shard and write `000000.tar`, then `000000.json`; return the latter's content.

    Both appear whole under their names or not at all, the tar first: a tar without its sidecar doesn't count.
    Never holds more than one sample. Doing it again gives the same tar to the byte.

    Raises:
        ShardFailed: a renderer failed on every picture that it was to paint.
        OSError: the folder can't be written.
    """
    folder = task.maker.config.out
    tar = folder / f"{shard_name(task.index)}.tar"
    sidecar = tar.with_suffix(".json")
    temporaries = temporary_name(tar), temporary_name(sidecar)
    try:
        with temporaries[0].open("wb") as file:
            record = _fill(task, file, report)
            sync(file)
        with temporaries[1].open("wb") as file:
            file.write(canonical_json(record, indent=1))
            sync(file)
        for temporary, final in zip(temporaries, (tar, sidecar), strict=True):
            temporary.replace(final)
            # After each: a power cut must not leave the sidecar without its tar.
            sync_folder(folder)
    finally:
        for temporary in temporaries:
            with suppress(FileNotFoundError):
                temporary.unlink()
    return record


def _fill(task: ShardTask, file: IO[bytes], report: Report) -> dict[str, Any]:
    stream, watch = TarStream(file), Stopwatch()
    samples: list[dict[str, Any]] = []
    failures: list[Failure] = []
    for done, source in enumerate(task.sources, 1):
        for made in task.maker.make(source, watch):
            if isinstance(made, Failure):
                failures.append(made)
            else:
                with watch.step("write"):
                    samples.append(_sample_entry(made, stream.add(made)))
        report(done, len(failures))
    _check_renderers(samples, failures)
    size, digest = stream.close()
    return {
        "format": FORMAT_VERSION,
        "fingerprint": task.fingerprint,
        "shard": shard_name(task.index),
        "first": task.sources[0].index,
        "last": task.sources[-1].index,
        "count": len(samples),
        "bytes": size,
        "sha256": digest,
        "samples": samples,
        "failures": [asdict(failure) for failure in failures],
        "seconds": {step: round(seconds, 3) for step, seconds in watch.seconds.items()},
        "versions": versions(),
    }


def _sample_entry(sample: Sample, span: Span) -> dict[str, Any]:
    entry = {name: sample.record[name] for name in ("key", "source", "renderer", "strokes", "psnr", "seed")}
    return entry | {"offset": span.offset, "bytes": span.bytes, "members": span.members}


def _check_renderers(samples: list[dict[str, Any]], failures: list[Failure]) -> None:
    """A renderer that paints nothing is broken (no memory, no cache folder): that must not pass for done."""
    working = {sample["renderer"] for sample in samples}
    for failure in failures:
        if failure.reason == "not-painted" and failure.renderer not in working:
            raise ShardFailed(
                f"{failure.renderer} could paint none of the pictures; {failure.source}: {failure.detail}"
            )


def versions() -> dict[str, str]:
    """Versions of everything that has a say in the bytes, and the processor that the kernels were compiled for."""
    libraries = {name: version(name) for name in ("numpy", "numba", "pillow", "av")}
    own = {"underpaint": renderers.__version__, "python": python_version(), "processor": renderers.kernel_target()}
    return own | libraries


def sidecar_paths(folder: Path) -> list[Path]:
    """All sidecars of a corpus, by shard number."""
    found = (path for path in folder.glob("[0-9]*.json") if path.stem.isdigit())
    return sorted(found, key=lambda path: int(path.stem))
