"""What is said before the first step: what will train, on what, and how much memory it takes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from underpaint.models import parameter_table
from underpaint.training.hardware import caches_casts, quick_precision
from underpaint.training.loader import Data
from underpaint.training.optimiser import state_bytes, trained
from underpaint.training.peak import PeakMemory
from underpaint.training.phase import COMPUTED_IN, Phase

_FLOAT = 4  # bytes of a gradient and of an EMA weight


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a step of one process takes.

    Attributes:
        weights: bytes of all networks, each in its own type.
        training: bytes of gradients, the optimizer's state and, unless they are in main memory, the EMA weights.
        activations: bytes at the height of a step beyond these: what the forward pass keeps for the backward pass, what
            is computed anew there, or the autoencoder at work. While there are most of them, there are few gradients.
        operations: floating-point operations of one sample in the network, forward and backward.
    """

    weights: int
    training: int
    activations: int
    operations: float

    @property
    def memory(self) -> int:
        """Bytes in all. The work space of single operations comes on top."""
        return self.weights + self.training + self.activations


def cost_of(phase: Phase, processes: int = 1) -> Cost:
    """Find out what a step takes by running one on tensors without content; takes a second or a few.

    Args:
        phase: on the CPU still, its frozen weights cast (`Phase.cast_frozen`).
        processes: of the run; several keep their gradients in the buckets in which they are exchanged.
    """
    config, parameters = phase.config, trained(phase.model)
    networks = (phase.model, *phase.frozen)
    everything = [value for network in networks for value in (*network.parameters(), *network.buffers())]
    precision = COMPUTED_IN[config.mixed_precision]
    autocast = torch.autocast("cpu", precision, enabled=precision != torch.float32, cache_enabled=caches_casts(config))
    with FakeTensorMode(allow_non_fake_inputs=True) as fake:
        known = [fake.from_tensor(value) for value in everything]
        encoding, step = PeakMemory(known), PeakMemory(known)
        with encoding, autocast:
            phase.encode_example(phase.batch)
        with step:
            with autocast:
                output = phase.model(*phase.example(phase.batch))
            # Not backward(), which would leave gradients without content in the parameters.
            gradients = torch.autograd.grad(output.float().sum(), list(parameters.values()), allow_unused=True)
        lasting = processes > 1 or config.gradient_accumulation_steps > 1
        highest = max(encoding.highest(results=False), step.highest(results=not lasting))
        del gradients
    numbers = sum(value.numel() for value in parameters.values())
    averages = config.ema_decay and not config.offload_ema
    return Cost(
        weights=sum(value.nbytes for network in networks for value in network.parameters()),
        training=(2 if averages else 1) * _FLOAT * numbers + state_bytes(parameters, config.optimizer),
        activations=highest if lasting else max(highest - _FLOAT * numbers, 0),
        operations=step.operations / phase.batch,
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
        f"  memory: about {cost.memory / gib:.2f} GiB (weights {cost.weights / gib:.2f}, gradients, optimizer "
        f"and EMA {cost.training / gib:.2f}, activations {cost.activations / gib:.2f})"
    )
    seconds = seconds_of(cost, phase.batch * config.gradient_accumulation_steps, device)
    if config.mixed_precision == "bf16" and quick_precision(device.type) == "no":
        lines.append(
            f"  {device.type} has no instructions for bf16: it will take many times as long as --mixed-precision no"
        )
    lines.append(f"  time: at least {seconds:.2f} s a step, {seconds * phase.steps / 3600:.1f} h in all")
    return lines


def _table(rows: Sequence[tuple[str, int, int]]) -> list[str]:
    total = ("in all", sum(row[1] for row in rows), sum(row[2] for row in rows))
    width = max(len(row[0]) for row in rows)
    head = f"  {'part':{width}}  {'parameters':>13}  {'training':>13}"
    return [head, *(f"  {part:{width}}  {count:13,}  {training:13,}" for part, count, training in (*rows, total))]
