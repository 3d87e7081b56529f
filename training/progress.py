"""How far a phase is: a bar with the time left on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import logging
import sys
import time
from typing import Any

_LINE_SECONDS = 30.0

_log = logging.getLogger(__name__)


class Progress:
    """Shows steps; use as a context.

    Args:
        name: of the phase.
        steps: how many there are.
        done: how many there were before; they don't count for the rate.
        show: whether to show anything.
    """

    def __init__(self, name: str, steps: int, done: int, *, show: bool) -> None:
        self._name, self._steps, self._first, self._show = name, steps, done, show
        self._began = self._conditioning = time.monotonic()
        self._bar: Any = None

    def __enter__(self) -> Progress:
        if self._show and sys.stdout.isatty():
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
            self._bar = Bar(*columns)
            self._bar.start()
            self._task = self._bar.add_task(self._name, total=self._steps, completed=self._first)
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, step: int, loss: float) -> None:
        """Show a step, and the loss of those before it."""
        if self._bar is not None:
            self._bar.update(self._task, completed=step, description=f"{self._name} loss {loss:.4f}")
            return
        now = time.monotonic()
        if self._show and (now - self._conditioning >= _LINE_SECONDS or step == self._steps):
            self._conditioning = now
            left = (now - self._began) / (step - self._first) * (self._steps - step)
            _log.info("%s %d/%d, loss %.4f, %.0f s left", self._name, step, self._steps, loss, left)
