"""The optimiser without a scheduler, and its state as named tensors: AdamW, or one that saves memory or a search."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from underpaint.extras import needing
from underpaint.training.config import TrainConfig

Parameters = Mapping[str, nn.Parameter]

_FLOAT = 4  # bytes
_PLAIN_BELOW = 4096  # numbers; bitsandbytes holds the moments of smaller tensors in float32
_BLOCK = 256  # numbers that share a scale in bitsandbytes


def trained(model: nn.Module) -> dict[str, nn.Parameter]:
    """The parameters that train, by name."""
    return {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}


def new_optimiser(parameters: Parameters, config: TrainConfig) -> torch.optim.Optimizer:
    """The config's optimiser over all that trains; the loop sets its rate anew for each step.

    Raises:
        MissingExtra: its library isn't installed.
    """
    values = list(parameters.values())
    found: torch.optim.Optimizer
    common: dict[str, Any] = {"weight_decay": config.weight_decay}
    betas = (0.9, config.beta2)
    if config.optimizer == "adamw":
        # One kernel for all tensors takes a third of the time: 2 % of a step of nano's largest stage, more of others'.
        return torch.optim.AdamW(values, betas=betas, fused=True, **common)
    with needing(f"optimizer {config.optimizer}", "optimizers"):
        if config.optimizer == "adamw-8bit":
            from bitsandbytes.optim import AdamW8bit

            found = AdamW8bit(values, betas=betas, **common)
            return found
        if config.optimizer == "prodigy":
            from prodigyopt import Prodigy

            # As its authors advise for diffusion models (https://github.com/konstmish/prodigy).
            found = Prodigy(values, betas=betas, use_bias_correction=True, safeguard_warmup=True, **common)
            return found
    assert config.optimizer == "adafactor", config.optimizer
    from transformers.optimization import Adafactor

    # The learning rate is the loop's, absolute as AdamW's: scaled by a parameter's size, what starts at 0 would stay.
    found = Adafactor(values, scale_parameter=False, relative_step=False, lr=config.learning_rate, **common)
    return found


def state_bytes(parameters: Parameters, optimizer: str) -> int:
    """Bytes that the state of an optimiser takes, `TrainConfig.optimizer`, without making it."""
    return sum(_state_bytes(parameter, optimizer) for parameter in parameters.values())


def _state_bytes(parameter: Tensor, optimizer: str) -> int:
    numbers = parameter.numel()
    if optimizer == "adafactor":
        # Of matrices, and of the last two axes of kernels, the means of rows and columns.
        rows_columns = 0 if parameter.ndim < 2 else numbers // parameter.shape[-1] + numbers // parameter.shape[-2]
        return _FLOAT * (rows_columns or numbers)
    if optimizer == "adamw-8bit" and numbers >= _PLAIN_BELOW:
        return 2 * (numbers + _FLOAT * math.ceil(numbers / _BLOCK))
    # Prodigy remembers where it began, and one sum more.
    return (4 if optimizer == "prodigy" else 2) * _FLOAT * numbers


def rate(step: int, steps: int, highest: float, *, warmup: int, cosine: bool) -> float:
    """Learning rate of step 0..steps-1: rises over `warmup` steps, then stays or falls to 0 as half a cosine.

    A function of the step, so that a resumed run needs no state of a scheduler.
    """
    rising = min(1.0, (step + 1) / (warmup + 1))
    return highest * rising * (0.5 + 0.5 * math.cos(math.pi * step / steps) if cosine else 1.0)


def state_tensors(optimiser: torch.optim.Optimizer, parameters: Parameters) -> dict[str, Tensor]:
    """The state as `NAME.exp_avg` and so on; plain numbers as int64 and float64. Empty before the first step."""
    return {
        f"{name}.{part}": value.detach() if isinstance(value, Tensor) else torch.tensor(value, dtype=_wide(value))
        for name, parameter in parameters.items()
        for part, value in optimiser.state.get(parameter, {}).items()
        # Tables of bitsandbytes that all parameters share: it makes them anew.
        if value is not None and not part.startswith("qmap")
    }


def _wide(number: float) -> torch.dtype:
    return torch.int64 if isinstance(number, int) else torch.float64


def load_state(optimiser: Any, parameters: Parameters, tensors: Mapping[str, Tensor]) -> None:
    """Put back what `state_tensors` gave."""
    parts: dict[str, dict[str, Any]] = {name: {} for name in parameters}
    for key, value in tensors.items():
        name, _, part = key.rpartition(".")
        plain = value.ndim == 0 and value.dtype in (torch.int64, torch.float64)
        # AdamW's count too: the fused kernel keeps it where the parameters are.
        parts[name][part] = value.item() if plain else value.to(parameters[name].device)
    for name, found in parts.items():
        if "absmax1" in found:
            tables = {"qmap1": "dynamic", "qmap2": "udynamic"}
            found |= {key: optimiser.name2qmap[kind].to(parameters[name].device) for key, kind in tables.items()}
        if found:
            optimiser.state[parameters[name]] = found


def running_numbers(optimiser: torch.optim.Optimizer) -> list[dict[str, float]]:
    """What an optimiser estimates for each group of parameters, as Prodigy its step size: no tensors, but state too."""
    defaults = optimiser.defaults
    return [
        {
            name: value
            for name, value in group.items()
            if name not in ("lr", "params") and isinstance(value, (int, float)) and value != defaults.get(name)
        }
        for group in optimiser.param_groups
    ]


def load_running_numbers(optimiser: torch.optim.Optimizer, numbers: list[dict[str, float]]) -> None:
    """Put back what `running_numbers` gave."""
    # Checkpoints of earlier versions have none.
    for group, found in zip(optimiser.param_groups, numbers, strict=False):
        group.update(found)
