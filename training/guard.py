"""Training stops at the first number that is none, while all that is stored is still good."""

from __future__ import annotations

import math

import torch
from accelerate import Accelerator
from torch import Tensor

# fp16's scaler halves its factor, 65,536 at first, at each step that it skips: after so many in a row it is below 1,
# and the gradients themselves are at fault.
MOST_SKIPPED = 20

ADVICE = "try a lower --learning-rate or --max-grad-norm, or --mixed-precision bf16 or no"


class NotFinite(ArithmeticError):  # noqa: N818, it is what has happened
    """A loss, a gradient or weights that are NaN or infinite; says where, and what to try.

    Args:
        message: all that there is to say.
        step: steps that were done before it came up; 0 where no step is at fault.
    """

    def __init__(self, message: str, step: int = 0) -> None:
        super().__init__(message)
        self.step = step


class Guard:
    """Judges each step before its gradient changes anything.

    Args:
        phase: its name, for messages.
        accelerator: all processes judge alike, so that all stop at the same step.
    """

    def __init__(self, phase: str, accelerator: Accelerator) -> None:
        self._phase, self._accelerator = phase, accelerator
        self._skipped = 0

    def flags(self, loss: Tensor, norm: Tensor | float, *, stop: bool = False) -> Tensor:
        """Return what is so in any process, float32 (3,) on the device, without waiting for it.

        Args:
            loss: scalar, of this process, summed over the step's batches.
            norm: of the gradient, the same in all processes.
            stop: whether this process is to stop.

        Returns:
            Whether the loss isn't finite, whether the gradient isn't, and whether to stop: above 0 where it is so.
        """
        norm = torch.as_tensor(norm, device=loss.device)
        nothing = torch.zeros((), device=loss.device)
        bad = torch.stack([(~loss.detach().isfinite()).float(), (~norm.isfinite()).float(), nothing + stop])
        return self._accelerator.reduce(bad) if self._accelerator.num_processes > 1 else bad

    def may_step(self, step: int, *, loss: bool, gradient: bool) -> bool:
        """Return whether the gradient of a step may be used.

        With fp16, a step is given up now and then: its scaler tries how large the loss may be made.

        Args:
            step: steps done before it.
            loss: whether it isn't finite.
            gradient: likewise.

        Raises:
            NotFinite: loss or gradient aren't finite.
        """
        if not (loss or gradient):
            self._skipped = 0
            return True
        self._skipped += 1
        scaler = self._accelerator.scaler
        # A factor below 1, be it after skips that weren't in a row, has nothing left to try.
        if scaler is not None and self._skipped <= MOST_SKIPPED and scaler.get_scale() >= 1:
            return False
        what = "loss" if loss else "gradient"
        again = f", for the {self._skipped}. time in a row" if self._skipped > 1 else ""
        found = f"{self._phase}, step {step + 1}: the {what} is not finite (NaN or infinity){again}; {ADVICE}"
        raise NotFinite(found, step)

    def check_validation(self, step: int, values: dict[str, float]) -> None:
        """Raise NotFinite if a validation loss, which all processes have alike, isn't finite."""
        for name, value in values.items():
            if not math.isfinite(value):
                found = f"{self._phase}, step {step}: the validation {name} is not finite: {value}; {ADVICE}"
                raise NotFinite(found, step)
