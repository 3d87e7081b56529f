"""The plan of a job, kept in `job.json`: what the corpus is, what is done, and who may write."""

from __future__ import annotations

import fcntl
import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import renderers
from datagen.atomic import canonical_json, stale_files, write_json
from datagen.maker import Maker
from datagen.shard import FORMAT_VERSION, ShardTask, shard_name, sidecar_paths, versions
from datagen.sources import SourceList, Tally, batches, sum_up

JOB_FILE = "job.json"
LOCK_FILE = ".lock"


@dataclass(frozen=True)
class Job:
    """A job that may run: who does it as which config says, on what, and the fingerprint of config and sources."""

    maker: Maker
    sources: SourceList
    fingerprint: str

    @property
    def shards(self) -> int:
        """Number of shards when all is done."""
        return -(-self.sources.count // self.maker.config.shard_size)

    def shard_sources(self, index: int) -> int:
        """Number of sources that shard `index` is made from."""
        size = self.maker.config.shard_size
        return min(size, self.sources.count - index * size)

    def tasks(self, done: set[int]) -> Iterator[ShardTask]:
        """Stream the shards that are still to do.

        Raises:
            ValueError: at the end, if the source isn't what it was when the job was opened.
        """
        tally, config = Tally(), self.maker.config
        for index, batch in enumerate(batches(self.maker.sources(), config.shard_size)):
            for source in batch:
                tally.add(source)
            if index not in done:
                yield ShardTask(index=index, sources=batch, maker=self.maker, fingerprint=self.fingerprint)
        if tally.sum() != self.sources:
            raise ValueError(
                f"{config.source} changed while the job ran, so {config.out} may mix "
                "two states of it: remove that folder and start again"
            )


@contextmanager
def only_writer(out: Path) -> Iterator[None]:
    """Make the corpus folder and hold it for one job at a time; the kernel lets go when the process ends.

    Raises:
        ValueError: another job is writing to it.
    """
    out.mkdir(parents=True, exist_ok=True)
    with (out / LOCK_FILE).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "another process"
            raise ValueError(f"{out} is being written by {holder}: wait for it, or use another --out") from None
        lock.truncate(0)
        lock.write(f"process {os.getpid()} on {platform.node()}\n")
        lock.flush()
        _clean(out)
        try:
            yield
        finally:
            _clean(out)  # workers that were stopped leave theirs


def _clean(out: Path) -> None:
    for path in stale_files(out):
        path.unlink(missing_ok=True)


def open_job(maker: Maker) -> Job:
    """Start a job in the `out` of its config, or go on with the one that is there. Call inside `only_writer`.

    Raises:
        ValueError: a folder that holds a job with another configuration or other sources (says which differ).
    """
    config, sources = maker.config, sum_up(maker.sources())
    plan = {
        "format": FORMAT_VERSION,
        "version": renderers.__version__,
        "portable": renderers.is_portable(),
        "config": config.determines_bytes(),
        "sources": asdict(sources),
    }
    fingerprint = blake2b(canonical_json(plan), digest_size=16).hexdigest()
    job = Job(maker, sources, fingerprint)
    path = config.out / JOB_FILE
    if path.is_file():
        _refuse_other(config.out, _read(path), plan)
    else:
        committed_shards(job)  # shards without a plan must be ours
        record = plan | {"fingerprint": fingerprint, "location": config.source, "versions": versions()}
        write_json(path, record)
    return job


def _read(path: Path) -> dict[str, Any]:
    try:
        record = json.loads(path.read_bytes())
    except ValueError as error:
        raise ValueError(f"{path} is not readable ({error}): restore it, or use another --out") from None
    if not isinstance(record, dict):
        raise ValueError(f"{path} is not a job: restore it, or use another --out")
    return record


def _refuse_other(out: Path, old: dict[str, Any], new: dict[str, Any]) -> None:
    lines = differences({key: old.get(key) for key in new}, new)
    if lines:
        raise ValueError(
            f"{out} holds a corpus made with another configuration (there -> asked for):\n"
            + "\n".join(f"  {line}" for line in lines)
            + "\nGo back to its settings to continue it, or use another --out."
        )


def differences(old: Any, new: Any, name: str = "") -> list[str]:
    """Lines `key: old -> new` for everything that differs between two JSON values."""
    if isinstance(old, dict) and isinstance(new, dict):
        return [
            line
            for key in sorted(old.keys() | new.keys())
            for line in differences(old.get(key), new.get(key), f"{name}.{key}" if name else key)
        ]
    # Through JSON, so that a tuple equals the list that it was written as.
    before, after = (json.dumps(value, sort_keys=True) for value in (old, new))
    return [] if before == after else [f"{name.removeprefix('config.')}: {before} -> {after}"]


def committed_shards(job: Job) -> set[int]:
    """Shards of a job that are done: sidecar there, tar there, of the size that the sidecar says.

    Raises:
        ValueError: a shard that another job made.
    """
    done = set()
    for path in sidecar_paths(job.maker.config.out):
        try:
            sidecar = json.loads(path.read_bytes())
            fingerprint, size = sidecar["fingerprint"], sidecar["bytes"]
        except (ValueError, KeyError, TypeError):
            continue  # damaged later on, as it was written atomically: do the shard again
        if fingerprint != job.fingerprint:
            raise ValueError(f"{path} belongs to another job: use another --out, or remove it")
        tar = path.with_suffix(".tar")
        if tar.is_file() and tar.stat().st_size == size:
            done.add(int(path.stem))
    return done


def missing_shards(job: Job, done: set[int]) -> list[str]:
    """Names of the shards that aren't done."""
    return [shard_name(index) for index in range(job.shards) if index not in done]
