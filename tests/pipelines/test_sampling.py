from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from underpaint.models.noise import NoiseSchedule, target_of
from underpaint.pipelines.sampling import SeededNoise, sample, scheduler_of


def test_noise_follows_from_each_seed_alone() -> None:
    both, one = SeededNoise([3, 4]), SeededNoise([4])
    first = both.draw(4, 2, 8, 8)
    assert torch.equal(first[1:], one.draw(4, 2, 8, 8))
    assert torch.equal(both.draw(4, 5)[1:], one.draw(4, 5))
    assert not torch.equal(first, both.draw(4, 2, 8, 8))
    assert torch.equal(first[0], torch.randn(1, 4, 2, 8, 8, generator=torch.Generator().manual_seed(3))[0])


def test_a_network_that_knows_the_picture_gets_there() -> None:
    picture, seen = torch.full((1, 4, 2, 8, 8), 0.7), []

    def predict(noisy: Tensor, level: Tensor, turn: int) -> Tensor:
        seen.append((int(level), turn))
        return picture

    noise = NoiseSchedule(prediction="sample", zero_terminal_snr=True)
    looks: list[Any] = []
    made = sample(predict, noise.scheduler(), SeededNoise([1]).draw(4, 2, 8, 8), 10, looks.append)
    assert torch.allclose(made, picture, atol=1e-5)
    assert seen == [(999 - 100 * turn, turn) for turn in range(10)]
    assert all(torch.equal(look, picture) for look in looks)


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction", "sample"])
@pytest.mark.parametrize("sampler", ["dpm++", "lcm"])
def test_other_samplers_get_there_in_few_steps(sampler: str, prediction: str) -> None:
    noise = NoiseSchedule(prediction=prediction)
    scheduler, picture = scheduler_of(noise, sampler), torch.full((2, 4, 2, 8, 8), 0.7)
    seen: list[int] = []
    looks: list[Any] = []

    def predict(noisy: Tensor, level: Tensor, turn: int) -> Tensor:
        seen.append(int(level))
        signal = noise.alphas_cumprod()[level]
        epsilon = (noisy - signal.sqrt() * picture) / (1 - signal).sqrt()
        return target_of(prediction, noise.alphas_cumprod(), picture, epsilon, level.expand(2))

    drawn = SeededNoise([1, 2])
    first = drawn.draw(4, 2, 8, 8)
    made = sample(predict, scheduler, first, 5, looks.append, drawn)
    assert torch.allclose(made, picture, atol=1e-3)
    assert all(torch.allclose(look, picture, atol=2e-2) for look in looks)
    assert (len(seen), seen[0]) == (5, 999)


def test_a_samplers_own_noise_follows_from_each_seed_alone() -> None:
    def predict(noisy: Tensor, level: Tensor, turn: int) -> Tensor:
        return 0.5 * noisy

    def sampled(*seeds: int) -> Tensor:
        drawn = SeededNoise(seeds)
        first = drawn.draw(4, 2, 8, 8)
        return sample(predict, scheduler_of(NoiseSchedule(), "lcm"), first, 4, lambda clean: None, drawn)

    assert torch.equal(sampled(3, 4)[1:], sampled(4))


def test_latents_that_are_not_finite_end_it_at_their_step() -> None:
    def predict(noisy: Tensor, level: Tensor, turn: int) -> Tensor:
        return torch.full_like(noisy, float("inf") if turn == 2 else 0.5)

    with pytest.raises(ValueError, match="not finite after step 3 of 10"):
        sample(predict, NoiseSchedule().scheduler(), SeededNoise([1]).draw(4, 2, 8, 8), 10, lambda clean: None)
