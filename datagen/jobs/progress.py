"""How far a job is, per picture: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TextIO

LINE_SECONDS = 10.0
BAR_SECONDS = 0.2
# Less news tells nothing: of ten workers, one has finished a small picture.
FORECAST_SECONDS = 10.0

logger = logging.getLogger(__name__)


@dataclass
class Meter:
    """Counts pictures, or what else the job's `unit` is, keyed by shard, so that one started again doesn't count twice.

    `resumed` of them were done by an earlier run: they count as done, but not towards the rate.
    """

    total: int
    resumed: int = 0
    unit: str = "picture"
    prepared: float = 0.0  # seconds that were spent before it
    clock: Callable[[], float] = time.monotonic
    painted: int = 0  # pictures that this run has behind it, skipped ones included
    skipped: int = 0  # failures: pictures that couldn't be used, and samples that couldn't be painted
    _shards: dict[int, tuple[int, int]] = field(default_factory=dict)
    _first: tuple[float, int] | None = None  # when the first news came, and the pictures painted by then

    def __post_init__(self) -> None:
        self.start = self.clock()

    def update(self, shard: int, done: int, skipped: int) -> None:
        """Note that shard `shard` has `done` pictures behind it, with `skipped` failures."""
        done_before, skipped_before = self._shards.get(shard, (0, 0))
        self._shards[shard] = (done, skipped)
        self.painted += done - done_before
        self.skipped += skipped - skipped_before
        if self._first is None:
            self._first = (self.clock(), self.painted)

    @property
    def done(self) -> int:
        """Pictures that are behind all runs together."""
        return self.resumed + self.painted

    @property
    def seconds(self) -> float:
        """Time since this run began, preparations included."""
        return self.prepared + self.clock() - self.start

    @property
    def rate(self) -> float:
        """Pictures per second of this run, without the seconds that workers take to start; 0 before the first."""
        if self._first is None:
            return 0.0
        since, before = self._first
        if self.clock() > since and self.painted > before:
            return (self.painted - before) / (self.clock() - since)
        return self.painted / (self.clock() - self.start) if self.clock() > self.start else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Time to go at this rate; None as long as that means nothing, and at the end."""
        if self._first is None or self.done == self.total:
            return None
        since, before = self._first
        means_something = self.clock() - since >= FORECAST_SECONDS and self.painted > before
        return (self.total - self.done) / self.rate if means_something else None

    def __str__(self) -> str:
        parts = [f"{self.done}/{self.total} {self.unit}s"]
        if self.seconds_left is not None:
            parts += [f"{self.rate:.2f}/s", f"{clock_time(self.seconds_left)} left"]
        if self.skipped:
            parts.append(f"{self.skipped} skipped")
        return ", ".join(parts)


def clock_time(seconds: float) -> str:
    """Return a number of seconds as `1:02:03`."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}"


class Display:
    """Shows a meter while it runs; use as a context.

    Args:
        meter: what is shown.
        stream: where to; when None, a terminal at stdout shows a bar, and otherwise the lines are logged.
    """

    def __init__(self, meter: Meter, stream: TextIO | None = None) -> None:
        self.meter = meter
        self._stream = stream
        self._bar: Any = None
        self._shown = meter.clock()
        self._last = ""

    def __enter__(self) -> Display:
        stream = self._stream or sys.stdout
        if stream.isatty():
            self._bar = _bar(stream)
            self._bar.start()
            self._task = self._bar.add_task(str(self.meter), total=self.meter.total, completed=self.meter.done)
        return self

    def __exit__(self, *error: object) -> None:
        self._show()
        if self._bar is not None:
            self._bar.stop()

    def update(self, shard: int, done: int, skipped: int) -> None:
        """Pass on to the meter, and show it when it is time."""
        self.meter.update(shard, done, skipped)
        pause = LINE_SECONDS if self._bar is None else BAR_SECONDS
        if self.meter.clock() - self._shown >= pause:
            self._show()

    def _show(self) -> None:
        self._shown, line = self.meter.clock(), str(self.meter)
        if self._bar is not None:
            self._bar.update(self._task, completed=self.meter.done, description=line)
        elif line != self._last and self._stream is None:
            logger.info("%s", line)
        elif line != self._last:
            print(line, file=self._stream, flush=True)
        self._last = line


def _bar(stream: TextIO) -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TextColumn("{task.description}"))
    return Progress(*columns, console=Console(file=stream))
