"""The plan of a job, kept in `job.json`: what the corpus is to be, and what of it is done."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from underpaint import renderers
from underpaint.datagen.format.atomic import canonical_json
from underpaint.datagen.format.sample import Failure
from underpaint.datagen.format.sidecar import FORMAT_VERSION, Sidecar, parse_sidecar, sidecar_names
from underpaint.datagen.format.tar import shard_name
from underpaint.datagen.jobs.maker import Maker
from underpaint.datagen.jobs.plan import JOB_FILE, fingerprint_of
from underpaint.datagen.jobs.shard import ShardTask, versions
from underpaint.datagen.jobs.snapshot import JobSources, OpenedSource, job_sources
from underpaint.datagen.jobs.whereabouts import is_listed, root_of
from underpaint.datagen.sources.source import batches
from underpaint.datagen.storage.store import Store, is_url, read_many
from underpaint.extras import MissingExtra
from underpaint.texts import parse_json

# Versions before 0.2 recorded what may pass as `unreadable`, as a bad guide, or, where a folder was gone, as `missing`.
MAY_PASS = frozenset(
    {"unreachable", "no-memory", "unreadable", "missing", "empty", "truncated"}
    | {"missing-guide", "bad-guide", "not-painted"}
)


@dataclass(frozen=True)
class Job:
    """A job that may run: who does it as which config says, from what, and the fingerprint of config and sources."""

    maker: Maker
    sources: JobSources
    fingerprint: str

    @property
    def shards(self) -> int:
        """Number of shards when all is done."""
        return -(-self.sources.total.count // self.maker.config.shard_size)

    def shard_sources(self, index: int) -> int:
        """Return the number of sources that shard `index` is made from."""
        size = self.maker.config.shard_size
        return min(size, self.sources.total.count - index * size)

    def tasks(self, done: set[int]) -> Iterator[ShardTask]:
        """Stream the shards that are still to do.

        Raises:
            ValueError: at the end, if the source isn't what it was when the job was opened.
        """
        to_do = [index for index in range(self.shards) if index not in done]
        if not to_do:
            return
        size, first, last = self.maker.config.shard_size, to_do[0], to_do[-1]
        root, listed = root_of(self.maker.config.source), is_listed(self.maker.config.source)
        for index, batch in enumerate(batches(self.sources.read(first * size), size), first):
            if index not in done:
                yield ShardTask(
                    index=index,
                    sources=batch,
                    maker=self.maker,
                    fingerprint=self.fingerprint,
                    root=root,
                    listed=listed,
                )
            if index == last:
                break
        self.sources.check()


def open_job(maker: Maker, opened: OpenedSource) -> Job:
    """Start a job in the `out` of its config, or go on with the one that is there. Call inside `only_writer`.

    Args:
        maker: of the job.
        opened: its source, see `open_source`.

    Raises:
        ValueError: a folder that holds a job with another configuration or other sources (says which differ).
    """
    config, old = maker.config, read_job(maker.config.store)
    sources = job_sources(maker, old, opened)
    plan = _settings(maker) | {"sources": asdict(sources.total)}
    fingerprint = fingerprint_of(plan)
    job = Job(maker, sources, fingerprint)
    store = config.store
    if old is not None:
        _refuse_other(store, old, plan)
    else:
        committed_shards(job)  # shards without a plan must be ours
        record = plan | {"fingerprint": fingerprint, "location": config.source, "versions": versions()}
        record["captions"] = sources.captions
        if sources.stamp is not None:
            record["stamp"] = sources.stamp
        store.write(JOB_FILE, canonical_json(record, indent=1))
    return job


def read_job(store: Store) -> dict[str, Any] | None:
    """Return the content of the `job.json` that is there; None if there is none.

    Raises:
        ValueError: it is damaged.
    """
    where = store.url(JOB_FILE)
    try:
        record = parse_json(store.read(JOB_FILE))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except MissingExtra:
        raise
    except ValueError as error:
        raise ValueError(f"{where} is not readable ({error}): restore it, or use another --out") from None
    if not isinstance(record, dict):
        raise ValueError(f"{where} is not a job: restore it, or use another --out")
    return record


def check_settings(maker: Maker, old: dict[str, Any] | None) -> None:
    """Raise ValueError if a job that is there, as `read_job` returns it, has another configuration or version.

    `open_job` looks at the sources, too. This tells before anything is prepared.
    """
    if old is not None:
        _refuse_other(maker.config.store, old, _settings(maker))


def _settings(maker: Maker) -> dict[str, Any]:
    """All but the sources that has a say in a corpus' bytes."""
    return {
        "format": FORMAT_VERSION,
        "version": renderers.PAINTING_VERSION,
        "portable": renderers.is_portable(),
        "config": maker.config.determines_bytes(),
    }


def _refuse_other(out: Store, old: dict[str, Any], new: dict[str, Any]) -> None:
    lines = differences({key: old.get(key) for key in new}, new)
    if lines:
        raise ValueError(
            f"{out} holds a corpus made with another configuration (there -> asked for):\n"
            + "\n".join(f"  {line}" for line in lines)
            + "\nGo back to its settings to continue it, or use another --out."
        )


def differences(old: Any, new: Any, name: str = "") -> list[str]:
    """Return lines `key: old -> new` for everything that differs between two JSON values."""
    if isinstance(old, dict) and isinstance(new, dict):
        return [
            line
            for key in sorted(old.keys() | new.keys())
            for line in differences(old.get(key), new.get(key), f"{name}.{key}" if name else key)
        ]
    # Through JSON, so that a tuple equals the list that it was written as.
    before, after = (json.dumps(value, sort_keys=True) for value in (old, new))
    return [] if before == after else [f"{name.removeprefix('config.')}: {before} -> {after}"]


def examined(job: Job) -> Iterator[tuple[Sidecar, bool]]:
    """Stream the sidecars of a job's corpus, each with whether its shard is done: the tar there, of the size it says.

    Reads every sidecar, and one listing of the folder for all tars. Damaged ones are left out: they were written
    atomically, so the damage came later, and the shard is to be done again.

    Raises:
        ValueError: a shard that another job made.
    """
    store = job.maker.config.store
    sizes = store.sizes()
    for name, data in read_many(store, sidecar_names(sizes)):
        try:
            sidecar = parse_sidecar(data, name)
        except ValueError:
            continue
        if sidecar.fingerprint != job.fingerprint:
            raise ValueError(f"{store.url(name)} belongs to another job: use another --out, or remove it")
        stem = name.removesuffix(".json")
        yield sidecar, sidecar.shard == stem and sizes.get(f"{stem}.tar") == sidecar.bytes


def committed_shards(job: Job) -> set[int]:
    """Return the numbers of a job's shards that are done, see `examined`; not of those that its config has done again.

    These lack pictures for reasons that may have passed, see `MAY_PASS`.
    """
    again = job.maker.config.retry_failed
    return {
        int(sidecar.shard)
        for sidecar, done in examined(job)
        if done and not (again and any(map(_may_have_passed, sidecar.failures)))
    }


def _may_have_passed(failure: Failure) -> bool:
    """Return whether a failure says little of the picture itself; a server that is out of order answers anything."""
    return failure.reason in MAY_PASS or (is_url(failure.source) and failure.reason in ("not-a-picture", "damaged"))


def missing_shards(job: Job, done: set[int]) -> list[str]:
    """Return the names of the shards that aren't done."""
    return [shard_name(index) for index in range(job.shards) if index not in done]
