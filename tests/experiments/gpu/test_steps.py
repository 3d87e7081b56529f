from __future__ import annotations

import time

import pytest
import torch
from torch import Tensor, nn

from underpaint.experiments.gpu.steps import TimedTraining


def test_it_trains_as_long_as_it_may_and_leaves_the_average() -> None:
    weight, shares = nn.Parameter(torch.tensor([5.0])), list[float]()

    def loss() -> Tensor:
        return (weight - 2).square().sum()

    training = TimedTraining(loss, [weight], rate=0.5, device=torch.device("cpu"), graphs=True)
    began = time.monotonic()
    training.run(began + 0.5, shares.append)
    assert 0.5 <= time.monotonic() - began < 5
    assert training.steps == len(shares) > 10
    assert shares == sorted(shares)
    assert abs(weight.item() - 2) < 0.5
    assert torch.equal(weight.detach(), training._average[0])


def test_a_loss_that_is_no_number_ends_it() -> None:
    weight = nn.Parameter(torch.tensor([5.0]))
    training = TimedTraining(
        lambda: weight.sum() * torch.nan, [weight], rate=0.1, device=torch.device("cpu"), graphs=False
    )
    with pytest.raises(FloatingPointError, match="the loss is nan after 1 steps"):
        training.run(time.monotonic() + 10)
