"""Telling that kernels are being compiled: half a minute in which nothing else would be heard."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def telling_of_compilation(what: str, tell: Callable[[str], object]) -> Iterator[None]:
    """Let numba say when it compiles within, and how long that took; kernels that it finds on disk are no news.

    Args:
        what: the kernels are for, as `oil`.
        tell: gets each message, one line.
    """
    from numba.core import event

    class Listener(event.Listener):  # type: ignore[misc, unused-ignore]
        """Counts the kernels, those within others once."""

        def __init__(self) -> None:
            self.count = self.depth = 0
            self.seconds = self.start = 0.0

        def on_start(self, event: Any) -> None:
            if not self.count:
                tell(f"compiling the kernels of {what}, once on this machine: about a minute")
            if not self.depth:
                self.start, self.count = time.monotonic(), self.count + 1
            self.depth += 1

        def on_end(self, event: Any) -> None:
            self.depth -= 1
            if not self.depth:
                self.seconds += time.monotonic() - self.start

    listener = Listener()
    with event.install_listener("numba:compile", listener):
        yield
    if listener.count:
        tell(f"compiled {listener.count} kernels of {what} in {listener.seconds:.0f} s")
