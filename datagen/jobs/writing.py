"""A job from beginning to end: plan, run, manifest, summary."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import TextIO

from underpaint.datagen.format.manifest import Sums
from underpaint.datagen.format.sidecar import Sidecar
from underpaint.datagen.jobs.executors import Outcome, run_shards
from underpaint.datagen.jobs.job import Job, committed_shards, examined, missing_shards, open_job, read_job
from underpaint.datagen.jobs.maker import Maker
from underpaint.datagen.jobs.places import check_places
from underpaint.datagen.jobs.progress import Display, Meter
from underpaint.datagen.jobs.snapshot import JobSources, OpenedSource, open_source
from underpaint.datagen.storage.claim import only_writer
from underpaint.datagen.storage.sidecars import write_manifest


@dataclass(frozen=True)
class Result:
    """How a run ended.

    `errors` maps the shards that failed to what went wrong, `missing` names every shard that isn't there, and `sources`
    knows what of the source was read.
    """

    sums: Sums
    meter: Meter
    errors: dict[int, str]
    missing: list[str]
    interrupted: bool
    sources: JobSources

    @property
    def complete(self) -> bool:
        """Whether every shard of the corpus is there."""
        return not self.missing


def write_corpus(
    maker: Maker, *, opened: OpenedSource | None = None, stream: TextIO | None = None, prepared: float = 0.0
) -> Result:
    """Write a corpus, or the rest of one.

    Sources that can't be used are recorded in the sidecars and skipped; a shard that fails is reported in
    the result; neither stops the job. Ctrl-C and SIGTERM stop it cleanly: what is finished stays and counts.

    Args:
        maker: makes the samples.
        opened: the maker's source, where a caller has opened it already.
        stream: where progress is shown, see `Display`.
        prepared: seconds that a caller has spent on preparing it; they count towards the time of this run.

    Raises:
        ValueError: a config that doesn't fit folder or source; another job at work there.
        FileNotFoundError: no such source.
    """
    config = maker.config
    check_places(config)
    # A source that isn't there must not leave an empty corpus behind.
    opened = opened or open_source(maker, read_job(config.store))
    with only_writer(config.store) as claim:
        job = open_job(maker, opened)
        done = committed_shards(job)
        resumed = sum(job.shard_sources(index) for index in done)
        meter = Meter(total=job.sources.total.count, resumed=resumed, unit=config.unit, prepared=prepared)
        errors: dict[int, str] = {}
        interrupted = False
        try:
            with (
                sigterm_as_interrupt(),
                Display(meter, stream) as display,
                closing(_outcomes(job, done, display)) as outcomes,  # closing it stops Ray
            ):
                for outcome in outcomes:
                    if outcome.error is not None:
                        errors[outcome.shard] = outcome.error
                    claim.check()
        except KeyboardInterrupt:
            interrupted = True
        sums, missing = _take_stock(job)
        return Result(sums, meter, errors, missing, interrupted, job.sources)


def _take_stock(job: Job) -> tuple[Sums, list[str]]:
    """Write the manifest; return what it sums up, and the names of the shards that aren't there."""
    done: set[int] = set()

    def noting() -> Iterator[Sidecar]:
        for sidecar, is_done in examined(job):
            if is_done:
                done.add(int(sidecar.shard))
            yield sidecar

    sums = write_manifest(job.maker.config.store, noting())
    return sums, missing_shards(job, done)


def _outcomes(job: Job, done: set[int], display: Display) -> Generator[Outcome, None, None]:
    if len(done) < job.shards:  # or Ray would be started for nothing
        yield from run_shards(job.tasks(done), display.update, job.maker.config)


@contextmanager
def sigterm_as_interrupt() -> Iterator[None]:
    """Have SIGTERM, which cluster schedulers send, end the job as Ctrl-C does."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield  # Python takes signals in the main thread only
        return
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
