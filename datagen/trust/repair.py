"""Faulty shards are made again, from the sources that the job had, until they are what they were."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from underpaint.datagen.curation.moving import Move, OtherBytes, move_shard
from underpaint.datagen.format.manifest import MANIFEST_FILE
from underpaint.datagen.format.seal import CHECKSUM, seal_fault, sealed, sealed_bytes
from underpaint.datagen.format.sidecar import parse_sidecar
from underpaint.datagen.format.tar import shard_name
from underpaint.datagen.jobs.executors import run_shards
from underpaint.datagen.jobs.job import Job, differences, open_job
from underpaint.datagen.jobs.plan import JOB_FILE, Part, read_plan
from underpaint.datagen.jobs.shard import versions
from underpaint.datagen.jobs.snapshot import open_source
from underpaint.datagen.storage.claim import only_writer
from underpaint.datagen.storage.sidecars import write_manifest
from underpaint.datagen.storage.store import Store, as_store
from underpaint.datagen.trust.recipe import maker_of
from underpaint.texts import parse_json

SCRATCH = ".repair"


@dataclass
class Repair:
    """How a repair ended: names of the shards that are whole again, and what kept the others from it."""

    repaired: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def repair(
    location: Store | Path | str,
    shards: Collection[str],
    *,
    source: str | None = None,
    workers: int | None = 0,
    on_shard: Callable[[str], None] = lambda shard: None,
) -> Repair:
    """Make shards of a corpus again; the others, and what can't be made again, stay as they are.

    A shard counts as repaired only if its tar has the SHA-256 that an undamaged sidecar, or `manifest.json`, says. Its
    sidecar gets back the bytes it had, unless the very times or versions in it were damaged: these are new then.

    Args:
        location: a folder or URL.
        shards: names of the shards to make, such as `000000`.
        source: place of the pictures now, if not where the job found them; it serves all parts of a merged corpus.
        workers: processes; 0 works in this one, None on all cores.
        on_shard: called with the name of every shard that is whole again.

    Raises:
        ValueError: nothing can be made again: another version, a source that is gone or has changed, no job.json.
    """
    store = as_store(location).absolute()
    plan = read_plan(store)
    wanted: defaultdict[int, list[int]] = defaultdict(list)  # number of the part -> shards
    result = Repair()
    for shard in sorted(shards):
        part = plan.part_of(int(shard)) if shard.isdecimal() else None
        if part is None:
            result.failed[shard] = f"the corpus has only {plan.shards} shards: remove its files"
        else:
            wanted[plan.parts.index(part)].append(int(shard))
    with only_writer(store):
        for number, indices in wanted.items():
            _Workshop(store, plan.parts[number], source, workers).repair(indices, result, on_shard)
        if not result.failed:  # else it may be the only witness of what a shard should be
            write_manifest(store)
    return result


@dataclass(frozen=True)
class _Workshop:
    """A folder within the corpus, where the shards of one part are made as their job made them."""

    store: Store
    part: Part
    source: str | None
    workers: int | None

    @property
    def scratch(self) -> Store:
        return Store(self.store.url(SCRATCH))

    def repair(self, shards: list[int], result: Repair, on_shard: Callable[[str], None]) -> None:
        self.scratch.make()
        self._clear()
        try:
            job = self._job()
            done = set(range(job.shards)) - {index - self.part.first_shard for index in shards}
            for outcome in run_shards(job.tasks(done), _unheard, job.maker.config):
                name = shard_name(outcome.shard + self.part.first_shard)
                try:
                    if outcome.error is not None:
                        raise ValueError(outcome.error)
                    self._put_back(outcome.shard, name)
                except (ValueError, OSError, OtherBytes) as error:
                    result.failed[name] = str(error)
                else:
                    result.repaired.append(name)
                    on_shard(name)
        finally:
            self._clear()
            if self.scratch.local is not None:
                self.scratch.local.rmdir()

    def _clear(self) -> None:
        for name in self.scratch.sizes():
            self.scratch.remove(name)

    def _job(self) -> Job:
        try:
            maker = maker_of(self.part.job, self.scratch, source=self.source, workers=self.workers)
            job = open_job(maker, open_source(maker))
        except FileNotFoundError as error:
            raise ValueError(f"the pictures are gone: {error}; if they are elsewhere now, give --source") from None
        if job.fingerprint != self.part.fingerprint:
            now = parse_json(self.scratch.read(JOB_FILE))
            names = ("format", "config", "sources")
            lines = differences({n: self.part.job[n] for n in names}, {n: now[n] for n in names})
            raise ValueError("the job can't be done as it was (then -> now):\n" + "\n".join(f"  {x}" for x in lines))
        return job

    def _put_back(self, index: int, name: str) -> None:
        """Move a shard that was made again to where it belongs.

        Raises:
            OtherBytes: it isn't what it was.
        """
        sidecar = f"{name}.json"
        try:
            old = self.store.read(sidecar)
        except FileNotFoundError:
            old = b""
        move = Move(
            source=self.scratch,
            index=index,
            target=self.store,
            shard=int(name),
            part=self.part,
            sha256=_expected(self.store, name, old),
        )
        try:
            record = move_shard(move)
        except OtherBytes as error:
            raise OtherBytes(f"made again, it has {error}: {_circumstances(old)}") from None
        if before := _as_it_was(record, old):
            self.store.write(sidecar, before)
        self.scratch.remove(f"{shard_name(index)}.tar")  # room for the next


def _unheard(shard: int, pictures: int, failures: int) -> None:
    """Ignore progress within a shard."""


def _expected(store: Store, name: str, sidecar: bytes) -> str | None:
    """Return the SHA-256 that the tar of a shard is to have; None if it can't be known any more."""
    intact = _record(sidecar) if seal_fault(sidecar) is None else {}
    if CHECKSUM in intact:
        return parse_sidecar(sidecar, name).sha256
    try:
        shards = parse_json(store.read(MANIFEST_FILE))["shards"]
        return next((str(shard["sha256"]) for shard in shards if shard["shard"] == name), None)
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return str(intact["sha256"]) if "sha256" in intact else None


def _as_it_was(record: dict[str, Any], old: bytes) -> bytes | None:
    """Return the bytes that a sidecar had, found by what is left of them; None if they can't be known."""
    left = _record(old)
    if not isinstance(left.get("seconds"), dict):
        return None
    whole = record | {"seconds": left["seconds"], "versions": left.get("versions", {})}
    if seal_fault(old) is None and _agree(whole, left):
        return old
    for versions_then in (left.get("versions", {}), record["versions"]):
        before = record | {"seconds": left["seconds"], "versions": versions_then}
        with suppress(ValueError):  # a damaged number
            if sealed(before)[CHECKSUM] == left.get(CHECKSUM):
                return sealed_bytes(before)
    return sealed_bytes(whole) if _agree(whole, left) else None  # all but the checksum is there


def _agree(record: dict[str, Any], left: dict[str, Any]) -> bool:
    """Return whether what is left of a sidecar says what the record says, whatever its checksum is."""
    try:
        content = parse_json(sealed_bytes(record))  # in which a tuple is a list
    except ValueError:
        return False
    return all(left.get(name) == value for name, value in content.items() if name != CHECKSUM)


def _circumstances(old: bytes) -> str:
    """Say how the machine that made a shard differed from this one."""
    then, now = _record(old).get("versions"), versions()
    if not isinstance(then, dict):
        return "what it was made on is not known"
    lines = [f"{name} {then.get(name)} -> {now.get(name)}" for name in now if then.get(name) != now.get(name)]
    return "then -> here: " + (", ".join(lines) or "the same program, so its pictures have changed")


def _record(data: bytes) -> dict[str, Any]:
    try:
        record = parse_json(data)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}
