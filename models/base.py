"""The image model that everything is built on: the parts of a Stable Diffusion 1.x pipeline."""

from __future__ import annotations

import dataclasses

from diffusers import AutoencoderKL, UNet2DConditionModel, UNetMotionModel
from transformers import CLIPTextModel, CLIPTokenizer

from underpaint.models.latents import downsampling
from underpaint.models.noise import NoiseSchedule


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Base:
    """A text-to-image model. Whoever trains or adapts it takes the parts; nothing in this package alters them.

    Attributes:
        name: what `load_base` was asked for.
        vae: the autoencoder.
        tokenizer: text to token numbers.
        text_encoder: token numbers to the (L, D) states that the UNet attends to.
        unet: the denoiser.
        noise: the schedule it was trained with.
    """

    name: str
    vae: AutoencoderKL
    tokenizer: CLIPTokenizer
    text_encoder: CLIPTextModel
    unet: UNet2DConditionModel
    noise: NoiseSchedule


def own_size(base: Base) -> int:
    """Return the side in pixels of the pictures that a base is made for: 64 for nano, 512 for Stable Diffusion 1.5.

    0 where it doesn't say.
    """
    side = base.unet.config.sample_size
    return side * downsampling(base.vae) if isinstance(side, int) else 0


def size_step(vae: AutoencoderKL, unet: UNet2DConditionModel | UNetMotionModel) -> int:
    """Return what both sides of a frame must be multiples of, in pixels: 16 for nano, 64 for Stable Diffusion 1.5."""
    return int(downsampling(vae) * 2 ** (len(unet.config.block_out_channels) - 1))


def check_size(base: Base, size: int) -> None:
    """Raise ValueError unless frames of this side, in pixels, come through the autoencoder and the UNet unchanged."""
    step = size_step(base.vae, base.unet)
    if size < step or size % step:
        raise ValueError(f"size {size} doesn't fit base {base.name}: it takes multiples of {step} px")
