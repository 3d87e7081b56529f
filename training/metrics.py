"""What a run tells of itself: metrics.jsonl, line by line, and TensorBoard events."""

from __future__ import annotations

import errno
import json
import logging
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from underpaint.datagen.format.atomic import write_file

# Losses are reported for so many ranges of timesteps: one number hides that the noisiest ones don't learn.
BINS = 4

_log = logging.getLogger(__name__)


def by_timestep(errors: Sequence[float], timesteps: Sequence[float]) -> dict[str, float]:
    """Return the mean error as `loss`, and of each range of timesteps that occurred as `loss/0.00-0.25` and so on.

    The sums are exact, so how the errors were spread over processes makes no difference.
    """
    if not errors:
        return {}  # all steps since the last line were given up, see `guard`
    means = {"loss": math.fsum(errors) / len(errors)}
    # An autoencoder knows no timesteps: all are 0.
    for part in range(BINS) if any(timesteps) else ():
        inside = [error for error, timestep in zip(errors, timesteps, strict=True) if int(timestep * BINS) == part]
        if inside:
            means[f"loss/{part / BINS:.2f}-{(part + 1) / BINS:.2f}"] = math.fsum(inside) / len(inside)
    return means


class _Events:
    """TensorBoard events: a run can do without them, so where they can't be written it says so once, and goes on.

    Args:
        folder: of the events.
        step: steps done before; later events, of a run that was killed, aren't shown any more.
    """

    def __init__(self, folder: Path, step: int) -> None:
        # It takes a second to import.
        from torch.utils.tensorboard import SummaryWriter

        self._folder = folder
        self._writer: Any = None
        with self._tolerating():
            self._writer = SummaryWriter(folder, purge_step=step + 1)

    def add(self, name: str, value: float, step: int) -> None:
        """Add one value."""
        if self._writer is not None:
            with self._tolerating():
                self._writer.add_scalar(name, value, step)

    def close(self) -> None:
        """Bring all to the disk."""
        if self._writer is not None:
            with self._tolerating():
                self._writer.close()

    @contextmanager
    def _tolerating(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._writer = None
            _log.warning("no more TensorBoard events, %s can't be written: %s", self._folder, error.strerror or error)


class Metrics:
    """Writes lines; only the first process of a run has one that does.

    Args:
        folder: of the run.
        phases: names of all phases, in order.
        phase: the one that begins or goes on.
        step: steps that it has behind it; later lines, of a run that was killed, are taken away.
        tensorboard: whether to write events too.
    """

    def __init__(self, folder: Path, phases: Sequence[str], phase: str, *, step: int, tensorboard: bool) -> None:
        self._path, self._phase = folder / "metrics.jsonl", phase
        self._forget(phases[: phases.index(phase)], step)
        self._events = _Events(folder / "tensorboard" / phase, step) if tensorboard else None

    def write(self, step: int, kind: str, values: Mapping[str, float]) -> None:
        """Append one line: `kind` is `train` or `validation`. JSON has no NaN: what isn't finite is left out."""
        values = _finite(values)
        line = {"phase": self._phase, "step": step, "kind": kind, **values}
        _append(self._path, json.dumps(line, allow_nan=False).encode("ascii") + b"\n")
        if self._events is not None:
            for name, value in values.items():
                self._events.add(f"{kind}/{name}", value, step)

    def close(self) -> None:
        """Flush the events."""
        if self._events is not None:
            self._events.close()

    def _forget(self, earlier: Sequence[str], step: int) -> None:
        if not self._path.is_file():
            return
        kept = [
            line
            for line in read_metrics(self._path)
            if line["phase"] in earlier or (line["phase"] == self._phase and step > 0 and line["step"] <= step)
        ]
        write_file(self._path, "".join(json.dumps(_finite(line), allow_nan=False) + "\n" for line in kept).encode())


def _finite(values: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out NaN and infinity, which JSON hasn't; earlier versions wrote them."""
    return {name: value for name, value in values.items() if not isinstance(value, float) or math.isfinite(value)}


def _append(path: Path, line: bytes) -> None:
    """Append a whole line or nothing: in one write, so that neither a killed run nor a full disk leaves half of it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        before = os.fstat(descriptor).st_size
        try:
            if os.write(descriptor, line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        except OSError:
            os.ftruncate(descriptor, before)
            raise
    finally:
        os.close(descriptor)


def read_metrics(path: Path) -> list[dict[str, Any]]:
    """The lines of metrics.jsonl; one that a power cut left half written is not among them.

    Raises:
        ValueError: another line is damaged; says which.
    """
    whole = path.read_bytes().rpartition(b"\n")[0]
    return [_parsed(line, f"line {number} of {path}") for number, line in enumerate(whole.splitlines(), 1)]


def _parsed(line: bytes, where: str) -> dict[str, Any]:
    try:
        values = json.loads(line)
        if {"phase", "step", "kind"} <= values.keys():
            return dict(values)
        reason = "no phase, step and kind"
    except (ValueError, AttributeError, RecursionError) as error:
        reason = str(error)
    raise ValueError(f"{where} is damaged ({reason}): delete it")
