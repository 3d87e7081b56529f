"""Exponential moving averages of the weights that train: what is validated, sampled from and saved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor

from underpaint.training.optimiser import Parameters


class EmaWeights:
    """Exponential moving average (EMA) of the parameters that train.

    Attributes:
        tensors: the average by name; the parameters themselves if there is no decay.

    Args:
        parameters: that are averaged.
        decay: how much of the average stays at a step, in the long run; it starts at 0.1, since the first weights
            aren't worth remembering. With 0 there is no average, and nothing in memory for it.
        offload: keep the average in main memory. A step then takes the weights there, 0.1 s for a GB.
    """

    def __init__(self, parameters: Parameters, decay: float, *, offload: bool = False) -> None:
        self._parameters, self._decay = parameters, decay
        self.tensors: dict[str, Tensor] = {
            name: parameter.detach() if not decay else _copied(parameter, offload)
            for name, parameter in parameters.items()
        }

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take in the parameters after a step, 0 the first."""
        if not self._decay or not self.tensors:
            return
        average = list(self.tensors.values())
        weights = [parameter.detach().to(average[0].device) for parameter in self._parameters.values()]
        # One kernel for all tensors, rather than a thousand.
        torch._foreach_lerp_(average, weights, 1 - min(self._decay, (1 + step) / (10 + step)))

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Put back a saved average."""
        if self._decay:
            for name, value in self.tensors.items():
                value.copy_(tensors[name])

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The model has the averaged weights inside, and its own again afterwards."""
        if not self._decay:
            yield
            return
        # Their own wait where the average is: on a GPU there may be no room for both.
        own = {
            name: value.detach().to(self.tensors[name].device, copy=True) for name, value in self._parameters.items()
        }
        set_weights(self._parameters, self.tensors)
        try:
            yield
        finally:
            set_weights(self._parameters, own)


def _copied(parameter: Tensor, offload: bool) -> Tensor:
    return parameter.detach().to("cpu" if offload else parameter.device, copy=True)


@torch.no_grad()
def set_weights(parameters: Parameters, tensors: Mapping[str, Tensor]) -> None:
    """Copy tensors into parameters of the same names."""
    for name, parameter in parameters.items():
        parameter.copy_(tensors[name])
