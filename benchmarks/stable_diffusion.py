"""Random networks of Stable Diffusion 1.5's sizes: nothing needs to be downloaded to measure what they cost."""

from __future__ import annotations

from diffusers import AutoencoderKL

SIDE = 512  # pixels


def autoencoder() -> AutoencoderKL:
    """Its autoencoder, for pictures of 512 px."""
    return AutoencoderKL(
        block_out_channels=(128, 256, 512, 512),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=2,
        latent_channels=4,
        sample_size=SIDE,
    )
