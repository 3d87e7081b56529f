"""`nano`: a Stable-Diffusion-shaped base that is built here, needs no download, and trains on a laptop."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from underpaint.models.base import Base
from underpaint.models.nano_names import NANO, NANO_LARGE, NANOS, SIZES
from underpaint.models.noise import NoiseSchedule
from underpaint.models.seeding import seeded
from underpaint.models.tokenizer import TEXT_LENGTH, byte_tokenizer

# Predicting the picture itself is what makes a small model learn at all: what it gets wrong is blurred, where one that
# predicts v leaves noise (docs/models.md). With zero terminal SNR it paints white paper from pure noise, as a process
# demands, rather than grey.
NANO_NOISE = NoiseSchedule(beta_schedule="scaled_linear", prediction="sample", zero_terminal_snr=True)


@dataclass(frozen=True, kw_only=True)
class NanoShape:
    """How large a nano is.

    Attributes:
        size: side of its pictures in pixels.
        widths: of the UNet's three levels.
        text_width: numbers of each state of the text encoder.
        text_layers: of the text encoder.
    """

    size: int
    widths: tuple[int, int, int]
    text_width: int
    text_layers: int


SHAPES = {
    # Narrow enough that all networks together, as 16-bit floats, take less than 24 MB.
    NANO: NanoShape(size=SIZES[NANO], widths=(64, 112, 112), text_width=128, text_layers=2),
    # And these less than 40 MB: what a package may weigh.
    NANO_LARGE: NanoShape(size=SIZES[NANO_LARGE], widths=(80, 128, 144), text_width=192, text_layers=4),
}


def build_nano(
    name: str = NANO, *, seed: int = 0, size: int | None = None, tokenizer: CLIPTokenizer | None = None
) -> Base:
    """Return a new nano, untrained.

    `nano` has about 0.6 M parameters of autoencoder, 0.3 M of text encoder and 5.6 M of UNet, `nano-large` 0.6 M, 1.3 M
    and 8.6 M. The autoencoder comes first: train it, then `latents.standardise` it, then train the UNet on its latents.

    Args:
        name: `nano` or `nano-large`.
        seed: of all weights; equal seeds give equal weights, and the global random state isn't touched.
        size: side of its pictures in pixels, which stock pipelines paint when they are not told one; 64 and 96 px if
            not given.
        tokenizer: that the text encoder is made for; `byte_tokenizer` if not given.

    Raises:
        ValueError: another name, or a size that isn't a multiple of 16, the UNet's and the autoencoder's downsampling
            together.
    """
    if name not in SHAPES:
        raise ValueError(f"there is no nano of the name {name!r}: use one of {', '.join(NANOS)}")
    shape = SHAPES[name]
    size = shape.size if size is None else size
    if size < 16 or size % 16:
        raise ValueError(f"nano paints sizes that are multiples of 16, not {size}")
    tokenizer = tokenizer or byte_tokenizer()
    with seeded(seed):
        vae, text_encoder, unet = _autoencoder(size), _text_encoder(shape, tokenizer), _unet(shape, size // 4)
    return Base(
        name=name,
        vae=vae.eval(),
        tokenizer=tokenizer,
        text_encoder=text_encoder.eval(),
        unet=unet.eval(),
        noise=NANO_NOISE,
    )


def _autoencoder(size: int) -> AutoencoderKL:
    """Four latent channels, as stock pipelines expect, at a quarter of the side."""
    widths = (16, 32, 64)
    vae = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * len(widths),
        up_block_types=("UpDecoderBlock2D",) * len(widths),
        block_out_channels=widths,
        layers_per_block=1,
        latent_channels=4,
        scaling_factor=1.0,
        norm_num_groups=8,
        sample_size=size,
        # Attention over a whole picture gains nothing on 16 x 16 latents.
        mid_block_add_attention=False,
        force_upcast=False,
    )
    # The posterior starts narrow: by default its noise is as large as the latents, and drowns colours for long.
    with torch.no_grad():
        vae.quant_conv.weight[4:].zero_()
        vae.quant_conv.bias[4:].fill_(-6.0)
    return vae


def _text_encoder(shape: NanoShape, tokenizer: CLIPTokenizer) -> CLIPTextModel:
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=shape.text_width,
            intermediate_size=2 * shape.text_width,
            num_hidden_layers=shape.text_layers,
            num_attention_heads=4,
            max_position_embeddings=TEXT_LENGTH,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


def _unet(shape: NanoShape, side: int) -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=side,
        block_out_channels=shape.widths,
        down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
        layers_per_block=1,
        norm_num_groups=16,
        cross_attention_dim=shape.text_width,
        # Despite the name, the number of heads.
        attention_head_dim=4,
    )
