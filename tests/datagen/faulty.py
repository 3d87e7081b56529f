"""A store that fails, and that kills who asks it: `faulty:///folder` is that folder with faults drawn by a seed."""

from __future__ import annotations

import errno
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import fsspec
from fsspec.exceptions import FSTimeoutError
from fsspec.implementations.local import LocalFileSystem

import underpaint.datagen.storage.patience
from underpaint.datagen.format.sample import Failure, Sample
from underpaint.datagen.jobs.maker import Stopwatch
from underpaint.datagen.painting.painter import PaintingMaker
from underpaint.datagen.sources.source import Source

PLAN = "UNDERPAINT_TEST_FAULTS"  # for processes that are started: share of calls that fail, and the log
KINDS = ("error", "time-out", "lost answer", "partial write", "silent partial write", "disk full")


@dataclass
class Faults:
    """Draws what goes wrong; everything that did is a line in `log`, which outlives the process.

    Args:
        rate: share of the calls that fail.
        kill_at: number of the call that is this process's last, in its middle.
        pause: seconds that every picture takes longer, so that a kill finds somebody at work.
    """

    log: Path
    seed: int = 0
    rate: float = 0.0
    kill_at: int = -1
    pause: float = 0.0
    calls: int = 0
    random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def note(self, kind: str) -> None:
        with self.log.open("a") as log:
            log.write(f"{kind}\n")

    def strike(self, whole: Callable[[], Any], half: Callable[[], Any] | None = None) -> Any:
        """Do a call, or have it fail."""
        self.calls += 1
        if self.calls - 1 == self.kill_at:
            self.note("SIGKILL within a call of the store")
            self.random.choice([whole, half or whole, lambda: None])()
            os.kill(os.getpid(), signal.SIGKILL)
        if self.random.random() >= self.rate * (2 if half else 1):  # there are few writes
            return whole()
        kind = self.random.choice(KINDS if half else KINDS[:3])
        self.note(kind)
        if kind == "lost answer":
            whole()
        elif half and "partial" in kind:
            half()
            if kind == "silent partial write":
                return None
        if kind == "time-out":
            raise FSTimeoutError
        raise OSError(errno.ENOSPC if kind == "disk full" else errno.EIO, f"injected: {kind}")


def read_log(log: Path) -> Counter[str]:
    """How often each fault was injected."""
    return Counter(log.read_text().splitlines()) if log.exists() else Counter()


FAULTS = Faults(Path(os.devnull))
if PLAN in os.environ:
    _rate, _log = os.environ[PLAN].split(":", 1)
    FAULTS = Faults(Path(_log), seed=os.getpid(), rate=float(_rate), pause=0.1)
    underpaint.datagen.storage.patience.FIRST_DELAY = 0.001


def inject(faults: Faults) -> None:
    """Have the store of this process fail so."""
    global FAULTS
    FAULTS = faults


class FaultyFileSystem(LocalFileSystem):
    protocol = "faulty"
    cachable = False

    @classmethod
    def _strip_protocol(cls, path: Any) -> Any:
        return super()._strip_protocol(str(path).removeprefix("faulty://"))

    def ls(self, path: str, detail: bool = False, **options: Any) -> Any:
        return FAULTS.strike(lambda: super(FaultyFileSystem, self).ls(path, detail=detail))

    def info(self, path: str, **options: Any) -> Any:
        return FAULTS.strike(lambda: super(FaultyFileSystem, self).info(path))

    def cat_file(self, path: str, start: int | None = None, end: int | None = None, **options: Any) -> Any:
        return FAULTS.strike(lambda: Path(self._strip_protocol(path)).read_bytes()[start:end])

    def pipe_file(self, path: str, value: bytes, **options: Any) -> None:
        file = Path(self._strip_protocol(path))
        FAULTS.strike(lambda: file.write_bytes(value), lambda: file.write_bytes(value[: len(value) // 2]))

    def put_file(self, lpath: str, rpath: str, **options: Any) -> None:
        self.pipe_file(rpath, Path(lpath).read_bytes())

    def mv(self, path1: str, path2: str, **options: Any) -> None:
        FAULTS.strike(lambda: Path(self._strip_protocol(path1)).replace(self._strip_protocol(path2)))

    def rm_file(self, path: str) -> None:
        FAULTS.strike(lambda: Path(self._strip_protocol(path)).unlink())


fsspec.register_implementation("faulty", FaultyFileSystem, clobber=True)


class FaultyPainter(PaintingMaker):
    """A painter whose arrival at a worker makes the store known there; now and then its disk is full."""

    def make(self, source: Source, watch: Stopwatch) -> Iterator[Sample | Failure]:
        time.sleep(FAULTS.pause)
        if FAULTS.random.random() < FAULTS.rate / 4:
            FAULTS.note("local disk full")
            raise OSError(errno.ENOSPC, "injected")
        return super().make(source, watch)
