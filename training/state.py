"""What a phase in training is: weights, their EMA, AdamW's moments, the window of metrics; saved and restored."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from accelerate import Accelerator
from accelerate.optimizer import AcceleratedOptimizer

from underpaint.models.finite import first_non_finite
from underpaint.training.checkpoint import Checkpoint, load_last, save, steps
from underpaint.training.folder import naming
from underpaint.training.guard import ADVICE, NotFinite
from underpaint.training.optimiser import EmaWeights, Parameters, load_state, set_weights, state_tensors
from underpaint.training.phase import Phase
from underpaint.training.window import Window

_log = logging.getLogger(__name__)


class TrainingState:
    """The state of a phase between two steps.

    Args:
        name: of the phase.
        phase: what trains.
        parameters: of it, those that train.
        ema: their average.
        optimiser: of the parameters, as accelerate wraps it.
        window: of metrics since their last line.
        accelerator: devices and processes.
    """

    def __init__(
        self,
        name: str,
        phase: Phase,
        parameters: Parameters,
        ema: EmaWeights,
        optimiser: AcceleratedOptimizer,
        window: Window,
        accelerator: Accelerator,
    ) -> None:
        self._name, self._phase, self._accelerator = name, phase, accelerator
        self._parameters, self._ema, self._optimiser, self._window = parameters, ema, optimiser, window
        self._run = phase.config.out

    @property
    def step_samples(self) -> int:
        """Samples of one step, in all processes."""
        phase, processes = self._phase, self._accelerator.num_processes
        return int(phase.batch * phase.config.gradient_accumulation_steps * processes)

    @property
    def _folder(self) -> Path:
        return self._run / "checkpoints"

    def saved_steps(self) -> list[int]:
        """Return the steps of the checkpoints that are there, rising."""
        return steps(self._folder, self._name)

    def writing(self) -> AbstractContextManager[None]:
        """Let what can't be written name the run's folder, and what is safe in it."""
        kept = self.saved_steps()
        safe = f"the checkpoint of step {kept[-1]} is intact" if kept else "there is no checkpoint yet"
        return naming(self._run, f"; {safe}, and the same command goes on")

    def check_finite(self, step: int) -> None:
        """Raise NotFinite unless weights and average, which all processes have alike, are numbers."""
        for what, tensors in (("weight", self._parameters), ("EMA weight", self._ema.tensors)):
            if (name := first_non_finite(tensors)) is not None:
                raise NotFinite(f"{self._name}, step {step}: the {what} {name} is not finite; {ADVICE}")

    def save(self, step: int) -> None:
        """Write a checkpoint after so many steps; all processes have to ask for it.

        Raises:
            NotFinite: weights or average aren't numbers; nothing is written then.
            OSError: the folder can't be written; names it.
        """
        self.check_finite(step)
        scaler = self._accelerator.scaler
        extra = {
            "step_samples": self.step_samples,
            "window": self._window.state(self._accelerator),
            "scaler": scaler.state_dict() if scaler is not None else None,
        }
        if self._accelerator.is_main_process:
            tensors = {
                "weights": {name: parameter.detach() for name, parameter in self._parameters.items()},
                "average": self._ema.tensors,
                "optimiser": state_tensors(self._optimiser.optimizer, self._parameters),
            }
            checkpoint = Checkpoint(phase=self._name, step=step, tensors=tensors, extra=extra)
            with self.writing():
                save(self._folder, checkpoint, keep=self._phase.config.checkpoints_total_limit)
        self._accelerator.wait_for_everyone()

    def restore(self) -> int | None:
        """Go back to the last checkpoint; return its step, or None if there is none.

        Raises:
            ValueError: it is damaged, of more steps than are to be done, or of another number of samples a step.
        """
        found = load_last(self._folder, self._name)
        if found is None:
            return None
        try:
            self._check(found.step, found.extra["step_samples"])
            self._put_back(found)
        except (KeyError, TypeError, AttributeError, RuntimeError) as error:
            damaged = self._folder / f"{self._name}-{found.step:08d}"
            reason = " ".join(str(error).split())[:200]
            raise ValueError(
                f"checkpoint {damaged} is damaged or of another network ({type(error).__name__}: {reason}); delete it "
                "to go on from the one before"
            ) from error
        if self._accelerator.is_main_process:
            _log.info("resuming %s at step %d of %d", self._name, found.step, self._phase.steps)
        return found.step

    def _check(self, step: int, samples: Any) -> None:
        if samples != self.step_samples:
            raise ValueError(
                f"{self._run} was trained with {samples} samples a step, now it is {self.step_samples}: batch x "
                "gradient_accumulation_steps x processes must stay the same"
            )
        if step > self._phase.steps:
            raise ValueError(
                f"{self._run} has done {step} steps of {self._name}, now it is to do {self._phase.steps}: give {step} "
                "or more"
            )

    def _put_back(self, found: Checkpoint) -> None:
        set_weights(self._parameters, found.tensors["weights"])
        self._ema.load(found.tensors["average"])
        load_state(self._optimiser.optimizer, self._parameters, found.tensors.get("optimiser", {}))
        self._window.restore(found.extra["window"], self._accelerator)
        if self._accelerator.scaler is not None and found.extra["scaler"]:
            self._accelerator.scaler.load_state_dict(found.extra["scaler"])
