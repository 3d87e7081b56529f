"""How far a painting is: a bar with the time left on a terminal, log messages now and then elsewhere; and a preview."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from underpaint.pipelines.callback import Callback
from underpaint.pipelines.output import save_picture
from underpaint.pipelines.pictures import UInt8
from underpaint.renderers.film.stills import tabulated
from underpaint.texts import printable

_LINE_SECONDS = 10.0

_logger = logging.getLogger(__name__)


class PaintingProgress(Callback):
    """A progress bar, or lines now and then, over the passes of the networks; use as a context.

    Args:
        show: whether to show anything.
        preview: passes between previews of the first process of a batch; 0 for none.
        preview_file: PNG that is written then, and written over.
    """

    def __init__(self, *, show: bool, preview: int = 0, preview_file: Path | None = None) -> None:
        self._show, self._preview, self._file = show, preview, preview_file
        self._bar: Any = None
        self.name = ""

    def __enter__(self) -> PaintingProgress:
        # To stderr: stdout may be a pipe of file names.
        if self._show and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            columns = (
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
            )
            self._bar = Progress(*columns, console=Console(stderr=True))
            self._bar.start()
            self._task = self._bar.add_task("", total=None)
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def begin(self, passes: int, what: str = "step") -> None:
        """Start to count."""
        self._done, self._passes, self._what = 0, passes, what
        self._began = self._shown = time.monotonic()
        if self._bar is not None:
            self._bar.reset(self._task, total=passes, description=printable(self.name))

    def count(self, done: int, of: int) -> None:
        """Note that so many frames of a film are done."""
        if done == 1:
            self.begin(of, "frame")
        self.advance(None)

    def advance(self, look: Callable[[], UInt8] | None) -> None:
        """Count a pass, and show it when it is time."""
        self._done += 1
        if self._preview and self._file and look and self._done % self._preview == 0:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            frames = look()
            save_picture(tabulated(frames, len(frames)), self._file)
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done)
            return
        now = time.monotonic()
        if self._show and now - self._shown >= _LINE_SECONDS:
            self._shown = now
            left = (now - self._began) / self._done * (self._passes - self._done)
            _logger.info("%s: %s %d/%d, %.0f s left", self.name, self._what, self._done, self._passes, left)
