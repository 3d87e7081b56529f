from __future__ import annotations

import pytest
import torch
from diffusers.pipelines.free_init_utils import FreeInitMixin

from underpaint.models.noise import NoiseSchedule
from underpaint.pipelines.freeinit import low_pass, renoise, renoise_timestep


def test_the_filter_is_that_of_diffusers() -> None:
    theirs = FreeInitMixin()._get_free_init_freq_filter((1, 4, 8, 16, 12), "cpu", "butterworth", 4, 0.25, 0.25)
    ours = torch.fft.fftshift(low_pass((8, 16, 12)))
    assert torch.allclose(theirs[0, 0], ours, atol=1e-6)


def test_low_frequencies_are_kept_and_high_ones_drawn_anew() -> None:
    generator = torch.Generator().manual_seed(1)
    latents, first, fresh = (torch.randn(1, 4, 8, 16, 16, generator=generator) for _ in range(3))
    made = renoise(latents, first, fresh, torch.tensor(0.3))
    noised = 0.3**0.5 * latents + 0.7**0.5 * first
    axes = (-3, -2, -1)
    assert torch.allclose(made.mean(axes), noised.mean(axes), atol=1e-5)
    highest = [torch.fft.fftn(each, dim=axes)[..., 4, 8, 8] for each in (made, fresh)]
    assert torch.allclose(*highest, atol=1e-3)


def test_the_timestep_holds_something_of_the_picture() -> None:
    plain = NoiseSchedule().alphas_cumprod()
    assert renoise_timestep(plain) == 999
    zero = NoiseSchedule(prediction="sample", zero_terminal_snr=True).alphas_cumprod()
    assert zero[999] == 0
    assert float(zero[renoise_timestep(zero)]) == pytest.approx(0.0046, rel=0.3)
