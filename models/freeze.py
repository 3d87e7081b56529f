"""Which parameters train, which stay, and how many there are."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from torch import nn


def train_only(module: nn.Module, *parts: str) -> list[nn.Parameter]:
    """Let exactly those parameters train whose name contains one of `parts`; none of them freezes all.

    Returns:
        The parameters that train, in the order of the module: what the optimiser and the clipping get.
    """
    training = []
    for name, parameter in module.named_parameters():
        parameter.requires_grad_(any(part in name for part in parts))
        if parameter.requires_grad:
            training.append(parameter)
    assert training or not parts, f"no parameter is called like {parts}"
    return training


@dataclasses.dataclass(frozen=True, kw_only=True)
class ParameterCount:
    """Parameters of one part of a model.

    Attributes:
        part: first names of the parameters, as `down_blocks.motion_modules`.
        parameters: how many numbers it has.
        training: how many of these train.
    """

    part: str
    parameters: int
    training: int


def _part(name: str) -> str:
    """`down_blocks.0.attentions.1...` -> `down_blocks.attentions`; adapters are named by themselves."""
    names = [word for word in name.split(".") if not word.isdigit()]
    if "lora_A" in names or "lora_B" in names:
        return f"lora.{names[-2]}"
    return ".".join(names[:2]) if names[0].endswith(("_blocks", "_block")) else names[0]


def parameter_table(module: nn.Module) -> list[ParameterCount]:
    """The parameters of a model by part, in its own order: what a run prints before its first step."""
    sums: dict[str, list[int]] = {}
    for name, parameter in module.named_parameters():
        row = sums.setdefault(_part(name), [0, 0])
        row[0] += parameter.numel()
        row[1] += parameter.numel() if parameter.requires_grad else 0
    return [ParameterCount(part=part, parameters=all_, training=training) for part, (all_, training) in sums.items()]


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Names whose `digests` differ or that only one side has, sorted."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
