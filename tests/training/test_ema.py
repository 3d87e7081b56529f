from __future__ import annotations

import pytest
import torch
from torch import nn

from underpaint.training.ema import EmaWeights
from underpaint.training.optimiser import trained


def model() -> nn.Linear:
    layer = nn.Linear(3, 2)
    nn.init.ones_(layer.weight)
    return layer


@pytest.mark.parametrize("offload", [False, True])
def test_the_average_follows_and_is_lent_only(offload: bool) -> None:
    layer = model()
    average = EmaWeights(trained(layer), 0.9, offload=offload)
    with torch.no_grad():
        layer.weight += 1
    own = layer.weight.detach().clone()
    average.update(0)
    with average.in_place():
        assert torch.allclose(layer.weight, own - 0.1)
    assert torch.equal(layer.weight, own)


def test_without_decay_the_average_is_the_weights_and_takes_no_memory() -> None:
    layer = model()
    average = EmaWeights(trained(layer), 0.0)
    with torch.no_grad():
        layer.weight += 1
    average.update(5)
    with average.in_place():
        assert torch.equal(average.tensors["weight"], layer.weight)
    assert average.tensors["weight"].data_ptr() == layer.weight.data_ptr()
