"""Shards on their way from one corpus into another: renumbered, and without the pictures that don't belong there."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import IO, Any, Protocol

from underpaint.datagen.format.atomic import canonical_json, naming
from underpaint.datagen.format.manifest import Sums
from underpaint.datagen.format.sample import Sample
from underpaint.datagen.format.seal import seal_fault, sealed_bytes
from underpaint.datagen.format.sidecar import parse_sidecar
from underpaint.datagen.format.tar import TarStream, shard_name
from underpaint.datagen.jobs.maker import Stopwatch
from underpaint.datagen.jobs.plan import JOB_FILE, Part, Plan
from underpaint.datagen.jobs.pool import in_order
from underpaint.datagen.jobs.shard import versions
from underpaint.datagen.storage.claim import only_writer
from underpaint.datagen.storage.sidecars import write_manifest
from underpaint.datagen.storage.store import Store
from underpaint.texts import parse_json

CHUNK = 1 << 20


class OtherBytes(Exception):  # noqa: N818
    """A shard that has other bytes than it should have; it was left out."""


class Rework(Protocol):
    """What makes another sample of each; small, so that it travels well."""

    def __call__(self, sample: Sample, watch: Stopwatch) -> Sample:
        """Return the other sample, under the same key; the very same one if it is to stay as it is."""
        ...


@dataclass(frozen=True, kw_only=True)
class Move:
    """One shard, from where to where; small, so that it travels well.

    Args:
        source: of the corpus that has it.
        index: its number there.
        target: of the corpus that is to have it.
        shard: its number there.
        part: of the plan of that corpus; says which pictures come along, and their numbers.
        sha256: hex, that its tar must have there; None if that isn't known. Another one raises OtherBytes.
        rework: what becomes of each sample on its way; None if nothing does.
    """

    source: Store
    index: int
    target: Store
    shard: int
    part: Part
    sha256: str | None = None
    rework: Rework | None = None


def move_shard(move: Move) -> dict[str, Any]:
    """Write one shard into its new corpus, the tar first, then the sidecar; return the sidecar's content.

    A shard that keeps all its pictures and their numbers is copied byte by byte. Of any other, the samples are written
    anew with their numbers there, as the job would have written them, or reworked. Holds one sample at most.

    Raises:
        ValueError: the shard isn't what its sidecar says.
        OtherBytes: as `Move` says.
        OSError: a store failed.
    """
    tar, data = f"{shard_name(move.shard)}.tar", move.source.read(f"{shard_name(move.index)}.json")
    where = move.source.url(f"{shard_name(move.index)}.tar")
    if fault := seal_fault(data):
        raise ValueError(f"the sidecar of {where} {fault}: `underpaint-data verify --repair` may help")
    record = parse_json(data)
    with naming(move.target.url(tar)), move.target.staged(tar) as path:
        with move.source.open(f"{shard_name(move.index)}.tar") as old, path.open("wb") as new:
            reader = _Reader(old, where)
            record = _rewrite(record, move, reader, new)
        if move.sha256 not in (None, record["sha256"]):
            raise OtherBytes(f"SHA-256 {record['sha256']} instead of {move.sha256}")
        move.target.publish(path, tar)
        move.target.write(f"{shard_name(move.shard)}.json", sealed_bytes(record))
    return record


def refuse_within(out: Store, sources: Iterable[Store]) -> None:
    """Refuse a place that is one of the corpora to be read, or lies in one, whatever links lead there.

    Raises:
        ValueError: it is, or does.
    """
    for source in sources:
        if out.is_within(source):
            raise ValueError(f"--out {out} lies within {source}, which stays as it is: use another --out")


def write_moved(
    plan: Plan, moves: Iterable[Move], out: Store, workers: int | None, on_shard: Callable[[str], None]
) -> Sums:
    """Write a corpus of shards of other corpora, or the rest of one; return what it holds.

    Raises:
        ValueError: `out` holds another corpus; a shard isn't what its sidecar says.
    """
    content = canonical_json(plan.record(), indent=1)
    with only_writer(out) as claim:
        try:
            if out.read(JOB_FILE) != content:
                raise ValueError(f"{out} holds another corpus: use another --out")
        except FileNotFoundError:
            if out.names("[0-9]*"):
                raise ValueError(f"{out} holds shards, but no {JOB_FILE}: use another --out") from None
            out.write(JOB_FILE, content)
        sizes = out.sizes()
        rest = (move for move in moves if not _is_there(move, sizes))
        for record in in_order(move_shard, rest, workers):
            claim.check()
            on_shard(str(record["shard"]))
        return write_manifest(out)


def _is_there(move: Move, sizes: dict[str, int]) -> bool:
    """Return whether an earlier run has written the shard."""
    name = shard_name(move.shard)
    if f"{name}.json" not in sizes:
        return False
    data = move.target.read(f"{name}.json")
    return seal_fault(data) is None and parse_sidecar(data, name).bytes == sizes.get(f"{name}.tar")


class _Reader:
    """A tar that is read from its beginning to its end, and hashed meanwhile."""

    def __init__(self, file: IO[bytes], where: str) -> None:
        self._file, self._where = file, where
        self._position, self._digest = 0, hashlib.sha256()

    def span(self, offset: int, size: int) -> bytes:
        """Read the bytes of the next sample."""
        data = self._file.read(size)
        if offset != self._position or len(data) != size:
            raise ValueError(f"{self._where} has no sample of {size} bytes at {offset}: verify it")
        self._position += size
        self._digest.update(data)
        return data

    def rest(self) -> Iterator[bytes]:
        """Yield everything that is left, in pieces."""
        for chunk in iter(partial(self._file.read, CHUNK), b""):
            self._digest.update(chunk)
            yield chunk

    def check(self, sha256: str) -> None:
        """Compare the SHA-256 of what was read; another one is a ValueError."""
        if self._digest.hexdigest() != sha256:
            raise ValueError(f"{self._where} doesn't have the SHA-256 that its sidecar says: verify it")


def _rewrite(record: dict[str, Any], move: Move, reader: _Reader, new: IO[bytes]) -> dict[str, Any]:
    """Copy the samples that are wanted; return the new content of the sidecar."""
    first, last = move.part.pictures_of(move.shard)
    shift = first - int(record["first"])
    wanted = [sample for sample in record["samples"] if move.part.has(sample["source"])]
    failures = [
        failure | {"index": failure["index"] + shift}
        for failure in record["failures"]
        if move.part.has(failure["source"])
    ]
    changes: dict[str, Any] = {"shard": shard_name(move.shard), "first": first, "last": last, "failures": failures}
    if shift == 0 and len(wanted) == len(record["samples"]) and move.rework is None:
        for chunk in reader.rest():
            new.write(chunk)
    else:
        stream, samples, watch, unchanged = TarStream(new), [], Stopwatch(), 0
        for entry in record["samples"]:
            data = reader.span(entry["offset"], entry["bytes"])
            if move.part.has(entry["source"]):
                sample = moved = _renumbered(entry, data, shift)
                if move.rework is not None:
                    sample = move.rework(moved, watch)
                    unchanged += sample is moved
                span = stream.add(sample)
                psnr = sample.record.get("psnr", entry["psnr"])  # of ink, it may round to another digit
                place = {"offset": span.offset, "bytes": span.bytes, "members": span.members}
                samples.append(entry | {"key": sample.key, "psnr": psnr} | place)
        for _ in reader.rest():
            pass
        size, digest = stream.close()
        changes |= {"samples": samples, "count": len(samples), "bytes": size, "sha256": digest}
        if move.rework is not None:
            seconds = {step: round(value, 3) for step, value in watch.seconds.items()}
            changes |= {"fingerprint": move.part.fingerprint, "seconds": seconds, "versions": versions()}
            changes |= {"unchanged": unchanged}
    reader.check(record["sha256"])
    return record | changes


def _renumbered(entry: dict[str, Any], data: bytes, shift: int) -> Sample:
    """Return a sample under the key that it gets with another number of its picture."""
    number, _, rest = entry["key"].partition("-")
    key = f"{int(number) + shift:08d}-{rest}"
    # In the order of the tar: as every JSON, a sidecar is sorted by name.
    places = sorted(entry["members"].items(), key=lambda item: item[1])
    members = {name: data[start - entry["offset"] :][:size] for name, (start, size) in places}
    if shift:
        members["json"] = canonical_json(parse_json(members["json"]) | {"key": key}, indent=1)
    return Sample(key=key, files=members, record={})
