"""The image model: nano from nothing, or a LoRA that fits another base to painted pictures."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from diffusers import AutoencoderKL

from underpaint.models import NoiseSchedule, save_base, save_lora, train_lora
from underpaint.models.base import Base, size_step
from underpaint.models.lora import LAYOUTS
from underpaint.models.nano_names import is_nano
from underpaint.models.weights import load_model
from underpaint.training.autoencoder import AutoencoderPhase, autoencoder_data
from underpaint.training.captions import tokenizer_of
from underpaint.training.config import BaseConfig
from underpaint.training.data_config import DataConfig
from underpaint.training.denoising import Denoiser, DenoisingPhase
from underpaint.training.loader import Data
from underpaint.training.noise import noise_of
from underpaint.training.phase import PhaseSpec
from underpaint.training.stages.parts import check_loras, check_prediction, find_base, new_record, put_lora


def phase_specs(config: BaseConfig) -> list[PhaseSpec]:
    """Nano: its autoencoder, then text encoder and UNet together. Another base: a LoRA on its UNet."""
    nano = is_nano(config.base)
    base = find_base(config, tokenizer_of(config.data) if nano and config.tokenizer == "learned" else None)
    multiple = size_step(base.vae, base.unet)
    noise = noise_of(config, base.noise)
    pictures = dataclasses.replace(config.data, frames=1)
    if nano:
        frames = autoencoder_data(config.data)
        return [
            PhaseSpec(
                name="autoencoder",
                data=frames,
                multiple=multiple,
                build=lambda: AutoencoderPhase(config, base.vae, Data(frames, multiple)),
            ),
            PhaseSpec(
                name="base", data=pictures, multiple=multiple, build=lambda: ScratchPhase(config, pictures, base, noise)
            ),
        ]
    check_prediction(base, noise)
    check_loras(config, base, noise)
    return [
        PhaseSpec(
            name="base", data=pictures, multiple=multiple, build=lambda: AdapterPhase(config, pictures, base, noise)
        )
    ]


class ScratchPhase(DenoisingPhase):
    """Text encoder and UNet, both new, on the latents of the trained autoencoder."""

    keeps_frozen = True

    def __init__(self, config: BaseConfig, data: DataConfig, base: Base, noise: NoiseSchedule) -> None:
        vae = load_model(AutoencoderKL, config.out / "autoencoder").eval()
        self.whole = dataclasses.replace(base, vae=vae, noise=noise)
        denoiser = Denoiser(base.unet.requires_grad_(True), base.text_encoder.requires_grad_(True))
        super().__init__(config, data, self.whole, noise, denoiser)

    def save(self, folder: Path) -> None:
        """The whole base, an ordinary diffusers folder."""
        save_base(folder, self.whole)


class AdapterPhase(DenoisingPhase):
    """A spatial LoRA, AnimateDiff's domain adapter: motion then needn't learn what painted pictures look like."""

    keeps_frozen = True

    def __init__(self, config: BaseConfig, data: DataConfig, base: Base, noise: NoiseSchedule) -> None:
        self.record = new_record(config, base, noise, "spatial", 1)
        base.text_encoder.requires_grad_(False)
        put_lora(base.unet, "spatial", config)
        train_lora(base.unet, "spatial")
        self.whole = dataclasses.replace(base, noise=noise)
        super().__init__(config, data, base, noise, Denoiser(base.unet, base.text_encoder))

    def save(self, folder: Path) -> None:
        """The base with the LoRA fused into its weights, and beside it the LoRA alone in two layouts."""
        for layout in LAYOUTS["spatial"]:
            save_lora(folder / f"adapter.{layout}.safetensors", self.whole.unet, "spatial", self.record, layout)
        self.whole.unet.fuse_lora(adapter_names=["spatial"])
        self.whole.unet.unload_lora()
        save_base(folder, self.whole)
