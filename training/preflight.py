"""What is said before the first step: what will train, on what, and how much memory it takes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils.flop_counter import FlopCounterMode

from underpaint.models import parameter_table
from underpaint.training.loader import Data
from underpaint.training.optimiser import trained
from underpaint.training.phase import Phase

_FLOAT = 4  # bytes of a weight
_TYPES = {"no": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a step of one process takes.

    Attributes:
        weights: bytes of all networks.
        training: bytes of gradients, AdamW's moments and the EMA weights.
        activations: bytes kept from the forward pass for the backward pass.
        operations: floating-point operations of one sample in the network, forward and backward.
    """

    weights: int
    training: int
    activations: int
    operations: float

    @property
    def memory(self) -> int:
        """Bytes in all. Work space, and the autoencoder at work, come on top."""
        return self.weights + self.training + self.activations


def cost_of(phase: Phase, *, samples: int = 1) -> Cost:
    """Find out what a step takes by running one on tensors without content; takes a second or a few.

    Args:
        phase: on the CPU still.
        samples: of the pretended batch; activations are then scaled to the phase's.
    """
    parameters = trained(phase.model)
    networks = (phase.model, *phase.frozen)
    weights = sum(value.numel() for network in networks for value in network.parameters())
    kept: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        if not isinstance(tensor, torch.nn.Parameter):
            storage = tensor.untyped_storage()
            kept[storage._cdata] = storage.nbytes()
        return tensor

    counter = FlopCounterMode(display=False)
    hooks = torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor)
    precision = _TYPES[phase.config.mixed_precision]
    with FakeTensorMode(allow_non_fake_inputs=True), counter, hooks:
        with torch.autocast("cpu", precision, enabled=precision != torch.float32):
            output = phase.model(*phase.example(samples))
        # Not backward(), which would leave gradients without content in the parameters.
        torch.autograd.grad(output.float().sum(), list(parameters.values()), allow_unused=True)
    return Cost(
        weights=_FLOAT * weights,
        # A gradient, two moments, an EMA weight.
        training=4 * _FLOAT * sum(value.numel() for value in parameters.values()),
        activations=sum(kept.values()) * phase.batch // samples,
        operations=counter.get_total_flops() / samples,
    )


def seconds_of(cost: Cost, samples: int, device: torch.device) -> float:
    """Return the seconds that a step of some samples takes at least: as if all were one product of matrices."""
    one = torch.rand(1024, 1024, device=device)
    one @ one  # the first takes longer
    began = time.perf_counter()
    float((one @ one).sum())
    return cost.operations * samples * (time.perf_counter() - began) / (2 * 1024**3)


def describe(name: str, phase: Phase, data: Data, cost: Cost, processes: int, device: torch.device) -> list[str]:
    """Lines for people; `device` is what will compute."""
    config = phase.config
    samples = phase.batch * config.gradient_accumulation_steps * processes
    lines = [f"{name}: {phase.steps} steps of {samples} samples, {data.config.frames} frames of {data.config.size} px"]
    lines += [f"  {line}" for line in data.describe()]
    rows = [(row.part, row.parameters, row.training) for row in parameter_table(phase.model)]
    lines += _table(rows)
    gib = 2**30
    lines.append(
        f"  memory: about {cost.memory / gib:.2f} GiB (weights {cost.weights / gib:.2f}, gradients, AdamW moments "
        f"and EMA {cost.training / gib:.2f}, activations {cost.activations / gib:.2f})"
    )
    seconds = seconds_of(cost, phase.batch * config.gradient_accumulation_steps, device)
    lines.append(f"  time: at least {seconds:.2f} s a step, {seconds * phase.steps / 3600:.1f} h in all")
    return lines


def _table(rows: Sequence[tuple[str, int, int]]) -> list[str]:
    total = ("in all", sum(row[1] for row in rows), sum(row[2] for row in rows))
    width = max(len(row[0]) for row in rows)
    head = f"  {'part':{width}}  {'parameters':>13}  {'training':>13}"
    return [head, *(f"  {part:{width}}  {count:13,}  {training:13,}" for part, count, training in (*rows, total))]
