"""AdamW without a scheduler, its state as named tensors, and EMA weights of what it trains."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from underpaint.training.config import TrainConfig

_MOMENTS = ("step", "exp_avg", "exp_avg_sq")

Parameters = Mapping[str, nn.Parameter]


def trained(model: nn.Module) -> dict[str, nn.Parameter]:
    """The parameters that train, by name."""
    return {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}


def new_optimiser(parameters: Parameters, config: TrainConfig) -> torch.optim.AdamW:
    """AdamW over all that trains; the loop sets its rate anew for each step."""
    # One kernel for all tensors takes a third of the time: 2 % of a step of nano's largest stage, more of its others.
    betas = (0.9, config.beta2)
    return torch.optim.AdamW(parameters.values(), betas=betas, weight_decay=config.weight_decay, fused=True)


def rate(step: int, steps: int, highest: float, *, warmup: int, cosine: bool) -> float:
    """Learning rate of step 0..steps-1: rises over `warmup` steps, then stays or falls to 0 as half a cosine.

    A function of the step, so that a resumed run needs no state of a scheduler.
    """
    rising = min(1.0, (step + 1) / (warmup + 1))
    return highest * rising * (0.5 + 0.5 * math.cos(math.pi * step / steps) if cosine else 1.0)


def state_tensors(optimiser: torch.optim.Optimizer, parameters: Parameters) -> dict[str, Tensor]:
    """The state as `NAME.exp_avg` and so on; empty before the first step."""
    return {
        f"{name}.{moment}": optimiser.state[parameter][moment]
        for name, parameter in parameters.items()
        if parameter in optimiser.state
        for moment in _MOMENTS
    }


def load_state(optimiser: torch.optim.Optimizer, parameters: Parameters, tensors: Mapping[str, Tensor]) -> None:
    """Put back what `state_tensors` gave."""
    for name, parameter in parameters.items():
        if f"{name}.step" in tensors:
            # The count too: the fused kernel keeps it where the parameters are.
            moments = {moment: tensors[f"{name}.{moment}"].to(parameter.device) for moment in _MOMENTS}
            optimiser.state[parameter] = moments


class EmaWeights:
    """Exponential moving average (EMA) of the parameters that train.

    Args:
        parameters: that are averaged.
        decay: how much of the average stays at a step, in the long run; it starts at 0.1, since the first weights
            aren't worth remembering. With 0 the average is always the parameters themselves.
    """

    def __init__(self, parameters: Parameters, decay: float) -> None:
        self._parameters, self._decay = parameters, decay
        self.tensors = {name: parameter.detach().clone() for name, parameter in parameters.items()}

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take in the parameters after a step, 0 the first."""
        decay = min(self._decay, (1 + step) / (10 + step))
        for name, parameter in self._parameters.items():
            self.tensors[name].lerp_(parameter.detach(), 1 - decay)

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Put back a saved average."""
        for name, value in self.tensors.items():
            value.copy_(tensors[name])

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The model has the averaged weights inside, and its own again afterwards."""
        own = {name: parameter.detach().clone() for name, parameter in self._parameters.items()}
        set_weights(self._parameters, self.tensors)
        try:
            yield
        finally:
            set_weights(self._parameters, own)


@torch.no_grad()
def set_weights(parameters: Parameters, tensors: Mapping[str, Tensor]) -> None:
    """Copy tensors into parameters of the same names."""
    for name, parameter in parameters.items():
        parameter.copy_(tensors[name])
