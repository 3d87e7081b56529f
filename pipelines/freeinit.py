"""FreeInit (Wu et al. 2023): sample again from noise that has the low frequencies of what was sampled."""

from __future__ import annotations

import torch
from torch import Tensor

# The paper's Butterworth filter, and where it stops, as a share of the highest frequency.
_ORDER, _STOP = 4, 0.25
# Share of the picture's variance in what Stable Diffusion takes for pure noise, which is what FreeInit works with.
_LEAST_SIGNAL = 0.0046


def renoise_timestep(alphas_T: Tensor) -> int:
    """Return the timestep to which a result is noised: the last, or the last that holds any of the picture.

    Under zero terminal SNR the last timestep holds nothing, so nothing would be carried over.
    """
    enough = torch.nonzero(alphas_T >= _LEAST_SIGNAL).flatten()
    return len(alphas_T) - 1 if float(alphas_T[-1]) > 0 else int(enough[-1])


def renoise(latents: Tensor, first: Tensor, fresh: Tensor, alpha: Tensor) -> Tensor:
    """Return noise to sample from again: low frequencies of the noised result, high ones of fresh noise.

    Args:
        latents: (B, C, F, h, w), what was sampled.
        first: the noise that it was sampled from.
        fresh: other noise.
        alpha: `alphas_cumprod` of the timestep to which it is noised.
    """
    noised = alpha.sqrt() * latents + (1 - alpha).sqrt() * first
    axes, low = (-3, -2, -1), low_pass(latents.shape[-3:]).to(latents.device)
    mixed = torch.fft.fftn(noised, dim=axes) * low + torch.fft.fftn(fresh, dim=axes) * (1 - low)
    noise: Tensor = torch.fft.ifftn(mixed, dim=axes).real
    return noise


def low_pass(shape: tuple[int, ...]) -> Tensor:
    """Return how much of each frequency of (F, h, w) passes, 0..1, in the order of `torch.fft.fftn`."""
    frames, height, width = (2 * torch.fft.fftfreq(length) for length in shape)
    squares = frames[:, None, None] ** 2 + height[:, None] ** 2 + width**2
    passed: Tensor = 1 / (1 + (squares / _STOP**2) ** _ORDER)
    return passed
