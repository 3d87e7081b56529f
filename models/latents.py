"""Frames to latents and back, and what makes the latents of a new autoencoder fit for diffusion."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from diffusers import AutoencoderKL
from torch import Tensor
from torch.nn import functional

# Weight of the divergence from the normal distribution, per number of a frame's latents: just enough to keep them
# from growing without bound (Rombach et al. 2022 take as little). `standardise` does the rest.
_DIVERGENCE = 1e-7
# Pixels that go through the autoencoder together, one or four frames of 512 px: a processor has enough to do with one,
# for which it needs 0.85 GiB in float32, a GPU with four, at 0.3 GiB each in 16 bits. Many small frames go at once.
_PIXELS_ON_CPU, _PIXELS_ON_GPU = 512 * 512, 4 * 512 * 512


def downsampling(vae: AutoencoderKL) -> int:
    """Pixels along one side of a latent: 8 for Stable Diffusion, 4 for nano."""
    return int(2 ** (len(vae.config.block_out_channels) - 1))


@torch.no_grad()
def encode(vae: AutoencoderKL, frames: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """Frames (..., 3, H, W), -1..1, to scaled latents (..., 4, h, w).

    Args:
        vae: the autoencoder.
        frames: of any leading shape, of the autoencoder's type and device.
        generator: draws from the posterior; its mode is taken without one, as conditions and inversion want it.
    """
    drawn = []
    for pixels in _parts(frames, frames.shape[-2] * frames.shape[-1]):
        posterior = vae.encode(pixels).latent_dist
        drawn.append(posterior.mode() if generator is None else posterior.sample(generator))
    latents: Tensor = torch.cat(drawn) * vae.config.scaling_factor
    return latents.reshape(*frames.shape[:-3], *latents.shape[1:])


@torch.no_grad()
def decode(vae: AutoencoderKL, latents: Tensor) -> Tensor:
    """Scaled latents (..., 4, h, w) to frames (..., 3, H, W), -1..1; NaN where the decoder overflowed."""
    pixels_each = latents.shape[-2] * latents.shape[-1] * downsampling(vae) ** 2
    parts = _parts(latents / vae.config.scaling_factor, pixels_each)
    decoded = torch.cat([vae.decode(part).sample for part in parts])
    # Clamped, infinity would be white.
    pixels: Tensor = torch.where(decoded.isinf(), torch.nan, decoded).clamp(-1, 1)
    return pixels.reshape(*latents.shape[:-3], *pixels.shape[1:])


def _parts(images: Tensor, pixels_each: int) -> tuple[Tensor, ...]:
    """Images (..., C, H, W) as batches (N, C, H, W) of so many as go through an autoencoder together."""
    pixels = _PIXELS_ON_CPU if images.device.type == "cpu" else _PIXELS_ON_GPU
    return torch.split(images.reshape(-1, *images.shape[-3:]), max(1, pixels // pixels_each))


def autoencoder_loss(vae: AutoencoderKL, frames: Tensor, generator: torch.Generator, *, guide: float) -> Tensor:
    """What trains a new autoencoder: squared error of the picture, and a guide that spares it the longest part.

    The guide asks the first three latent channels to be the frame itself, shrunk. Without it a small autoencoder spends
    its first minutes on brightness alone, all four channels alike, and finds colour late: docs/models.md has figures.
    Let it fade to nothing over the first half of the training.

    Args:
        vae: in training mode or not, it has no dropout; frames may be crops, it has no attention either.
        frames: (N, 3, H, W), -1..1.
        generator: draws from the posterior.
        guide: weight of the guide, 1 at the start and 0 later.

    Returns:
        A scalar. The squared error alone of a frame in -1..1 is 4 times that in 0..1: PSNR is 6.02 - 10 log10 of it.
    """
    posterior = vae.encode(frames).latent_dist
    painted = vae.decode(posterior.sample(generator)).sample
    shrunk = functional.avg_pool2d(frames, downsampling(vae))
    loss: Tensor = functional.mse_loss(painted, frames)
    loss = loss + guide * functional.mse_loss(posterior.mean[:, :3], shrunk)
    loss += _DIVERGENCE * posterior.kl().mean()
    return loss


def channel_statistics(vae: AutoencoderKL, batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of each latent channel over batches of frames (N, 3, H, W), float64 (4,) each.

    Raises:
        ValueError: no batches, or a channel that never varies, as in an autoencoder that wasn't trained.
    """
    count, total, squares = 0, torch.zeros(0), torch.zeros(0)
    for frames in batches:
        latents = encode(vae, frames).double().transpose(0, 1).flatten(1)
        total = latents.sum(1) + (total if count else 0)
        squares = latents.square().sum(1) + (squares if count else 0)
        count += latents.shape[1]
    if count == 0:
        raise ValueError("no frames to measure the latents of; give at least one batch")
    mean = total / count
    std = (squares / count - mean.square()).clamp(min=0).sqrt()
    if not bool((std >= 1e-6).all()):  # NaN, too
        raise ValueError(f"a latent channel never varies (standard deviations {std.tolist()}); train the autoencoder")
    return mean, std


@torch.no_grad()
def standardise(vae: AutoencoderKL, mean: Tensor, std: Tensor) -> None:
    """Alter an autoencoder so that latents of this mean and deviation come out with mean 0 and deviation 1.

    Decoded pictures stay the same. Diffusion assumes unit variance (Rombach et al. 2022, 4.3.2, divide by one number,
    `scaling_factor`), and stock pipelines know no other correction; but channels of unlike size, off centre, waste
    part of the noise schedule. So the correction of each channel goes into the two 1x1 convolutions on either side of
    the latents, and `scaling_factor` becomes 1.

    Args:
        vae: an autoencoder with both convolutions, as nano's; measured with the `scaling_factor` it has now.
        mean: (4,), of `channel_statistics`.
        std: (4,), likewise.
    """
    before, after = vae.quant_conv, vae.post_quant_conv
    assert before is not None, "an autoencoder without 1x1 convolutions"
    assert after is not None, "an autoencoder without 1x1 convolutions"
    mean, std = (value.to(before.weight) / vae.config.scaling_factor for value in (mean, std))
    channels = len(mean)
    # Decoding starts by undoing what encoding now ends with.
    after.bias += after.weight[:, :, 0, 0] @ mean
    after.weight *= std[None, :, None, None]
    # The upper half of the moments is the log of the posterior's variance.
    before.weight[:channels] /= std[:, None, None, None]
    before.bias[:channels] = (before.bias[:channels] - mean) / std
    before.bias[channels:] -= 2 * std.log()
    vae.register_to_config(scaling_factor=1.0)
