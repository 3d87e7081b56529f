"""The same work on many small items, in this process or in several, with results in order."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")

# One to work on and one to follow: nobody waits, and a list of millions is never queued whole.
ITEMS_PER_WORKER = 2


def cores() -> int:
    """Return the number of cores that this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_order(function: Callable[[Item], Answer], items: Iterable[Item], workers: int | None) -> Iterator[Answer]:
    """Yield `function(item)` for each item, in the order of the items, which are taken as they are needed.

    Args:
        function: at the top level of a module (or a partial of such), as are its arguments, so that they travel.
        workers: processes; 0 works in this one, None on all cores.

    Raises:
        Whatever `function` raises; ValueError for a negative number of workers.
    """
    count = cores() if workers is None else workers
    if count < 0:
        raise ValueError(f"workers is {count}, but 0 does all the work in this process")
    if count == 0:
        yield from map(function, items)
        return
    # Not forked: what other threads of this process hold locked would stay locked in a copy of it for ever.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, mp_context=context) as pool:
        waiting: deque[Future[Answer]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) > ITEMS_PER_WORKER * count:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
