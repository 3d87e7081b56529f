"""`nano`: a Stable-Diffusion-shaped base that is built here, needs no download, and trains on a laptop."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from underpaint.models.base import Base
from underpaint.models.noise import NoiseSchedule
from underpaint.models.seeding import seeded

_START, _END = "<|startoftext|>", "<|endoftext|>"
# CLIP's own length, start and end included: 75 letters, spaces not counted.
_TEXT_LENGTH = 77
_TEXT_WIDTH = 128
# Predicting the picture itself is what makes a small model learn at all: what it gets wrong is blurred, where one that
# predicts v leaves noise (docs/models.md). With zero terminal SNR it paints white paper from pure noise, as a process
# demands, rather than grey.
NANO_NOISE = NoiseSchedule(beta_schedule="scaled_linear", prediction="sample", zero_terminal_snr=True)


def build_nano(*, seed: int = 0, size: int = 64) -> Base:
    """A new nano, untrained: about 0.6 M parameters of autoencoder, 0.3 M of text encoder and 5.6 M of UNet.

    The autoencoder comes first: train it, then `latents.standardise` it, then train the UNet on its latents.

    Args:
        seed: of all weights; equal seeds give equal weights, and the global random state isn't touched.
        size: side of its pictures in pixels, which stock pipelines paint when they are not told one.

    Raises:
        ValueError: a size that isn't a multiple of 16, the UNet's and the autoencoder's downsampling together.
    """
    if size < 16 or size % 16:
        raise ValueError(f"nano paints sizes that are multiples of 16, not {size}")
    with seeded(seed):
        vae, text_encoder, unet = _autoencoder(size), _text_encoder(), _unet(size // 4)
    return Base(
        name="nano",
        vae=vae.eval(),
        tokenizer=byte_tokenizer(),
        text_encoder=text_encoder.eval(),
        unet=unet.eval(),
        noise=NANO_NOISE,
    )


def byte_tokenizer() -> CLIPTokenizer:
    """A CLIPTokenizer without merges: each letter is its UTF-8 bytes, 514 entries in all.

    Like CLIP's it folds case and drops spaces; the last byte of a word is another token than the same byte within.
    """
    symbols = _byte_symbols()
    entries = [*symbols, *(f"{symbol}</w>" for symbol in symbols), _START, _END]
    with tempfile.TemporaryDirectory() as folder:
        # Files, because every version of transformers reads them; the constructor's arguments changed.
        vocabulary = {entry: number for number, entry in enumerate(entries)}
        (Path(folder) / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
        (Path(folder) / "merges.txt").write_text("#version: 0.2\n", encoding="utf-8")
        tokenizer: CLIPTokenizer = CLIPTokenizer.from_pretrained(folder, model_max_length=_TEXT_LENGTH)
    return tokenizer


def _byte_symbols() -> list[str]:
    """The printable letter that stands for each of the 256 bytes in byte-level BPE (Radford et al. 2019)."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = (byte for byte in range(256) if byte not in printable)
    symbols = {byte: chr(256 + number) for number, byte in enumerate(others)}
    return [symbols.get(byte, chr(byte)) for byte in range(256)]


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


def _text_encoder() -> CLIPTextModel:
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=514,
            hidden_size=_TEXT_WIDTH,
            intermediate_size=2 * _TEXT_WIDTH,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=_TEXT_LENGTH,
            bos_token_id=512,
            eos_token_id=513,
            pad_token_id=513,
        )
    )


def _unet(side: int) -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=side,
        # Narrow enough that all networks together, as 16-bit floats, take less than 24 MB.
        block_out_channels=(64, 112, 112),
        down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
        layers_per_block=1,
        norm_num_groups=16,
        cross_attention_dim=_TEXT_WIDTH,
        # Despite the name, the number of heads.
        attention_head_dim=4,
    )
