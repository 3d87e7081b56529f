"""The image model: nano, from nothing or going on, or a LoRA that fits another base to painted pictures."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

from diffusers import AutoencoderKL

from underpaint.models import NoiseSchedule, architecture, build_nano, save_base, save_lora, train_lora
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
from underpaint.training.phase import Phase, PhaseSpec
from underpaint.training.stages.parts import check_loras, check_prediction, find_base, new_record, put_lora


def phase_specs(config: BaseConfig) -> list[PhaseSpec]:
    """Nano: its autoencoder, unless there is one, then text encoder and UNet. Another base: a LoRA on its UNet."""
    if is_nano(config.base):
        return _nano(config) if config.init is None else _nano_goes_on(config, config.init)
    base = find_base(config)
    noise = noise_of(config, base.noise)
    check_prediction(base, noise)
    check_loras(config, base, noise)
    return [_phase(config.data, base, lambda pictures: AdapterPhase(config, pictures, base, noise))]


def _nano(config: BaseConfig) -> list[PhaseSpec]:
    base = find_base(config, tokenizer=tokenizer_of(config.data) if config.tokenizer == "learned" else None)
    noise = noise_of(config, base.noise)
    frames = autoencoder_data(config.data)

    def build(pictures: DataConfig) -> WholePhase:
        vae = load_model(AutoencoderKL, config.out / "autoencoder").eval()
        return WholePhase(config, pictures, dataclasses.replace(base, vae=vae), noise)

    multiple = size_step(base.vae, base.unet)
    autoencoder = PhaseSpec(
        name="autoencoder",
        data=frames,
        multiple=multiple,
        build=lambda: AutoencoderPhase(config, base.vae, Data(frames, multiple)),
    )
    return [autoencoder, _phase(config.data, base, build)]


def _nano_goes_on(config: BaseConfig, init: str) -> list[PhaseSpec]:
    base = find_base(config, init)
    if architecture(base.unet) != architecture(build_nano(config.base).unet):
        raise ValueError(f"init {init} is no {config.base}: name one, or, to fit a LoRA to it, give it as --base")
    noise = noise_of(config, base.noise)
    return [_phase(config.data, base, lambda pictures: WholePhase(config, pictures, base, noise))]


def _phase(data: DataConfig, base: Base, build: Callable[[DataConfig], Phase]) -> PhaseSpec:
    pictures = dataclasses.replace(data, frames=1)
    return PhaseSpec(name="base", data=pictures, multiple=size_step(base.vae, base.unet), build=lambda: build(pictures))


class WholePhase(DenoisingPhase):
    """Text encoder and UNet, on the latents of an autoencoder that is trained."""

    keeps_frozen = True

    def __init__(self, config: BaseConfig, data: DataConfig, base: Base, noise: NoiseSchedule) -> None:
        self.whole = dataclasses.replace(base, noise=noise)
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
