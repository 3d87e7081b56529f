from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from underpaint.training.config import MotionConfig
from underpaint.training.data_config import DataConfig
from underpaint.training.optimiser import (
    EmaWeights,
    load_state,
    new_optimiser,
    rate,
    set_weights,
    state_tensors,
    trained,
)


def config() -> MotionConfig:
    return MotionConfig(data=DataConfig(corpus="c"), out=Path("run"), steps=10)


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
    take_steps(whole, new_optimiser(trained(whole), config()), [1.0, 2.0, 3.0, 4.0])
    before, after = (new_optimiser(trained(layer), config()) for layer in (first, second))
    take_steps(first, before, [1.0, 2.0])
    set_weights(trained(second), trained(first))
    load_state(after, trained(second), state_tensors(before, trained(first)))
    take_steps(second, after, [3.0, 4.0])
    assert torch.equal(second.weight, whole.weight)


def test_only_what_trains_is_trained_and_averaged() -> None:
    assert list(trained(model())) == ["weight"]


def test_the_average_follows_and_is_lent_only() -> None:
    layer = model()
    average = EmaWeights(trained(layer), 0.9)
    with torch.no_grad():
        layer.weight += 1
    own = layer.weight.detach().clone()
    average.update(0)
    with average.in_place():
        assert torch.allclose(layer.weight, own - 0.1)
    assert torch.equal(layer.weight, own)


def test_without_decay_the_average_is_the_last_weights() -> None:
    layer = model()
    average = EmaWeights(trained(layer), 0.0)
    with torch.no_grad():
        layer.weight += 1
    average.update(5)
    assert torch.equal(average.tensors["weight"], layer.weight)
