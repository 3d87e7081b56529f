"""Changes of the weights, each judged before anything is kept of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from accelerate import Accelerator
from accelerate.optimizer import AcceleratedOptimizer
from torch import Tensor

from underpaint.training.ema import EmaWeights
from underpaint.training.guard import Guard, NotFinite
from underpaint.training.state import TrainingState
from underpaint.training.window import Window


@dataclass(frozen=True, kw_only=True)
class OpenStep:
    """A step whose flags haven't been read.

    Attributes:
        step: steps done before it.
        batches: that the window of metrics held before it.
        flags: float32 (4,), on their way from the GPU: those of `Guard.flags`, and whether a weight isn't finite.
        arrived: when they have come; None where there is no GPU to wait for.
    """

    step: int
    batches: int
    flags: Tensor
    arrived: torch.cuda.Event | None


class Updates:
    """Changes weights and their average.

    To read a number of a GPU waits for all that it was told, and leaves it idle while the next step is told. So where
    the optimiser leaves a bad step out by itself, as fused AdamW does, the flags of a step are read when the GPU has
    been told the next one. Nothing is averaged, measured or written before they are.

    Attributes:
        stop: whether any process wanted to stop at the last step that was settled: all of them must, at the same step.
        late: whether flags are read a step late.

    Args:
        guard: judges loss and gradient.
        state: judges weights.
        ema: of the weights.
        optimiser: of the weights, as accelerate wraps it.
        window: of metrics, which forgets steps that weren't done.
        accelerator: devices and processes.
    """

    def __init__(
        self,
        guard: Guard,
        state: TrainingState,
        ema: EmaWeights,
        optimiser: AcceleratedOptimizer,
        window: Window,
        accelerator: Accelerator,
    ) -> None:
        self._guard, self._state, self._ema = guard, state, ema
        self._optimiser, self._window, self._accelerator = optimiser, window, accelerator
        self.stop = False
        plain = isinstance(optimiser.optimizer, torch.optim.AdamW) and accelerator.scaler is None
        self.late = plain and accelerator.device.type == "cuda"
        self._open: OpenStep | None = None

    def apply(self, step: int, loss: Tensor, norm: Tensor | float, *, batches: int, stop: bool) -> None:
        """Change the weights by their gradients.

        Args:
            step: steps done before it.
            loss: scalar, of this process, summed over the step's batches.
            norm: of the gradient, the same in all processes.
            batches: that the window of metrics held before this step.
            stop: whether this process is to stop.

        Raises:
            NotFinite: this step's or the last one's loss, gradient or weights aren't finite, in any process.
        """
        flags = self._guard.flags(loss, norm, stop=stop)
        if self.late:
            self.settle()
            # The kernel asks whether it is 1, and the flags are summed over the processes.
            self._optimiser.optimizer.found_inf = (flags[:2] > 0).any().float()
            self._step()
            flags = torch.cat([flags, self._state.weights_flag()]).to("cpu", non_blocking=True)
            self._open = OpenStep(step=step, batches=batches, flags=flags, arrived=self._mark())
            return
        taken = self._may_step(step, batches, flags.tolist())
        # Of a step that fp16's scaler gives up, too: it lowers its factor, and leaves the weights as they are.
        self._step()
        if taken:
            self._average(step, self._state.weights_flag().item() > 0)

    def settle(self) -> None:
        """Finish the last step: read its flags, and average the weights. Whoever looks at weights asks for it first.

        Raises:
            NotFinite: its loss, gradient or weights aren't finite, in any process.
        """
        last, self._open = self._open, None
        if last is None:
            return
        if last.arrived is not None:
            last.arrived.synchronize()
        *flags, weights = last.flags.tolist()
        if self._may_step(last.step, last.batches, flags):
            self._average(last.step, weights > 0)

    def _may_step(self, step: int, batches: int, flags: Sequence[float]) -> bool:
        loss, gradient, stop = flags
        self.stop = stop > 0
        try:
            return self._guard.may_step(step, loss=loss > 0, gradient=gradient > 0)
        except NotFinite:
            # The weights are as they were before this step, and so is what a checkpoint says of it.
            self._window.keep(batches)
            raise

    def _mark(self) -> torch.cuda.Event | None:
        if self._accelerator.device.type != "cuda":
            return None
        event = torch.cuda.Event()  # type: ignore[no-untyped-call]
        event.record()
        return event

    def _step(self) -> None:
        self._optimiser.step()
        self._optimiser.zero_grad(set_to_none=True)

    def _average(self, step: int, bad: bool) -> None:
        if bad:
            self._state.check_weights(step + 1)  # which says which
        self._ema.update(step)
