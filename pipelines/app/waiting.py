"""Work in a thread, with something to say meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

Result = TypeVar("Result")
Seen = TypeVar("Seen")


def while_it_runs(
    work: Callable[[], Result], look: Callable[[], Seen], every: float = 0.5
) -> Generator[Seen, None, Result]:
    """Run something in a thread, yield what there is to see meanwhile, and return its result.

    Args:
        work: what is run; what it raises is raised here.
        look: is called every so many seconds.
        every: in seconds.
    """
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work)
        while not wait([future], timeout=every).done:
            yield look()
    return future.result()
