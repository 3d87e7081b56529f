"""One step of training that never waits for the GPU: recorded once as a CUDA graph, and replayed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

_BETAS = (0.9, 0.99)
_DECAY = 0.998
_WARM_UP = 3  # steps before a recording, as PyTorch's notes on CUDA graphs have it
_WARMUP_STEPS = 50
_TICK = 10  # steps between looks at the clock


class TimedTraining:
    """Trains for some seconds; the learning rate falls to 0 over them as a cosine.

    Args:
        loss: what is trained on; draws its batch itself, on the device, and waits for nothing.
        parameters: that train.
        rate: peak learning rate.
        device: that is computed on.
        graphs: record steps and replay them.
    """

    def __init__(
        self,
        loss: Callable[[], Tensor],
        parameters: Sequence[nn.Parameter],
        *,
        rate: float,
        device: torch.device,
        graphs: bool,
    ) -> None:
        self._loss, self._highest, self._device = loss, rate, device
        self._parameters: list[Any] = list(parameters)
        cuda = device.type == "cuda"
        self._share = torch.ones((), device=device)  # of the weights that the average takes in
        self._optimiser = torch.optim.AdamW(
            self._parameters,
            lr=rate,
            betas=_BETAS,
            capturable=cuda,
            foreach=True,
        )
        if cuda:
            for group in self._optimiser.param_groups:
                group["lr"] = torch.full((), rate, device=device)
        self._average: list[Any] = [parameter.detach().clone() for parameter in self._parameters]
        self._last = torch.zeros((), device=device)
        self._graph: torch.cuda.CUDAGraph | None = None
        self.steps = 0
        self.losses: list[tuple[int, float]] = []
        self.note = ""
        self._graphs = graphs and cuda

    def run(self, until: float, tick: Callable[[float], None] = lambda share: None) -> None:
        """Train until `time.monotonic()` says so.

        Args:
            until: when to end.
            tick: is called between steps, about ten times a second or less, with the share of the time that is over.

        Raises:
            FloatingPointError: the loss isn't finite any more.
        """
        began = time.monotonic()
        while (share := (time.monotonic() - began) / max(1e-9, until - began)) < 1:
            self._prepare(share)
            if self._graphs and self._graph is None and self.steps >= _WARM_UP:
                self._record()
            for _ in range(_TICK if self._graph else 1):
                self._replay()
                self.steps += 1
            tick(share)  # while the GPU computes
            if self._device.type == "cuda":
                torch.cuda.synchronize()
            if self.steps % 50 < _TICK or share == 0:
                self.losses.append((self.steps, float(self._last)))
                if not math.isfinite(self.losses[-1][1]):
                    raise FloatingPointError(f"the loss is {self.losses[-1][1]} after {self.steps} steps")
        with torch.no_grad():
            torch._foreach_copy_(self._parameters, self._average)

    def _prepare(self, share: float) -> None:
        warm = min(1.0, (1 + self.steps) / _WARMUP_STEPS)
        rate = self._highest * warm * 0.5 * (1 + math.cos(math.pi * share))
        for group in self._optimiser.param_groups:
            if isinstance(group["lr"], Tensor):
                group["lr"].fill_(rate)  # a recording reads it there
            else:
                group["lr"] = rate
        self._share.fill_(1 - min(_DECAY, (1 + self.steps) / (10 + self.steps)))

    def _replay(self) -> None:
        if self._graph is not None:
            self._graph.replay()
        elif self._graphs:
            # Off the default stream, as a recording wants it of the steps before.
            side: Any = torch.cuda.Stream()  # type: ignore[no-untyped-call, unused-ignore]
            side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(side):
                self._step()
            torch.cuda.current_stream().wait_stream(side)
        else:
            self._step()

    def _record(self) -> None:
        self._optimiser.zero_grad(set_to_none=True)
        torch.cuda.synchronize()
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(graph):
                self._step()
        except RuntimeError as error:
            # Step by step it takes longer, and learns as well.
            self.note, self._graphs = f"not recorded: {error}", False
            torch.cuda.synchronize()
            return
        self._graph = graph

    def _step(self) -> None:
        self._optimiser.zero_grad(set_to_none=True)
        # Casts aren't kept: what a recording keeps must not outlive it.
        with torch.autocast(self._device.type, torch.bfloat16, cache_enabled=False):
            loss = self._loss()
        loss.backward()  # type: ignore[no-untyped-call, unused-ignore]
        nn.utils.clip_grad_norm_(self._parameters, 1.0, foreach=True)
        self._optimiser.step()
        with torch.no_grad():
            self._last.copy_(loss.detach())
            change: Any = torch._foreach_sub(self._parameters, self._average)
            torch._foreach_mul_(change, self._share)
            torch._foreach_add_(self._average, change)
