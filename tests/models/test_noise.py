from __future__ import annotations

import pytest
import torch
from diffusers import DDIMInverseScheduler, DDPMScheduler, PNDMScheduler
from diffusers.training_utils import compute_snr
from hypothesis import given
from hypothesis import strategies as st

from underpaint.models.noise import (
    BETA_SCHEDULES,
    PREDICTIONS,
    NoiseSchedule,
    add_noise,
    min_snr_weights,
    sample_and_noise,
    schedule_of,
    signal_to_noise,
    squared_error,
    target_of,
)

LEVELS = torch.tensor([0, 1, 250, 999])


def draw(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(4, 4, 3, 8, 8, generator=generator), torch.randn(4, 4, 3, 8, 8, generator=generator)


def schedules() -> list[NoiseSchedule]:
    plain = [NoiseSchedule(beta_schedule=name) for name in BETA_SCHEDULES]
    zero = [NoiseSchedule(prediction=name, zero_terminal_snr=True) for name in PREDICTIONS if name != "epsilon"]
    return [*plain, *zero]


@pytest.mark.parametrize("schedule", schedules(), ids=NoiseSchedule.describe)
def test_noise_and_velocity_are_those_of_diffusers(schedule: NoiseSchedule) -> None:
    stock = DDPMScheduler.from_config(schedule.scheduler().config)
    sample, noise = draw()
    alphas = schedule.alphas_cumprod()
    assert torch.allclose(add_noise(alphas, sample, noise, LEVELS), stock.add_noise(sample, noise, LEVELS), atol=1e-6)
    velocity = target_of("v_prediction", alphas, sample, noise, LEVELS)
    assert torch.allclose(velocity, stock.get_velocity(sample, noise, LEVELS), atol=1e-6)
    assert schedule_of(stock.config) == schedule


@pytest.mark.parametrize("prediction", PREDICTIONS)
def test_a_perfect_output_gives_back_sample_and_noise_as_in_diffusers(prediction: str) -> None:
    schedule = NoiseSchedule(prediction=prediction, zero_terminal_snr=prediction != "epsilon")
    alphas = schedule.alphas_cumprod()
    sample, noise = draw()
    noisy = add_noise(alphas, sample, noise, LEVELS)
    target = target_of(prediction, alphas, sample, noise, LEVELS)
    found_sample, found_noise = sample_and_noise(prediction, alphas, target, noisy, LEVELS)
    assert torch.allclose(found_sample, sample, atol=1e-3)
    assert torch.allclose(found_noise, noise, atol=1e-3)
    stock = schedule.scheduler()
    stock.set_timesteps(1000)
    for index, level in enumerate(LEVELS):
        step = stock.step(target[index], level, noisy[index])
        assert torch.allclose(step.pred_original_sample, found_sample[index], atol=1e-5)


@given(level=st.integers(0, 999), gamma=st.floats(0.5, 20), seed=st.integers(0, 9))
def test_min_snr_weighs_the_same_error_alike_for_every_prediction(level: int, gamma: float, seed: int) -> None:
    alphas = NoiseSchedule().alphas_cumprod().double()
    steps = torch.full((4,), level)
    sample, noise = (value.double() for value in draw(seed))
    noisy = add_noise(alphas, sample, noise, steps)
    wrong = sample + 0.1
    # The noise and the velocity that would have led a network to that wrong sample.
    _, wrong_noise = sample_and_noise("sample", alphas, wrong, noisy, steps)
    losses = []
    for prediction in PREDICTIONS:
        output = target_of(prediction, alphas, wrong, wrong_noise, steps)
        error = (output - target_of(prediction, alphas, sample, noise, steps)).square().flatten(1).mean(1)
        losses.append(min_snr_weights(prediction, alphas, steps, gamma) * error)
    assert torch.allclose(losses[0], losses[1], rtol=1e-3)
    assert torch.allclose(losses[0], losses[2], rtol=1e-3)


def test_signal_to_noise_is_that_of_diffusers_and_nil_at_the_end_of_zero_snr() -> None:
    schedule = NoiseSchedule(prediction="v_prediction", zero_terminal_snr=True)
    stock = schedule.scheduler()
    assert torch.allclose(signal_to_noise(schedule.alphas_cumprod(), LEVELS), compute_snr(stock, LEVELS), rtol=1e-4)
    assert schedule.alphas_cumprod()[-1] == 0


def test_min_snr_weighs_the_level_without_signal_as_v_does() -> None:
    alphas = NoiseSchedule(prediction="sample", zero_terminal_snr=True).alphas_cumprod()
    weights = min_snr_weights("sample", alphas, torch.arange(1000))
    assert weights[0] == 5
    assert weights[-1] == 1
    assert (weights.diff() <= 0).all()
    assert torch.equal(min_snr_weights("v_prediction", alphas, torch.tensor([999, 998])).round(), torch.ones(2))


@pytest.mark.parametrize("schedule", schedules(), ids=NoiseSchedule.describe)
def test_inversion_visits_the_levels_of_sampling(schedule: NoiseSchedule) -> None:
    sampling, inversion = schedule.scheduler(), DDIMInverseScheduler.from_config(schedule.scheduler().config)
    sampling.set_timesteps(25)
    inversion.set_timesteps(25)
    assert sampling.timesteps.flip(0).tolist() == inversion.timesteps.tolist()
    assert torch.equal(sampling.alphas_cumprod, inversion.alphas_cumprod)
    if schedule.zero_terminal_snr:
        assert sampling.timesteps[0] == 999


def test_error_is_float32_and_per_sample() -> None:
    output = torch.zeros(2, 3, 4, dtype=torch.bfloat16)
    error = squared_error(output, torch.tensor([1.0, 2.0])[:, None, None].expand(2, 3, 4))
    assert error.dtype == torch.float32
    assert error.tolist() == [1.0, 4.0]


def test_schedule_of_an_old_config_takes_diffusers_defaults() -> None:
    assert schedule_of({}).beta_end == PNDMScheduler().config.beta_end
    assert schedule_of({"beta_schedule": "scaled_linear", "beta_end": 0.012}).prediction == "epsilon"


def test_what_must_fail() -> None:
    with pytest.raises(ValueError, match="beta_schedule 'cosine' is unknown; it is one of linear"):
        NoiseSchedule(beta_schedule="cosine")
    with pytest.raises(ValueError, match="prediction 'noise' is unknown; it is one of epsilon"):
        NoiseSchedule(prediction="noise")
    with pytest.raises(ValueError, match="zero_terminal_snr with prediction 'epsilon' can't be sampled"):
        NoiseSchedule(zero_terminal_snr=True)
    with pytest.raises(ValueError, match="trained_betas is not supported"):
        schedule_of({"trained_betas": [0.1, 0.2]})
