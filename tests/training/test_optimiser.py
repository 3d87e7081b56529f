from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
import torch
from torch import nn

from underpaint.training.config import BaseConfig, MotionConfig, Optimizer
from underpaint.training.data_config import DataConfig
from underpaint.training.ema import set_weights
from underpaint.training.optimiser import (
    load_running_numbers,
    load_state,
    new_optimiser,
    rate,
    running_numbers,
    state_bytes,
    state_tensors,
    trained,
)

CONFIG = MotionConfig(data=DataConfig(corpus="c"), out=Path("run"), steps=10)


def model() -> nn.Linear:
    layer = nn.Linear(3, 2)
    with torch.no_grad():
        layer.weight.copy_(torch.arange(6.0).view(2, 3))
        layer.bias.zero_()
    layer.bias.requires_grad_(False)
    return layer


def test_the_rate_rises_then_stays_or_falls_to_nothing() -> None:
    constant = [rate(step, 100, 2.0, warmup=9, cosine=False) for step in range(100)]
    assert constant[0] == pytest.approx(0.2)
    assert constant[9:] == [2.0] * 91
    falling = [rate(step, 100, 2.0, warmup=9, cosine=True) for step in range(100)]
    assert falling[50] == pytest.approx(1.0)
    assert falling[99] < 0.001
    assert max(falling) < 2


def take_steps(layer: nn.Linear, optimiser: torch.optim.Optimizer, inputs: list[float]) -> None:
    for value in inputs:
        layer(torch.full((1, 3), value)).square().sum().backward()
        optimiser.step()
        optimiser.zero_grad()


def test_a_restored_optimiser_goes_on_exactly() -> None:
    whole, first, second = model(), model(), model()
    take_steps(whole, new_optimiser(trained(whole), CONFIG), [1.0, 2.0, 3.0, 4.0])
    before, after = (new_optimiser(trained(layer), CONFIG) for layer in (first, second))
    take_steps(first, before, [1.0, 2.0])
    set_weights(trained(second), trained(first))
    load_state(after, trained(second), state_tensors(before, trained(first)))
    take_steps(second, after, [3.0, 4.0])
    assert torch.equal(second.weight, whole.weight)


def test_only_what_trains_is_trained_and_averaged() -> None:
    assert list(trained(model())) == ["weight"]


@pytest.mark.parametrize("kind", get_args(Optimizer))
def test_each_optimiser_learns_and_goes_on_exactly(kind: str) -> None:
    library = {"adamw-8bit": "bitsandbytes", "prodigy": "prodigyopt"}.get(kind)
    if library:
        pytest.importorskip(library)
    config = replace(CONFIG, optimizer=kind, learning_rate=1.0 if kind == "prodigy" else 1e-3)

    def make() -> nn.Module:
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(64, 64), nn.Linear(64, 2))

    def steps(layer: nn.Module, optimiser: torch.optim.Optimizer, count: int) -> float:
        for _ in range(count):
            loss = layer(torch.linspace(-1, 1, 640).view(10, 64)).square().mean()
            loss.backward()
            optimiser.step()
            optimiser.zero_grad()
        return loss.item()

    whole, first, second = make(), make(), make()
    optimisers = [new_optimiser(trained(layer), config) for layer in (whole, first, second)]
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["lr"] = config.learning_rate
    assert steps(whole, optimisers[0], 6) < steps(first, optimisers[1], 3)
    saved = state_tensors(optimisers[1], trained(first))
    # What a file keeps of it: no tables, no views.
    assert state_bytes(trained(first), kind) == pytest.approx(sum(value.nbytes for value in saved.values()), rel=0.05)
    set_weights(trained(second), trained(first))
    load_state(optimisers[2], trained(second), {name: value.clone() for name, value in saved.items()})
    load_running_numbers(optimisers[2], json.loads(json.dumps(running_numbers(optimisers[1]))))
    steps(second, optimisers[2], 3)
    assert all(torch.equal(value, whole.state_dict()[name]) for name, value in second.state_dict().items())


def test_a_missing_library_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prodigyopt", None)
    config = replace(CONFIG, optimizer="prodigy", learning_rate=1.0)
    with pytest.raises(ValueError, match=r"optimizer prodigy needs prodigyopt: pip install 'underpaint\[optimizers\]'"):
        new_optimiser(trained(model()), config)


def test_prodigy_is_not_given_the_rate_of_another() -> None:
    with pytest.raises(ValueError, match=r"learning_rate is 0\.0001 with optimizer prodigy"):
        replace(CONFIG, optimizer="prodigy")
    with pytest.raises(ValueError, match=r"autoencoder_learning_rate is 0\.002 with optimizer prodigy"):
        BaseConfig(data=DataConfig(corpus="c"), out=Path("run"), steps=10, optimizer="prodigy", learning_rate=1.0)
