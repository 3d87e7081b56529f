from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode

from tests.training.conftest import Configure
from tests.training.runs import motion_config
from underpaint.models import load_base
from underpaint.training.loader import Data
from underpaint.training.peak import PeakMemory
from underpaint.training.preflight import Cost, cost_of, describe
from underpaint.training.stages import phase_specs
from underpaint.training.stages.motion import MotionPhase


def test_it_counts_without_leaving_a_trace(thin: Path, configure: Configure) -> None:
    base = load_base(thin)
    config = motion_config(configure(), thin, Path("run"), batch=2)
    phase = MotionPhase(config, base, base.noise)
    before = {name: value.clone() for name, value in phase.model.state_dict().items()}
    cost = cost_of(phase)
    everything = sum(value.numel() for value in phase.model.parameters()) + sum(
        value.numel() for value in base.vae.parameters()
    )
    training = sum(value.numel() for value in phase.model.parameters() if value.requires_grad)
    assert (cost.weights, cost.training) == (4 * everything, 16 * training)
    assert cost.operations > 1e6
    # Twice the batch, twice the activations.
    phase.batch = 4
    assert 1.5 * cost.activations < cost_of(phase, 2).activations
    # Gradients that stay in the buckets of several processes can't make room for them.
    assert cost_of(phase, 2).activations > cost_of(phase).activations > 0
    assert all(torch.equal(value, before[name]) for name, value in phase.model.state_dict().items())
    assert all(value.grad is None for value in phase.model.parameters())
    lines = describe("motion", phase, Data(config.data), cost, 1, torch.device("cpu"))
    assert any("motion_modules" in line for line in lines) or any("unet" in line for line in lines)
    assert f"{training:,}" in "\n".join(lines)


def test_what_saves_memory_is_counted(thin: Path, configure: Configure) -> None:
    def cost(**changes: object) -> Cost:
        base = load_base(thin)
        config = motion_config(configure(), thin, Path("run"), batch=4, **changes)
        phase = MotionPhase(config, base, base.noise)
        phase.cast_frozen()
        return cost_of(phase, 2)

    plain, half = cost(), cost(mixed_precision="bf16")
    assert half.weights < plain.weights
    assert cost(gradient_checkpointing=True).activations < plain.activations / 2
    trained = plain.training // 16
    assert cost(ema_decay=0.0).training == cost(offload_ema=True).training == 12 * trained


def test_the_height_is_that_of_what_is_there_at_once() -> None:
    def compute() -> Tensor:
        first = torch.zeros(1000)
        second = first + 1
        del first
        third = second.view(10, 100).add_(1)
        return third @ torch.zeros(100, 2)

    with FakeTensorMode(), PeakMemory() as peak:
        result = compute()
    assert (peak.highest(results=False), peak.highest(results=True)) == (8000, 8000)
    assert peak.operations == 2 * 10 * 100 * 2
    del result


def test_a_processor_that_only_pretends_to_know_16_bits_is_told_of(
    thin: Path, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = configure()
    for asked, there, told in (("bf16", "no", True), ("bf16", "bf16", False), ("no", "no", False)):
        monkeypatch.setattr("underpaint.training.preflight.quick_precision", lambda device, there=there: there)
        config = motion_config(data, thin, Path("run"), mixed_precision=asked)
        (spec,) = phase_specs(config)
        cost = Cost(weights=1, training=1, activations=1, operations=1.0)
        lines = describe("motion", spec.build(), Data(spec.data, spec.multiple), cost, 1, torch.device("cpu"))
        assert ("cpu has no instructions for bf16" in "\n".join(lines)) == told
