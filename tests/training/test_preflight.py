from __future__ import annotations

from pathlib import Path

import torch

from tests.training.conftest import Configure
from tests.training.runs import motion_config
from underpaint.models import load_base
from underpaint.training.loader import Data
from underpaint.training.preflight import cost_of, describe
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
    assert cost_of(phase).activations == 2 * cost.activations > 0
    assert all(torch.equal(value, before[name]) for name, value in phase.model.state_dict().items())
    assert all(value.grad is None for value in phase.model.parameters())
    lines = describe("motion", phase, Data(config.data), cost, 1, torch.device("cpu"))
    assert any("motion_modules" in line for line in lines) or any("unet" in line for line in lines)
    assert f"{training:,}" in "\n".join(lines)
