"""What a run tells of itself: metrics.jsonl, line by line, and TensorBoard events."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from underpaint.datagen.format.atomic import write_file

# Losses are reported for so many ranges of timesteps: one number hides that the noisiest ones don't learn.
BINS = 4


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
        self._events: Any = None
        if tensorboard:
            # It takes a second to import.
            from torch.utils.tensorboard import SummaryWriter

            self._events = SummaryWriter(folder / "tensorboard" / phase, purge_step=step + 1)

    def write(self, step: int, kind: str, values: Mapping[str, float]) -> None:
        """Append one line: `kind` is `train` or `validation`. JSON has no NaN: what isn't finite is left out."""
        values = {name: value for name, value in values.items() if math.isfinite(value)}
        line = {"phase": self._phase, "step": step, "kind": kind, **values}
        # In one write, so that a killed run leaves no half of it.
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            os.write(descriptor, json.dumps(line, allow_nan=False).encode("ascii") + b"\n")
        finally:
            os.close(descriptor)
        if self._events is not None:
            for name, value in values.items():
                self._events.add_scalar(f"{kind}/{name}", value, step)

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
            if line["phase"] in earlier or (line["phase"] == self._phase and line["step"] <= step)
        ]
        write_file(self._path, "".join(json.dumps(line) + "\n" for line in kept).encode("ascii"))


def read_metrics(path: Path) -> list[dict[str, Any]]:
    """The lines of metrics.jsonl; one that a power cut left half written is not among them."""
    whole = path.read_text(encoding="ascii").rpartition("\n")[0]
    return [json.loads(line) for line in whole.splitlines()]
