"""Work in a thread, with something to say meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

Result = TypeVar("Result")
Seen = TypeVar("Seen")

_PAINTING = threading.Lock()


def while_it_runs(
    work: Callable[[], Result], look: Callable[[], Seen], every: float = 0.5
) -> Generator[Seen, None, Result]:
    """Run something in a thread, yield what there is to see meanwhile, and return its result.

    Args:
        work: what is run; what it raises is raised here. It runs on if the generator is closed.
        look: is called every so many seconds.
        every: in seconds.
    """
    pool = ThreadPoolExecutor(1)
    try:
        future = pool.submit(work)
        while not wait([future], timeout=every).done:
            yield look()
    finally:
        # Where a visitor has left, the server's event loop closes the generator: all others would wait, too.
        pool.shutdown(wait=False)
    return future.result()


def one_at_a_time(work: Callable[[], Result]) -> Callable[[], Result]:
    """Return work that begins when other such work is done: also such as nobody waits for any more."""

    def run() -> Result:
        with _PAINTING:
            return work()

    return run
