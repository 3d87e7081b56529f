"""How far a phase is: a bar with the time left on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import logging
import sys
import time
from typing import Any

_LINE_SECONDS = 30.0
# The first steps find kernels and fill caches; and the rate of a few says little about thousands.
_WARM_UP = 5

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
        self._began = self._said = time.monotonic()
        self._warm: tuple[int, float] | None = None  # a step and its time, from which on the rate is that of most steps
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
        if self._show and (now - self._said >= _LINE_SECONDS or step == self._steps):
            self._said = now
            _log.info("%s %d/%d, loss %.4f%s", self._name, step, self._steps, loss, self._forecast(step, now))
        if self._warm is None and step - self._first >= _WARM_UP:
            self._warm = (step, now)

    def _forecast(self, step: int, now: float) -> str:
        if step == self._steps:
            return f", {now - self._began:.0f} s in all"
        if self._warm is None or step - self._warm[0] < _WARM_UP:
            return ""
        first, then = self._warm
        return f", {(now - then) / (step - first) * (self._steps - step):.0f} s left"
