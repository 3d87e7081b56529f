"""Who runs the shards: this process, or Ray. Neither knows what a shard is made of."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import renderers
from datagen.shard import ShardTask, write_shard
from renderers.target import PORTABLE

if TYPE_CHECKING:
    from ray import ObjectRef
    from ray.actor import ActorHandle

# Called with (shard, sources done, failures among them); what it says of a shard replaces what it said before.
Listener = Callable[[int, int, int], None]

# One to run and one to follow, so that no worker waits and no queue of millions builds up.
TASKS_PER_SLOT = 2
POLL_SECONDS = 1.0
# A message costs milliseconds on both sides, and small pictures come by the hundred.
REPORT_SECONDS = 1.0

# Kernels and libraries must not start threads of their own: there is one worker per core already.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")


@dataclass(frozen=True)
class Outcome:
    """End of one shard: its number, and what went wrong if it failed."""

    shard: int
    error: str | None = None


def run_here(tasks: Iterator[ShardTask], listener: Listener) -> Iterator[Outcome]:
    """Run shards one after the other in this process."""
    for task in tasks:
        try:
            write_shard(task, partial(listener, task.index))
        except Exception as error:  # the shard is reported, the others go on
            yield Outcome(task.index, described(error))
        else:
            yield Outcome(task.index)


def run_on_ray(
    tasks: Iterator[ShardTask],
    listener: Listener,
    *,
    workers: int | None,
    address: str | None,
    max_retries: int,
) -> Iterator[Outcome]:
    """Run one Ray task per shard, on a local Ray of `workers` processes or on the cluster at `address`.

    A worker that dies (killed, out of memory, its machine lost) has its shard started again elsewhere, up to
    `max_retries` times. Only numbers travel back to this process; samples go straight to the folder.

    Raises:
        ConnectionError: no cluster at `address`.
    """
    with _ray_session(workers, address) as ray:
        board = ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=-1)(_Board).remote()
        run = ray.remote(num_cpus=1, max_retries=max_retries)(_run_shard)
        running: dict[ObjectRef[Any], int] = {}
        more = True
        while more or running:
            window = TASKS_PER_SLOT * max(1, int(ray.cluster_resources().get("CPU", 1)))
            while more and len(running) < window:
                task = next(tasks, None)
                if task is None:
                    more = False
                else:
                    running[run.remote(with_absolute_paths(task), board)] = task.index
            finished = ray.wait(list(running), timeout=POLL_SECONDS)[0] if running else []
            outcomes = [_outcome(ray, running.pop(reference), reference, listener) for reference in finished]
            for shard, (done, skipped) in ray.get(board.take.remote()).items():
                if shard in running.values():  # what a finished one said on its way comes too late
                    listener(shard, done, skipped)
            yield from outcomes


def with_absolute_paths(task: ShardTask) -> ShardTask:
    """A worker has a working directory of its own."""
    sources = tuple(replace(source, path=source.path.absolute()) for source in task.sources)
    return replace(task, sources=sources, maker=task.maker.with_absolute_paths())


def _outcome(ray: Any, shard: int, reference: ObjectRef[Any], listener: Listener) -> Outcome:
    try:
        done, skipped = ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        return Outcome(shard, described(error.cause))
    except ray.exceptions.RayError as error:
        return Outcome(shard, described(error))
    listener(shard, done, skipped)
    return Outcome(shard)


def described(error: BaseException) -> str:
    """An exception in one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _run_shard(task: ShardTask, board: ActorHandle[_Board]) -> tuple[int, int]:
    """What a Ray worker does; progress goes to the board now and then, and nobody waits for it to arrive."""
    last = 0.0

    def report(done: int, skipped: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= REPORT_SECONDS:
            last = now
            board.put.remote(task.index, done, skipped)

    sidecar = write_shard(task, report)
    return len(task.sources), len(sidecar["failures"])


class _Board:
    """Actor with the latest numbers of each shard; keyed by shard, so a retried one doesn't count twice."""

    def __init__(self) -> None:
        self._news: dict[int, tuple[int, int]] = {}

    def put(self, shard: int, done: int, skipped: int) -> None:
        self._news[shard] = (done, skipped)

    def take(self) -> dict[int, tuple[int, int]]:
        news, self._news = self._news, {}
        return news


def _worker_environment() -> dict[str, str]:
    """One thread per worker, and kernels for the same processor on every machine if that is asked for here."""
    return ONE_THREAD | {PORTABLE: "1"} if renderers.is_portable() else ONE_THREAD


@contextmanager
def _ray_session(workers: int | None, address: str | None) -> Iterator[Any]:
    """Ray, started or joined quietly, and left as it was found."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # and so no warning about it
    import ray  # takes a second, and only writing a corpus needs it

    if ray.is_initialized():
        yield ray
        return
    on_sigterm = signal.getsignal(signal.SIGTERM)
    ray.init(
        address=address or "local",
        num_cpus=None if address else workers or len(os.sched_getaffinity(0)),
        include_dashboard=None if address else False,
        # The least that Ray allows: what goes through it are a few hundred bytes per shard.
        object_store_memory=None if address else 80 * 1024**2,
        runtime_env={"env_vars": _worker_environment()},
        logging_level=logging.ERROR,
        log_to_driver=False,
    )
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, on_sigterm)  # Ray puts its own there, which ends the process with a dump
    try:
        yield ray
    finally:
        ray.shutdown()
