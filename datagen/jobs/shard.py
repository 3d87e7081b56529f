"""Shards: tars of samples, each made to count by its sidecar."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from errno import EDQUOT, ENOSPC
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import node, python_version
from typing import IO, Any

import underpaint
from underpaint import renderers
from underpaint.datagen.format.sample import Failure, Sample
from underpaint.datagen.format.seal import sealed, sealed_bytes
from underpaint.datagen.format.sidecar import FORMAT_VERSION
from underpaint.datagen.format.tar import Span, TarStream, shard_name
from underpaint.datagen.jobs.maker import Maker, SelfTesting, Stopwatch, failure
from underpaint.datagen.jobs.portion import Done, Portion, Report
from underpaint.datagen.jobs.whereabouts import Whereabouts, is_bare
from underpaint.datagen.pictures.picture import BadPicture
from underpaint.datagen.sources.source import Source

# Failures of pictures that weren't found, whose folders may be gone as well.
_NOT_FOUND = frozenset({"missing", "missing-guide", "unreadable"})


class ShardFailed(Exception):  # noqa: N818
    """A shard that couldn't be written for a reason that lies not in single pictures."""


@dataclass(frozen=True, kw_only=True)
class ShardTask(Portion):
    """The sources of one shard, and who makes what of them."""

    maker: Maker
    fingerprint: str
    version: str = field(default_factory=lambda: renderers.PAINTING_VERSION)  # the driver's
    root: Path | None = None  # what the driver has found the source in, if that is on its machine
    listed: bool = False  # whether the sources were found by listing folders

    def do(self, report: Report) -> Done:
        """Write the shard, see `write_shard`."""
        return Done(failures=len(write_shard(self, report)["failures"]))

    def elsewhere(self) -> ShardTask:
        """Return it for a worker with another working directory, on a machine that must see the same pictures."""
        return replace(super().elsewhere(), maker=self.maker.with_absolute_paths())


def write_shard(task: ShardTask, report: Report) -> dict[str, Any]:
    """Make every sample of a shard and write `000000.tar`, then `000000.json`; return the latter's content.

    Both appear whole under their names or not at all, the tar first: a tar without its sidecar doesn't count.
    Never holds more than one sample. Doing it again gives the same tar to the byte.

    Raises:
        ShardFailed: a renderer failed on every picture that it was to paint, a picture is out of reach, or this machine
            isn't fit for the job.
        OSError: the store can't be written; says which folder is full if one is.
    """
    _check_machine(task)
    store, name = task.maker.config.store, shard_name(task.index)
    with store.staged(f"{name}.tar") as path, _naming_a_full_disk(path):
        with path.open("wb") as file:
            record = sealed(_fill(task, file, report))
        if store.size(f"{name}.json") is not None:
            store.remove(f"{name}.json")  # of an earlier one, which must not vouch for this tar
        store.publish(path, f"{name}.tar")
        store.write(f"{name}.json", sealed_bytes(record))
    return record


def _check_machine(task: ShardTask) -> None:
    """Check that this machine has what the driver's has: else pictures would be missing, or painted differently."""
    if task.version != renderers.PAINTING_VERSION:
        raise ShardFailed(
            f"{node()} has Underpaint {renderers.PAINTING_VERSION}, the job is one of {task.version}: "
            "install that there, or use --ship-code"
        )
    for folder, content in ((task.source_folder, "pictures"), (task.maker.config.store.local, "corpus")):
        if folder is not None and not os.access(folder, os.R_OK | os.X_OK):
            raise ShardFailed(
                f"{node()} doesn't see {folder}, the folder of the {content}: mount it there, or use a URL"
            )


@contextmanager
def _naming_a_full_disk(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in (ENOSPC, EDQUOT):
            raise
        raise OSError(error.errno, f"no space left on {node()} in {path.parent}") from error


def _fill(task: ShardTask, file: IO[bytes], report: Report) -> dict[str, Any]:
    stream, watch = TarStream(file), Stopwatch()
    samples: list[dict[str, Any]] = []
    failures: list[Failure] = []
    whereabouts = Whereabouts(task.root, listed=task.listed)
    for done, source in enumerate(task.sources, 1):
        for made in _made(task.maker, source, watch):
            if isinstance(made, Failure):
                failures.append(_checked(task, source, made, whereabouts))
            else:
                whereabouts.found(source.path)
                with watch.step("write"):
                    samples.append(_sample_entry(made, stream.add(made)))
        report(done, len(failures))
    _check_renderers(task.maker, samples, failures)
    _check_machine_after(task, bool(samples), failures, whereabouts)
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
        "failures": [asdict(failed) for failed in failures],
        "seconds": {step: round(seconds, 3) for step, seconds in watch.seconds.items()},
        "versions": versions(),
    }


def _made(maker: Maker, source: Source, watch: Stopwatch) -> Iterator[Sample | Failure]:
    try:
        yield from maker.make(source, watch)
    except BadPicture as bad:
        yield failure(source, None, bad)


def _sample_entry(sample: Sample, span: Span) -> dict[str, Any]:
    entry = {name: sample.record[name] for name in ("key", "source", "renderer", "strokes", "psnr", "seed")}
    entry |= {name: sample.record[name] for name in ("license",) if name in sample.record}
    return entry | {"offset": span.offset, "bytes": span.bytes, "members": span.members}


def _checked(task: ShardTask, source: Source, failed: Failure, whereabouts: Whereabouts) -> Failure:
    """Return a failure if it is final; what may pass is refused, unless the config says to go on without the picture.

    Raises:
        ShardFailed: it may pass.
    """
    skips = task.maker.config.unreachable == "skip"
    if failed.reason in _NOT_FOUND:
        if failed.reason == "missing" and task.root is not None and is_bare(task.root) and not skips:
            where = f"{task.root} is gone or empty on {node()}"
            raise ShardFailed(f"{failed.source} is missing, and {where}: is it mounted?")
        if gone := whereabouts.gone(source.path):
            failed = replace(failed, reason="unreachable", detail=gone)
    elif failed.reason not in ("unreachable", "no-memory"):
        whereabouts.found(source.path)
    if failed.reason == "unreachable" and not skips:
        raise ShardFailed(f"{failed.source} is out of reach: {failed.detail}")
    if failed.reason == "no-memory" and not (skips or task.last_try):
        raise ShardFailed(_without_memory(failed))  # another machine, or another time, may have enough
    return failed


def _check_machine_after(task: ShardTask, has_samples: bool, failures: list[Failure], whereabouts: Whereabouts) -> None:
    """Refuse a shard whose pictures all fail for what may be the machine's fault.

    Raises:
        ShardFailed: none is there, nor the folder; or none could be made, and the memory didn't suffice.
    """
    if task.maker.config.unreachable == "skip":
        return
    if nothing := whereabouts.nothing_there():
        raise ShardFailed(f"out of reach on {node()}: {nothing}")
    for failed in failures:
        if failed.reason == "no-memory" and not has_samples:
            raise ShardFailed(_without_memory(failed))


def _without_memory(failed: Failure) -> str:
    return f"{node()} hadn't enough memory for {failed.source} ({failed.detail})"


def _check_renderers(maker: Maker, samples: list[dict[str, Any]], failures: list[Failure]) -> None:
    """Refuse a shard for which a renderer painted nothing, if it is broken: no memory, no cache folder.

    The pictures may be to blame as well, all the more where there is only one. So a maker that can is asked whether the
    renderer paints a test picture: no shard fails for ever because of its pictures.
    """
    working = {sample["renderer"] for sample in samples}
    for failed in failures:
        name = failed.renderer
        if failed.reason != "not-painted" or name is None or name in working:
            continue
        broken = maker.broken(name) if isinstance(maker, SelfTesting) else f"{failed.source}: {failed.detail}"
        if broken is not None:
            raise ShardFailed(f"{name} could paint none of the pictures on {node()}; {broken}")
        working.add(name)


def versions() -> dict[str, str]:
    """Return the versions of all that affects the output bytes, and the processor that kernels are compiled for."""
    libraries = {name: version(name) for name in ("numpy", "numba", "pillow")}
    with suppress(PackageNotFoundError):  # who reads no videos may have none
        libraries["av"] = version("av")
    own = {"underpaint": underpaint.__version__, "python": python_version(), "processor": renderers.kernel_target()}
    return own | libraries
