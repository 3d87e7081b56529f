"""An artist's two LoRAs: what the pictures look like, then how they come about."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

from diffusers import MotionAdapter

from underpaint.models import Base, NoiseSchedule, load_lora, save_lora, train_lora, train_only, with_motion
from underpaint.models.base import size_step
from underpaint.models.lora import LAYOUTS
from underpaint.training.config import ArtistConfig
from underpaint.training.data_config import DataConfig
from underpaint.training.denoising import Denoiser, DenoisingPhase
from underpaint.training.phase import PhaseSpec
from underpaint.training.stages.parts import (
    LoadedOnce,
    check_loras,
    check_sequences,
    find_base,
    find_motion,
    new_record,
    put_lora,
)


def phase_specs(config: ArtistConfig) -> list[PhaseSpec]:
    """The spatial LoRA on finished pictures alone, lest half-painted ones spoil the look; then the temporal one.

    Or both together on whole sequences, which is what that order is compared with.
    """
    check_sequences(config)
    found = LoadedOnce(lambda: _found(config))
    base = found.look()[0]
    multiple = size_step(base.vae, base.unet)
    if config.joint:
        return [
            PhaseSpec(
                name="artist", data=config.data, multiple=multiple, build=lambda: JointPhase(config, *found.take())
            )
        ]
    pictures = dataclasses.replace(config.data, frames=1, half_painted=0.0)
    return [
        PhaseSpec(
            name="spatial",
            data=pictures,
            multiple=multiple,
            build=lambda: SpatialPhase(config, pictures, *found.take()),
        ),
        PhaseSpec(
            name="artist", data=config.data, multiple=multiple, build=lambda: TemporalPhase(config, *found.take())
        ),
    ]


def _found(config: ArtistConfig) -> tuple[Base, MotionAdapter, NoiseSchedule]:
    base = find_base(config)
    adapter, noise = find_motion(config, base, config.motion)
    check_loras(config, base, noise)
    return base, adapter, noise


class SpatialPhase(DenoisingPhase):
    """A LoRA on the attention of the image model."""

    def __init__(
        self, config: ArtistConfig, data: DataConfig, base: Base, adapter: MotionAdapter, noise: NoiseSchedule
    ) -> None:
        self.record = new_record(config, base, noise, "spatial", 1)
        # The temporal phase, which needs the UNet as it was, loads another.
        self.unet = base.unet
        put_lora(self.unet, "spatial", config)
        train_lora(self.unet, "spatial")
        base.text_encoder.requires_grad_(False)
        super().__init__(config, data, base, noise, Denoiser(self.unet, base.text_encoder))
        self.steps, self.batch = config.spatial_steps, config.spatial_batch

    def save(self, folder: Path) -> None:
        """The LoRA in diffusers' and kohya's layout."""
        for layout in LAYOUTS["spatial"]:
            save_lora(folder / f"spatial.{layout}.safetensors", self.unet, "spatial", self.record, layout)


class TemporalPhase(DenoisingPhase):
    """A LoRA on the attention between frames; the spatial one is in place, and frozen."""

    def __init__(self, config: ArtistConfig, base: Base, adapter: MotionAdapter, noise: NoiseSchedule) -> None:
        self.record = new_record(config, base, noise, "temporal", config.data.frames)
        self.spatial = config.out / "spatial"
        self.unet = with_motion(base.unet, adapter, share=True)
        load_lora(self.unet, "spatial", self.spatial / "spatial.diffusers.safetensors")
        put_lora(self.unet, "temporal", config)
        train_lora(self.unet, "temporal")
        base.text_encoder.requires_grad_(False)
        super().__init__(config, config.data, base, noise, Denoiser(self.unet, base.text_encoder))

    def save(self, folder: Path) -> None:
        """Both LoRAs, each for diffusers and for other programs."""
        for layout in LAYOUTS["temporal"]:
            save_lora(folder / f"temporal.{layout}.safetensors", self.unet, "temporal", self.record, layout)
        for layout in LAYOUTS["spatial"]:
            shutil.copyfile(self.spatial / f"spatial.{layout}.safetensors", folder / f"spatial.{layout}.safetensors")


class JointPhase(DenoisingPhase):
    """Both LoRAs at once."""

    def __init__(self, config: ArtistConfig, base: Base, adapter: MotionAdapter, noise: NoiseSchedule) -> None:
        kinds = ("spatial", "temporal")
        self.records = {kind: new_record(config, base, noise, kind, config.data.frames) for kind in kinds}
        self.unet = with_motion(base.unet, adapter, share=True)
        for kind in kinds:
            put_lora(self.unet, kind, config)
        train_only(self.unet, ".lora_A.", ".lora_B.")
        base.text_encoder.requires_grad_(False)
        super().__init__(config, config.data, base, noise, Denoiser(self.unet, base.text_encoder))

    def save(self, folder: Path) -> None:
        """Both LoRAs, each for diffusers and for other programs."""
        for kind, record in self.records.items():
            for layout in LAYOUTS[kind]:
                save_lora(folder / f"{kind}.{layout}.safetensors", self.unet, kind, record, layout)
