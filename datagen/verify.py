"""Does a corpus hold what it says? Every checksum, count, member, frame and stroke."""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datagen.accounting import account_faults
from datagen.atomic import canonical_json
from datagen.corpus import CorpusSample, Sidecar, read_sidecar
from datagen.job import JOB_FILE
from datagen.manifest import MANIFEST_FILE, Statistics, manifest_record
from datagen.seeds import renderers_of
from datagen.shard import shard_name, sidecar_paths
from datagen.verify_sample import sample_faults

CHUNK = 1 << 20


@dataclass(frozen=True)
class Fault:
    """Something that is wrong; `shard` and `key` are empty where it concerns the whole corpus or shard."""

    shard: str
    key: str
    kind: str
    detail: str

    def __str__(self) -> str:
        place = "/".join(part for part in (self.shard, self.key) if part) or "corpus"
        return f"{place}: {self.kind}: {self.detail}"


def verify(folder: Path, on_shard: Callable[[str], None] = lambda shard: None) -> list[Fault]:
    """Check a corpus from job.json to the last stroke; an empty list means that all is well.

    Whatever is broken becomes a `Fault`, never an exception. Memory holds one sample and the list of keys.
    `on_shard` hears of every shard before it is read.

    Raises:
        FileNotFoundError: not a folder.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is not a folder")
    return list(_Verification(folder, on_shard).faults())


@dataclass(frozen=True)
class _Plan:
    """What job.json promises."""

    config: dict[str, Any]
    pictures: int
    shard_size: int
    fingerprint: str
    renderers: tuple[str, ...]
    mix: bool
    seed: int

    @property
    def shards(self) -> int:
        return -(-self.pictures // self.shard_size)

    @classmethod
    def read(cls, path: Path) -> _Plan | None:
        job = _json(path)
        try:
            config = dict(job["config"])
            plan = cls(
                config=config,
                pictures=int(job["sources"]["count"]),
                shard_size=int(config["shard_size"]),
                fingerprint=str(job["fingerprint"]),
                renderers=tuple(str(config["renderer"]).split(",")),
                mix=bool(config.get("mix", False)),  # older corpora have one renderer
                seed=int(config.get("seed", 0)),  # an import draws nothing
            )
        except (KeyError, TypeError, ValueError):
            return None
        return plan if plan.shard_size > 0 else None

    def media_of(self, source: str) -> tuple[str, ...]:
        """The renderers that are to paint a picture."""
        return renderers_of(source, self.renderers, mix=self.mix, run_seed=self.seed)


class _Verification:
    def __init__(self, folder: Path, on_shard: Callable[[str], None]) -> None:
        self.folder = folder
        self.on_shard = on_shard
        self.job = _Plan.read(folder / JOB_FILE)
        self.config = self.job.config if self.job else {}
        self.first_seen: dict[str, str] = {}  # key -> shard

    def faults(self) -> Iterator[Fault]:
        sidecars = sidecar_paths(self.folder)
        yield from self._completeness({path.stem for path in sidecars})
        sums = Statistics()
        for path in sidecars:
            self.on_shard(path.stem)
            try:
                sidecar = read_sidecar(path)
            except (ValueError, OSError) as error:
                yield Fault(path.stem, "", "sidecar", str(error))
                continue
            sums.add(sidecar)
            yield from self._shard(path.stem, sidecar)
        if not self._manifest_agrees(sums):
            yield Fault("", "", "manifest", f"{MANIFEST_FILE} is missing, or doesn't agree with the sidecars")

    def _manifest_agrees(self, sums: Statistics) -> bool:
        try:
            derived = json.loads(canonical_json(manifest_record(sums)))
        except ValueError:  # a damaged sidecar may hold a number beyond all bounds
            return False
        stored = _json(self.folder / MANIFEST_FILE)
        if isinstance(stored, dict) and "renderers" not in stored:  # an older corpus
            del derived["renderers"]
        return bool(stored == derived)

    def _completeness(self, present: set[str]) -> Iterator[Fault]:
        if self.job is None:
            yield Fault("", "", "job", f"{JOB_FILE} is missing or damaged, so missing shards can't be told")
        for index in range(self.job.shards if self.job else 0):
            if shard_name(index) not in present:
                yield Fault(shard_name(index), "", "missing-shard", "no sidecar: run the same command again")
        for tar in sorted(self.folder.glob("*.tar")):
            if tar.stem not in present:
                yield Fault(tar.stem, "", "stray-tar", "a tar without its sidecar doesn't count")

    def _shard(self, shard: str, sidecar: Sidecar) -> Iterator[Fault]:
        if self.job is not None and sidecar.fingerprint != self.job.fingerprint:
            yield Fault(shard, "", "fingerprint", f"made by another job than {JOB_FILE} tells of")
        if sidecar.shard != shard:
            yield Fault(shard, "", "sidecar", f"is the sidecar of shard {sidecar.shard}")
        media_of = self.job.media_of if self.job else None
        for kind, detail in (*self._range(sidecar), *account_faults(sidecar, media_of)):
            yield Fault(shard, "", kind, detail)
        for entry in sidecar.samples:
            if entry.key in self.first_seen:
                yield Fault(shard, entry.key, "key", f"also in shard {self.first_seen[entry.key]}")
            self.first_seen.setdefault(entry.key, shard)
        tar = self.folder / f"{shard}.tar"
        if not tar.is_file():
            yield Fault(shard, "", "missing-tar", f"no {tar.name}")
            return
        for kind, detail in (*_checksum(tar, sidecar), *_members(tar, sidecar)):
            yield Fault(shard, "", kind, detail)
        for entry in sidecar.samples:
            for kind, detail in sample_faults(CorpusSample(tar, entry), self.config):
                yield Fault(shard, entry.key, kind, detail)

    def _range(self, sidecar: Sidecar) -> Iterator[tuple[str, str]]:
        """A shard is made of the pictures that its number says."""
        if self.job is None or not sidecar.shard.isdigit():
            return
        first = int(sidecar.shard) * self.job.shard_size
        last = min(first + self.job.shard_size, self.job.pictures) - 1
        if (sidecar.first, sidecar.last) != (first, last):
            yield "count", f"made of pictures {sidecar.first} to {sidecar.last} instead of {first} to {last}"


def _checksum(tar: Path, sidecar: Sidecar) -> Iterator[tuple[str, str]]:
    size = tar.stat().st_size
    if size != sidecar.bytes:
        yield "size", f"{tar.name} has {size} bytes, {sidecar.bytes} are expected"
    digest = hashlib.sha256()
    with tar.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    if digest.hexdigest() != sidecar.sha256:
        yield "checksum", f"SHA-256 of {tar.name} is {digest.hexdigest()}, {sidecar.sha256} is expected"


def _members(tar: Path, sidecar: Sidecar) -> Iterator[tuple[str, str]]:
    """Compare what is in the tar, and where, with what the sidecar says."""
    listed = {
        f"{entry.key}.{extension}": place for entry in sidecar.samples for extension, place in entry.members.items()
    }
    found: dict[str, tuple[int, int]] = {}
    try:
        with tarfile.open(tar, "r:") as archive:
            for member in archive:
                if member.name in found:
                    yield "member", f"{member.name} is there twice"
                found[member.name] = (member.offset_data, member.size)
    except (tarfile.TarError, OSError, ValueError) as error:
        yield "tar", f"{tar.name} can't be read to its end: {error}"
    for name in sorted(listed.keys() - found.keys()):
        yield "member", f"{name} is not in the tar"
    for name in sorted(found.keys() - listed.keys()):
        yield "member", f"{name} is in the tar, but not in the sidecar"
    for name in sorted(listed.keys() & found.keys()):
        if listed[name] != found[name]:
            yield "offset", f"{name} lies at {found[name]}, not at {listed[name]} (offset, bytes)"


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
