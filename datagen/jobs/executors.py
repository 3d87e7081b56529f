"""Who runs the shards: this process, or Ray. Neither knows what a shard is made of."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from underpaint.datagen.jobs.cluster import check_needs, ray_session, remote_options, shard_needs, slots
from underpaint.datagen.jobs.portion import Done, Portion, Workplace
from underpaint.datagen.jobs.retries import Retries, may_pass

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


@dataclass(frozen=True)
class Outcome:
    """End of one shard: its number, what went wrong if it failed, and else what its portion told."""

    shard: int
    error: str | None = None
    told: Any = None


def run_shards(tasks: Iterator[Portion], listener: Listener, config: Workplace) -> Iterator[Outcome]:
    """Run shards, in this process if the config asks for no workers, else on Ray.

    Raises:
        ConnectionError, ValueError: as `run_on_ray`.
    """
    if config.workers == 0:
        yield from run_here(tasks, listener, max_retries=config.max_retries)
    else:
        yield from run_on_ray(tasks, listener, config)


def run_here(tasks: Iterator[Portion], listener: Listener, *, max_retries: int = 0) -> Iterator[Outcome]:
    """Run shards one after the other in this process; those that fail for a passing reason so often again."""
    queue = _Queue(tasks, max_retries)
    while queue.more:
        task = queue.next(running=0, window=TASKS_PER_SLOT)
        if task is None:
            time.sleep(queue.retries.seconds_to_next())
            continue
        try:
            done = task.do(partial(listener, task.index))
        except Exception as error:  # the shard is reported, the others go on
            yield from queue.failed(task, error, may_pass(error))
        else:
            yield queue.done(task, done)


def run_on_ray(tasks: Iterator[Portion], listener: Listener, config: Workplace) -> Iterator[Outcome]:
    """Run one Ray task per shard, on a local Ray of `workers` processes or on the cluster at `address`.

    A shard whose worker dies (killed, out of memory, its machine lost) or fails for a passing reason is started again
    elsewhere, up to `max_retries` times. Only numbers travel back to this process; samples go straight to the store.

    Raises:
        ConnectionError: no cluster at `address`.
        ValueError: this machine hasn't got what `resources` asks for.
    """
    queue, needs = _Queue(tasks, config.max_retries), shard_needs(config)
    with ray_session(config) as ray:
        check_needs(ray, needs, config)
        board = _board(ray)
        # Not Ray's own retries: they know no pause, and no bound where memory runs out.
        run = ray.remote(max_retries=0, **remote_options(needs))(_run_shard)
        running: dict[ObjectRef[Any], Portion] = {}
        while queue.more or running:
            window = TASKS_PER_SLOT * max(1, slots(ray, needs))
            while (task := queue.next(running=len(running), window=window)) is not None:
                running[run.remote(task.elsewhere(), board)] = task
            if not running:
                time.sleep(min(POLL_SECONDS, queue.retries.seconds_to_next()))
                continue
            finished = ray.wait(list(running), timeout=POLL_SECONDS)[0]
            outcomes = [o for each in finished for o in _outcome(ray, queue, running.pop(each), each, listener)]
            _pass_on(ray, board, {task.index for task in running.values()}, listener)
            yield from outcomes


class _Queue:
    """What is still to be started: shards that wait for another try, and then the rest of the stream."""

    def __init__(self, tasks: Iterator[Portion], max_retries: int) -> None:
        self._tasks, self._ended = tasks, False
        self.retries = Retries(max_retries)

    @property
    def more(self) -> bool:
        return not self._ended or len(self.retries) > 0

    def next(self, *, running: int, window: int) -> Portion | None:
        """Return the next one to start; None if none may: those that wait count, so a store that is down is a pause."""
        if running >= window:
            return None
        task = self.retries.due()
        if task is None and not self._ended and running + len(self.retries) < window:
            task = next(self._tasks, None)
            self._ended = task is None
        return task and replace(task, last_try=self.retries.none_left(task.index))

    def done(self, task: Portion, done: Done) -> Outcome:
        self.retries.forget(task.index)
        return Outcome(task.index, told=done.told)

    def failed(self, task: Portion, error: BaseException, passing: bool) -> Iterator[Outcome]:
        if passing and self.retries.add(task):
            return
        tries = self.retries.tries(task.index)
        yield Outcome(task.index, described(error) + (f" (tried {tries} times)" if tries > 1 else ""))
        self.retries.forget(task.index)


def _outcome(
    ray: Any, queue: _Queue, task: Portion, reference: ObjectRef[Any], listener: Listener
) -> Iterator[Outcome]:
    try:
        done: Done = ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        yield from queue.failed(task, error.cause, may_pass(error.cause))
    except ray.exceptions.RayError as error:
        yield from queue.failed(task, error, True)
    else:
        listener(task.index, len(task.sources), done.failures)
        yield queue.done(task, done)


def described(error: BaseException) -> str:
    """Return an exception in one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _run_shard(task: Portion, board: ActorHandle[_Board]) -> Done:
    """Make a shard in a Ray worker; progress goes to the board now and then, and nobody waits for it to arrive."""
    last = 0.0

    def report(done: int, skipped: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= REPORT_SECONDS:
            last = now
            board.put.remote(task.index, done, skipped)

    return task.do(report)


class _Board:
    """Actor with the latest numbers of each shard; keyed by shard, so a retried one doesn't count twice."""

    def __init__(self) -> None:
        self._news: dict[int, tuple[int, int]] = {}

    def put(self, shard: int, done: int, skipped: int) -> None:
        self._news[shard] = (done, skipped)

    def take(self) -> dict[int, tuple[int, int]]:
        news, self._news = self._news, {}
        return news


def _board(ray: Any) -> ActorHandle[_Board]:
    """Start the board, on this process's machine if that is one of Ray's: what is lost with it is lost anyway."""
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=True)
    options = {"num_cpus": 0, "max_restarts": -1, "max_task_retries": -1, "scheduling_strategy": here}
    board: ActorHandle[_Board] = ray.remote(**options)(_Board).remote()
    return board


def _pass_on(ray: Any, board: ActorHandle[_Board], running: set[int], listener: Listener) -> None:
    """Report the progress of the shards that are running; what a finished one sent on its way comes too late."""
    try:
        news = ray.get(board.take.remote(), timeout=POLL_SECONDS)
    except ray.exceptions.RayError:
        return  # it is being started again elsewhere; numbers can wait
    for shard, (done, skipped) in news.items():
        if shard in running:
            listener(shard, done, skipped)
