from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import torch
from torch import Tensor

from underpaint.models.noise import NoiseSchedule
from underpaint.pipelines.inversion import invert, rounds_of_steps
from underpaint.pipelines.sampling import Predictor, SeededNoise, sample

SCHEDULES = [
    NoiseSchedule(prediction="sample", zero_terminal_snr=True, beta_schedule="scaled_linear"),
    NoiseSchedule(prediction="v_prediction", zero_terminal_snr=True),
    NoiseSchedule(prediction="epsilon"),
]


def quiet(clean: Tensor | None) -> None:
    pass


class Gaussian:
    """The perfect network where all pictures are normal noise of a deviation, so that the right answer is known."""

    def __init__(self, noise: NoiseSchedule, deviation: float = 0.5) -> None:
        self.alphas, self.kind, self.variance = noise.alphas_cumprod(), noise.prediction, deviation**2

    def __call__(self, noisy: Tensor, level: Tensor, turn: int) -> Tensor:
        alpha = self.alphas[level]
        clean = noisy * alpha.sqrt() * self.variance / (alpha * self.variance + 1 - alpha)
        if self.kind == "sample":
            return clean
        noise = (noisy - alpha.sqrt() * clean) / (1 - alpha).sqrt()
        return noise if self.kind == "epsilon" else alpha.sqrt() * noise - (1 - alpha).sqrt() * clean


@pytest.mark.parametrize("noise", SCHEDULES, ids=lambda noise: noise.prediction)
def test_noise_of_pictures_is_noise(noise: NoiseSchedule) -> None:
    pictures = 0.5 * SeededNoise([1]).draw(4, 3, 16, 16)
    predict: Any = Gaussian(noise)
    back = invert(predict, noise.scheduler(), pictures, 50, quiet, rounds=6)
    # Not quite 1: fifty steps are not as many as it would take.
    assert 0.9 < float(back.var()) < 1.3
    painted = sample(predict, noise.scheduler(), back, 50, quiet)
    assert float((painted - pictures).std()) < 0.02
    once = invert(predict, noise.scheduler(), pictures, 50, quiet, rounds=1)
    rough = sample(predict, noise.scheduler(), once, 50, quiet)
    assert float((painted - pictures).std()) < float((rough - pictures).std())


def test_the_step_to_the_clean_picture_is_gone_over_more_often() -> None:
    assert rounds_of_steps(4, 2, noised=False) == [20, 2, 2, 2]
    assert rounds_of_steps(4, 2, noised=True) == [0, 2, 2, 2]
    assert rounds_of_steps(4, 1, noised=False) == [1, 1, 1, 1]  # plain DDIM


@pytest.mark.parametrize("noise", SCHEDULES, ids=lambda noise: noise.prediction)
def test_a_noised_start_gives_noise(noise: NoiseSchedule) -> None:
    """All that is lost is what the network can't know of the picture at the first level."""
    noise_source = SeededNoise([1])
    pictures, drawn = 0.5 * noise_source.draw(4, 3, 16, 16), noise_source.draw(4, 3, 16, 16)
    predict: Any = Gaussian(noise)
    passes: list[Any] = []
    back = invert(predict, noise.scheduler(), pictures, 50, passes.append, rounds=2, drawn=drawn)
    assert len(passes) == 2 * 49
    assert 0.9 < float(back.var()) < 1.2
    painted = sample(predict, noise.scheduler(), back, 50, quiet)
    scheduler = noise.scheduler()
    scheduler.set_timesteps(50)
    rest = 1 - scheduler.alphas_cumprod[scheduler.timesteps[-1]]
    assert float((painted - pictures).var()) < 1.2 * float(rest * 0.25 / (rest + 0.25))


@torch.no_grad()
def test_a_small_network_comes_back_to_the_picture(pipeline: Any) -> None:
    """With its own schedule; and much less so with another one, as the published code has it."""
    noise = NoiseSchedule(prediction="v_prediction")
    latents = SeededNoise([2]).draw(4, 4, 8, 8)
    predict = still(pipeline)
    back = invert(predict, noise.scheduler(), latents, 40, quiet, rounds=3)
    near = (sample(predict, noise.scheduler(), back, 40, quiet) - latents).std()
    other = dataclasses.replace(noise, beta_schedule="scaled_linear")
    wrong = invert(predict, other.scheduler(), latents, 40, quiet, rounds=3)
    far = (sample(predict, noise.scheduler(), wrong, 40, quiet) - latents).std()
    assert near < 0.01
    assert far > 10 * near


def still(pipeline: Any) -> Predictor:
    """The networks that do hardly anything: a network of random weights has no inverse."""
    from tests.pipelines.conftest import thin_base
    from underpaint.models.motion import new_motion_adapter, with_motion

    unet = thin_base().unet
    return Predictor(
        unet=with_motion(unet, new_motion_adapter(unet)).requires_grad_(False),
        text=pipeline.networks.states(["a barn"]),
        negative=None,
        guidance=1.0,
        network=None,
        latents=torch.zeros(1, 4, 4, 8, 8),
        mask=torch.zeros(1, 4, dtype=torch.bool),
        scale=1.0,
        window=4,
    )
