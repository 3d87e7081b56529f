"""Trying again, within a bound: what a store refuses now it may grant in a second."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import TypeVar

# With doubling delays 15 s in all, on top of what the store's own client does: longer troubles are the shard's.
TRIES = 6
FIRST_DELAY = 0.5
LONGEST_DELAY = 60.0

# The next try would end in the same way.
LASTING = (FileNotFoundError, PermissionError, FileExistsError, IsADirectoryError, NotADirectoryError)
_OURS = (ValueError, TypeError, AttributeError, KeyError, ImportError, NotImplementedError, AssertionError)

Answer = TypeVar("Answer")


class StoreError(OSError):
    """A store didn't do what it was asked for; says what, and what it answered."""


def delay_before(attempt: int, first: float) -> float:
    """Return the seconds to wait before retry `attempt` (1, 2, ...): doubling from `first` up to 60, give or take half.

    Without the randomness, all workers whose store stumbled would come back at the same moment.
    """
    return min(first * 2.0 ** (attempt - 1), LONGEST_DELAY) * (0.5 + secrets.randbelow(1001) / 1000)


def patiently(what: str, action: Callable[[], Answer]) -> Answer:
    """Do an action, and do it again with growing pauses if it fails for a reason that may pass.

    Args:
        what: what is done, for the message, as `read s3://bucket/000000.json`.
        action: safe to do twice.

    Raises:
        FileNotFoundError, PermissionError, FileExistsError: at once, as trying again is no use.
        StoreError: the last error, after all tries.
    """
    for attempt in range(1, TRIES + 1):
        try:
            return action()
        except LASTING + _OURS:
            raise
        except Exception as error:  # every store's client has errors of its own, and not all are OSErrors
            if attempt == TRIES:
                answer = " ".join(str(error).split()) or type(error).__name__
                raise StoreError(f"can't {what} in {TRIES} tries: {answer}") from error
            time.sleep(delay_before(attempt, FIRST_DELAY))
    raise AssertionError("unreachable")
