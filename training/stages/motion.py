"""The motion module: how a painting comes about, on an image model that stays as it is."""

from __future__ import annotations

from pathlib import Path

from diffusers import MotionAdapter

from underpaint.models import (
    Base,
    NoiseSchedule,
    motion_of,
    new_motion_adapter,
    save_motion_adapter,
    train_only,
    with_motion,
)
from underpaint.models.base import size_step
from underpaint.models.motion import MOTION, check_frames
from underpaint.training.config import MotionConfig
from underpaint.training.denoising import Denoiser, DenoisingPhase
from underpaint.training.noise import noise_of
from underpaint.training.phase import PhaseSpec
from underpaint.training.stages.parts import check_prediction, check_sequences, find_base, find_motion, new_record


def phase_specs(config: MotionConfig) -> list[PhaseSpec]:
    """One phase."""
    check_sequences(config)
    base = find_base(config)
    adapter = None
    if config.init is None:
        noise = noise_of(config, base.noise)
        check_prediction(base, noise)
    else:
        adapter, noise = find_motion(config, base, config.init, trains=True)
    return [
        PhaseSpec(
            name="motion",
            data=config.data,
            multiple=size_step(base.vae, base.unet),
            build=lambda: MotionPhase(config, base, noise, adapter),
        )
    ]


class MotionPhase(DenoisingPhase):
    """Attention between frames; nothing else moves. It starts from a module, or from a new one."""

    def __init__(
        self, config: MotionConfig, base: Base, noise: NoiseSchedule, adapter: MotionAdapter | None = None
    ) -> None:
        self.record = new_record(config, base, noise, "motion", config.data.frames)
        adapter = adapter or new_motion_adapter(
            base.unet, frames_max=config.frames_max, heads=config.heads, seed=config.data.seed
        )
        check_frames(adapter, config.data.frames)
        self.unet = with_motion(base.unet, adapter, share=True)
        train_only(self.unet, MOTION)
        base.text_encoder.requires_grad_(False)
        super().__init__(config, config.data, base, noise, Denoiser(self.unet, base.text_encoder))

    def save(self, folder: Path) -> None:
        """The motion module alone, as `MotionAdapter.from_pretrained` loads it."""
        save_motion_adapter(folder, motion_of(self.unet), self.record)
