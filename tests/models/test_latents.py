from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.pictures import load_picture
from underpaint.models.latents import autoencoder_loss, channel_statistics, decode, downsampling, encode, standardise
from underpaint.models.nano import build_nano

NAMES = ("temple", "flower", "coffee", "cat")


@pytest.fixture(scope="module")
def frames() -> torch.Tensor:
    pictures = [torch.from_numpy(load_picture(name, (64, 64))) for name in NAMES]
    return torch.stack(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1


def test_any_leading_shape(base: Any, frames: torch.Tensor) -> None:
    assert downsampling(base.vae) == 4
    latents = encode(base.vae, frames.reshape(2, 2, 3, 64, 64))
    assert latents.shape == (2, 2, 4, 16, 16)
    assert torch.allclose(latents.flatten(0, 1), encode(base.vae, frames), atol=1e-5)
    assert decode(base.vae, latents).shape == (2, 2, 3, 64, 64)
    assert decode(base.vae, 100 * latents).abs().max() <= 1


def test_sampling_is_drawn_by_the_generator(base: Any, frames: torch.Tensor) -> None:
    first, again = (encode(base.vae, frames, torch.Generator().manual_seed(1)) for _ in range(2))
    assert torch.equal(first, again)
    assert not torch.equal(first, encode(base.vae, frames))


def test_standardising_changes_latents_but_no_picture(frames: torch.Tensor) -> None:
    vae = build_nano(seed=9).vae
    vae.register_to_config(scaling_factor=0.5)
    before, noisy = decode(vae, encode(vae, frames)), encode(vae, frames, torch.Generator().manual_seed(1))
    noise = noisy - encode(vae, frames)
    mean, std = channel_statistics(vae, frames.split(2))
    standardise(vae, mean, std)
    assert vae.config.scaling_factor == 1.0
    assert torch.allclose(decode(vae, encode(vae, frames)), before, atol=1e-4)
    mean_after, std_after = channel_statistics(vae, frames.split(2))
    assert torch.allclose(mean_after, torch.zeros(4).double(), atol=1e-4)
    assert torch.allclose(std_after, torch.ones(4).double(), atol=1e-4)
    # The posterior's width shrinks or grows along with its mean.
    noise_after = encode(vae, frames, torch.Generator().manual_seed(1)) - encode(vae, frames)
    assert torch.allclose(noise_after, noise / std.float()[:, None, None], rtol=1e-2, atol=1e-4)


def test_the_loss_falls_and_the_guide_ties_latents_to_colours(frames: torch.Tensor) -> None:
    vae = build_nano(seed=9).vae
    optimiser = torch.optim.AdamW(vae.parameters(), lr=3e-3)
    losses = []
    for turn in range(30):
        loss = autoencoder_loss(vae, frames[:, :, 16:48, 16:48], torch.Generator().manual_seed(turn), guide=1.0)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]
    small = torch.nn.functional.avg_pool2d(frames, 4).flatten()
    likeness = torch.corrcoef(torch.stack([encode(vae, frames)[:, :3].flatten(), small]))[0, 1]
    assert likeness > 0.7


def test_what_must_fail(base: Any) -> None:
    with pytest.raises(ValueError, match="no frames to measure the latents of"):
        channel_statistics(base.vae, [])
    vae = build_nano().vae
    with torch.no_grad():
        vae.quant_conv.weight.zero_()
    with pytest.raises(ValueError, match="a latent channel never varies"):
        channel_statistics(vae, [torch.zeros(1, 3, 16, 16)])
