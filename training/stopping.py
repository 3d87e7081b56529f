"""Stopping a run from outside: SIGTERM, as preemptible jobs get, and Ctrl-C."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType
from typing import Any

from accelerate import Accelerator

from underpaint.training.together import any_process

STOPPING_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Stopping:
    """Notes the signals while it is open as a context; the loop asks after each step."""

    def __init__(self) -> None:
        self.signal: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Stopping:
        for number in STOPPING_SIGNALS:
            self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.signal = number
        # Whoever asks twice doesn't want to wait for the step.
        signal.signal(number, self._before[number])

    @property
    def asked(self) -> bool:
        """Whether this process was told to stop."""
        return self.signal is not None

    def wanted(self, accelerator: Accelerator) -> bool:
        """Whether any process was told to stop: all of them must, at the same step."""
        return any_process(accelerator, self.asked)
