"""What happened since the last line of the metrics."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import torch
from accelerate import Accelerator
from torch import Tensor

from underpaint.training.metrics import by_timestep

Item = TypeVar("Item")


@dataclass
class Window:
    """Errors and seconds of some steps.

    Attributes:
        errors: of this process's samples, each float32 (B,), on the device: looking at them would wait for it.
        timesteps: of the samples, each float32 (B,), 0..1.
        waited: seconds spent waiting for data.
        samples: how many of all processes together, since `began`.
        skipped: damaged samples of this process that were replaced.
        began: when.
    """

    errors: list[Tensor] = field(default_factory=list)
    timesteps: list[Tensor] = field(default_factory=list)
    waited: float = 0.0
    samples: int = 0
    skipped: int = 0
    began: float = field(default_factory=time.perf_counter)

    def waiting(self, batches: Iterable[Item]) -> Generator[Item, None, None]:
        """The same batches, with the time that each took to come added up."""
        source = iter(batches)
        while True:
            start = time.perf_counter()
            try:
                batch = next(source)
            except StopIteration:
                return
            self.waited += time.perf_counter() - start
            yield batch

    def add(self, error: Tensor, timestep: Tensor, samples: int, skipped: int) -> None:
        """Take in what one batch gave."""
        self.errors.append(error)
        self.timesteps.append(timestep.to(error.device))
        self.samples += samples
        self.skipped += skipped

    def keep(self, batches: int) -> None:
        """Keep the first so many batches: later ones are of a step that isn't done."""
        del self.errors[batches:], self.timesteps[batches:]

    def everyone(self, accelerator: Accelerator) -> tuple[list[float], list[float]]:
        """Errors and timesteps of all processes; without those of steps that fp16's scaler gave up."""
        errors, timesteps = (
            accelerator.gather(torch.cat([values.double() for values in column]).to(accelerator.device))
            if column
            else torch.zeros(0)
            for column in (self.errors, self.timesteps)
        )
        finite = errors.isfinite()
        return errors[finite].tolist(), timesteps[finite].tolist()

    def summary(self, accelerator: Accelerator) -> dict[str, float]:
        """Values for a line of metrics; all processes have to ask for it."""
        errors, timesteps = self.everyone(accelerator)
        seconds = time.perf_counter() - self.began
        return {
            **by_timestep(errors, timesteps),
            "sequences_per_second": self.samples / seconds,
            "waiting_for_data": self.waited / seconds,
            "skipped": float(self.skipped),
        }

    @contextmanager
    def paused(self) -> Iterator[None]:
        """What happens inside isn't training, and doesn't slow it down in the metrics."""
        start = time.perf_counter()
        yield
        self.began += time.perf_counter() - start

    def clear(self) -> None:
        """Begin anew."""
        self.errors, self.timesteps = [], []
        self.waited, self.samples, self.skipped, self.began = 0.0, 0, 0, time.perf_counter()

    def state(self, accelerator: Accelerator) -> dict[str, Any]:
        """What a checkpoint keeps, so that a resumed run writes the very lines that it would have written."""
        errors, timesteps = self.everyone(accelerator)
        return {"errors": errors, "levels": timesteps}

    def restore(self, state: dict[str, Any], accelerator: Accelerator) -> None:
        """Put a checkpoint's state back, divided among the processes as evenly as it was."""
        rank, world = accelerator.process_index, accelerator.num_processes
        for column, name in ((self.errors, "errors"), (self.timesteps, "levels")):
            # As float64: what was float32 is exact in it.
            mine = state[name][rank::world]
            column += [torch.tensor(mine, dtype=torch.float64, device=accelerator.device)] if mine else []
