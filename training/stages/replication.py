"""The replication network: how a painting comes about whose frames are partly known."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from diffusers import MotionAdapter

from underpaint.models import (
    Base,
    NoiseSchedule,
    new_replication_network,
    save_motion_adapter,
    save_replication_network,
    train_only,
    with_motion,
)
from underpaint.models.base import size_step
from underpaint.models.motion import MOTION, check_frames, motion_of
from underpaint.training.config import ReplicationConfig
from underpaint.training.denoising import Denoiser, DenoisingPhase
from underpaint.training.phase import PhaseSpec
from underpaint.training.stages.parts import check_sequences, find_base, find_motion, new_record


def phase_specs(config: ReplicationConfig) -> list[PhaseSpec]:
    """One phase."""
    check_sequences(config)
    base = find_base(config)
    multiple = size_step(base)
    adapter, noise = find_motion(config, base, config.motion)
    return [
        PhaseSpec(
            name="replication",
            data=config.data,
            multiple=multiple,
            build=lambda: ReplicationPhase(config, base, adapter, noise),
        )
    ]


class ReplicationPhase(DenoisingPhase):
    """The network beside the frozen UNet; its motion module may train on."""

    def __init__(self, config: ReplicationConfig, base: Base, adapter: MotionAdapter, noise: NoiseSchedule) -> None:
        self.record = new_record(config, base, noise, "replication", "replication", config.data.frames)
        self.network = new_replication_network(
            base.unet, frames_max=config.frames_max, heads=config.heads, seed=config.data.seed
        )
        check_frames(self.network, config.data.frames)
        self.network.requires_grad_(True)
        unet = with_motion(base.unet, adapter)
        self.unet = unet if config.tune_motion else None
        self.min_conditioning_frames = 0 if config.tune_motion else 1
        train_only(unet, *([MOTION] if config.tune_motion else []))
        base.text_encoder.requires_grad_(False)
        super().__init__(config, config.data, base, noise, Denoiser(unet, base.text_encoder, self.network))

    def save(self, folder: Path) -> None:
        """The network, as `SparseControlNetModel.from_pretrained` loads it, and the motion module if it trained."""
        save_replication_network(folder, self.network, self.record)
        if self.unet is not None:
            record = dataclasses.replace(self.record, kind="motion")
            save_motion_adapter(folder / "motion", motion_of(self.unet), record)
