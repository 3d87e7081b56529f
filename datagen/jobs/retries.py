"""Shards that failed and may succeed later: when to start them again, and when to give up."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from underpaint.datagen.jobs.portion import Portion
from underpaint.datagen.jobs.shard import ShardFailed
from underpaint.datagen.storage.patience import delay_before

# 14 s in all with three retries, during which other shards go on: a node needs seconds to be found dead.
FIRST_DELAY = 2.0

# Whatever the machine, its memory, its disk or its store is to blame for. Anything else would happen again.
PASSING = (OSError, MemoryError, ShardFailed)
# Something is in the way under the name of the shard: only people can tell what.
_IN_THE_WAY = (IsADirectoryError, NotADirectoryError, FileExistsError)


def may_pass(error: BaseException) -> bool:
    """Return whether a shard that failed so may succeed later, or on another machine."""
    return isinstance(error, PASSING) and not isinstance(error, _IN_THE_WAY)


class Retries:
    """The shards that wait for another try.

    Args:
        most: retries of a shard before it counts as failed.
        clock: seconds that only grow.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = most, clock
        self._tried: Counter[int] = Counter()
        self._waiting: list[tuple[float, Portion]] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, task: Portion) -> bool:
        """Note that a shard failed; whether it will be tried again."""
        if self._tried[task.index] >= self._most:
            return False
        self._tried[task.index] += 1
        due = self._clock() + delay_before(self._tried[task.index], FIRST_DELAY)
        self._waiting.append((due, task))
        return True

    def none_left(self, shard: int) -> bool:
        """Return whether the next try of a shard is its last one."""
        return self._tried[shard] >= self._most

    def tries(self, shard: int) -> int:
        """Return how often a shard was tried, if its last try has failed."""
        return self._tried[shard] + 1

    def forget(self, shard: int) -> None:
        """Forget a shard that is done."""
        del self._tried[shard]

    def due(self) -> Portion | None:
        """Return a shard whose time has come, which then waits no longer."""
        self._waiting.sort(key=lambda waiting: waiting[0])
        return self._waiting.pop(0)[1] if self._waiting and self._waiting[0][0] <= self._clock() else None

    def seconds_to_next(self) -> float:
        """Return the seconds until the next one is due; 0 if one is, or none waits."""
        return max(0.0, min((due for due, _ in self._waiting), default=0.0) - self._clock())
