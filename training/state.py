"""What a phase in training is: weights, their EMA, the optimiser's state, the window of metrics; saved and restored."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from accelerate import Accelerator
from accelerate.optimizer import AcceleratedOptimizer
from torch import Tensor

from underpaint.models.finite import all_finite, finite_flag, first_non_finite
from underpaint.training.checkpoint import Checkpoint, load_last, save
from underpaint.training.ema import EmaWeights, set_weights
from underpaint.training.folder import checkpoint_name, naming_run, steps
from underpaint.training.guard import ADVICE, NotFinite
from underpaint.training.optimiser import (
    Parameters,
    load_running_numbers,
    load_state,
    running_numbers,
    state_tensors,
)
from underpaint.training.phase import Phase
from underpaint.training.together import first_alone
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
        return naming_run(self._run, f"; {safe}, and the same command goes on when it can")

    def check_weights(self, step: int) -> None:
        """Raise NotFinite unless the weights, which all processes have alike, are numbers: a step may be too long."""
        self._check_finite(step, "weight", self._parameters)

    def _check_finite(self, step: int, what: str, tensors: Mapping[str, Tensor]) -> None:
        if not all_finite(tensors.values()):
            name = first_non_finite(tensors)
            raise NotFinite(f"{self._name}, step {step}: the {what} {name} is not finite; {ADVICE}", step)

    def weights_flag(self) -> Tensor:
        """Return whether a weight isn't finite, float32 (1,) on the device, above 0 if so, without waiting for it."""
        return (~finite_flag(self._parameters.values())).float().view(1)

    def check_finite(self, step: int) -> None:
        """Raise NotFinite unless weights and average are numbers."""
        self.check_weights(step)
        self._check_finite(step, "EMA weight", self._ema.tensors)

    def kept(self, error: NotFinite) -> NotFinite:
        """Return an error that also says which checkpoint is kept; the first one is written now.

        All processes have to ask for it. Weights and window are as after the last step that was done.
        """
        if not self.saved_steps() and all_finite(self._parameters.values()):
            self.save(error.step)
        found = self.saved_steps()
        kept = f"The checkpoint of step {found[-1]} is kept" if found else "There is no checkpoint yet"
        start = "from it" if found else "from the beginning"
        advice = f"{kept} in {self._run}: `--resume changed` goes on {start} with the settings that are given then"
        return NotFinite(f"{error}. {advice}", error.step)

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
            "running": running_numbers(self._optimiser.optimizer),
        }
        first_alone(self._accelerator, lambda: self._write(step, extra))

    def _write(self, step: int, extra: dict[str, Any]) -> None:
        tensors = {
            "weights": {name: parameter.detach() for name, parameter in self._parameters.items()},
            "average": self._ema.tensors if self._phase.config.ema_decay else {},
            "optimiser": state_tensors(self._optimiser.optimizer, self._parameters),
        }
        checkpoint = Checkpoint(phase=self._name, step=step, tensors=tensors, extra=extra)
        with self.writing():
            save(self._folder, checkpoint, keep=self._phase.config.checkpoints_total_limit)

    def restore(self) -> int | None:
        """Go back to the last checkpoint; return its step, or None if there is none.

        Raises:
            ValueError: it is damaged, of more steps than are to be done, or of another number of samples a step.
        """
        found = load_last(self._folder, self._name)
        if found is None:
            return None
        self._check(found.step, found.extra.get("step_samples"))
        try:
            self._put_back(found)
        except (LookupError, ValueError, TypeError, AttributeError, RuntimeError) as error:
            damaged = self._folder / checkpoint_name(self._name, found.step)
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
        weights = found.tensors["weights"]
        # A run without an average keeps none; it may go on with one, which begins at the weights.
        average = found.tensors.get("average", weights)
        for part, tensors in (("weights", weights), ("average", average)):
            for name, parameter in self._parameters.items():
                # Copying would spread out a smaller one.
                if (shape := tensors[name].shape) != parameter.shape:
                    raise ValueError(f"{part} has {name} of {list(shape)}, not {list(parameter.shape)}")
        set_weights(self._parameters, weights)
        self._ema.load(average)
        moments = found.tensors.get("optimiser", {})
        for name, parameter in self._parameters.items():
            for moment in (f"{name}.exp_avg", f"{name}.exp_avg_sq"):
                if moment in moments and moments[moment].shape != parameter.shape:
                    raise ValueError(f"optimiser has {moment} of {list(moments[moment].shape)}")
        load_state(self._optimiser.optimizer, self._parameters, moments)
        load_running_numbers(self._optimiser.optimizer, found.extra.get("running", []))
        self._window.restore(found.extra["window"], self._accelerator)
        if self._accelerator.scaler is not None and found.extra["scaler"]:
            self._accelerator.scaler.load_state_dict(found.extra["scaler"])
