"""An artist's two LoRAs: what the pictures look like, then how they come about."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

from diffusers import MotionAdapter

from underpaint.models import Base, NoiseSchedule, add_lora, load_lora, save_lora, train_lora, train_only, with_motion
from underpaint.models.base import size_step
from underpaint.models.lora import LAYOUTS
from underpaint.training.config import ArtistConfig
from underpaint.training.data_config import DataConfig
from underpaint.training.denoising import Denoiser, DenoisingPhase
from underpaint.training.phase import PhaseSpec
from underpaint.training.stages.parts import check_sequences, find_base, find_motion, new_record


def phase_specs(config: ArtistConfig) -> list[PhaseSpec]:
    """The spatial LoRA on finished pictures alone, lest half-painted ones spoil the look; then the temporal one.

    Or both together on whole sequences, which is what that order is compared with.
    """
    check_sequences(config)
    base = find_base(config)
    multiple = size_step(base)
    adapter, noise = find_motion(config, base, config.motion)
    if config.joint:
        return [
            PhaseSpec(
                name="artist",
                data=config.data,
                multiple=multiple,
                build=lambda: JointPhase(config, base, adapter, noise),
            )
        ]
    pictures = dataclasses.replace(config.data, frames=1, half_painted=0.0)
    return [
        PhaseSpec(
            name="spatial", data=pictures, multiple=multiple, build=lambda: SpatialPhase(config, pictures, base, noise)
        ),
        PhaseSpec(
            name="artist",
            data=config.data,
            multiple=multiple,
            build=lambda: TemporalPhase(config, base, adapter, noise),
        ),
    ]


class SpatialPhase(DenoisingPhase):
    """A LoRA on the attention of the image model."""

    def __init__(self, config: ArtistConfig, data: DataConfig, base: Base, noise: NoiseSchedule) -> None:
        self.record = new_record(config, base, noise, "spatial", "artist", 1)
        # A base of its own, because the temporal phase needs the UNet as it was.
        self.unet = type(base.unet).from_config(base.unet.config).eval()
        self.unet.load_state_dict(base.unet.state_dict())
        add_lora(self.unet, "spatial", rank=config.rank, alpha=config.alpha, seed=config.data.seed)
        train_lora(self.unet, "spatial")
        base.text_encoder.requires_grad_(False)
        super().__init__(config, data, base, noise, Denoiser(self.unet, base.text_encoder))
        self.steps, self.batch = config.spatial_steps, config.spatial_batch

    def save(self, folder: Path) -> None:
        """The LoRA in both layouts."""
        for layout in LAYOUTS:
            save_lora(folder / f"spatial.{layout}.safetensors", self.unet, "spatial", self.record, layout)


class TemporalPhase(DenoisingPhase):
    """A LoRA on the attention between frames; the spatial one is in place, and frozen."""

    def __init__(self, config: ArtistConfig, base: Base, adapter: MotionAdapter, noise: NoiseSchedule) -> None:
        self.record = new_record(config, base, noise, "temporal", "artist", config.data.frames)
        self.spatial = config.out / "spatial"
        self.unet = with_motion(base.unet, adapter)
        load_lora(self.unet, "spatial", self.spatial / "spatial.diffusers.safetensors")
        add_lora(self.unet, "temporal", rank=config.rank, alpha=config.alpha, seed=config.data.seed)
        train_lora(self.unet, "temporal")
        base.text_encoder.requires_grad_(False)
        super().__init__(config, config.data, base, noise, Denoiser(self.unet, base.text_encoder))

    def save(self, folder: Path) -> None:
        """Both LoRAs, each in both layouts."""
        for layout in LAYOUTS:
            save_lora(folder / f"temporal.{layout}.safetensors", self.unet, "temporal", self.record, layout)
            shutil.copyfile(self.spatial / f"spatial.{layout}.safetensors", folder / f"spatial.{layout}.safetensors")


class JointPhase(DenoisingPhase):
    """Both LoRAs at once."""

    def __init__(self, config: ArtistConfig, base: Base, adapter: MotionAdapter, noise: NoiseSchedule) -> None:
        kinds = ("spatial", "temporal")
        self.records = {kind: new_record(config, base, noise, kind, "artist", config.data.frames) for kind in kinds}
        self.unet = with_motion(base.unet, adapter)
        for kind in kinds:
            add_lora(self.unet, kind, rank=config.rank, alpha=config.alpha, seed=config.data.seed)
        train_only(self.unet, ".lora_A.", ".lora_B.")
        base.text_encoder.requires_grad_(False)
        super().__init__(config, config.data, base, noise, Denoiser(self.unet, base.text_encoder))

    def save(self, folder: Path) -> None:
        """Both LoRAs, each in both layouts."""
        for kind, record in self.records.items():
            for layout in LAYOUTS:
                save_lora(folder / f"{kind}.{layout}.safetensors", self.unet, kind, record, layout)
