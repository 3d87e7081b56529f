"""The replication network: how a painting comes about whose frames are partly known."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from diffusers import MotionAdapter, SparseControlNetModel

from underpaint.models import (
    Base,
    NoiseSchedule,
    load_replication_network,
    new_replication_network,
    save_motion_adapter,
    save_replication_network,
    train_only,
    with_motion,
)
from underpaint.models.base import size_step
from underpaint.models.motion import MOTION, check_frames, motion_of
from underpaint.models.replication import seeing_latents
from underpaint.runs import result_of
from underpaint.training.config import ReplicationConfig
from underpaint.training.denoising import Denoiser, DenoisingPhase
from underpaint.training.phase import PhaseSpec
from underpaint.training.stages.parts import check_fit, check_sequences, find_base, find_motion, new_record


def phase_specs(config: ReplicationConfig) -> list[PhaseSpec]:
    """One phase."""
    check_sequences(config)
    base = find_base(config)
    adapter, noise = find_motion(config, base, config.motion)
    network = None if config.init is None else _find_network(config, base, noise, config.init)
    return [
        PhaseSpec(
            name="replication",
            data=config.data,
            multiple=size_step(base.vae, base.unet),
            build=lambda: ReplicationPhase(config, base, adapter, noise, network),
        )
    ]


def _find_network(config: ReplicationConfig, base: Base, noise: NoiseSchedule, source: str) -> SparseControlNetModel:
    """The network that training starts from."""
    given, record = load_replication_network(result_of(source, "replication"))
    if record:
        check_fit(record, base, noise, "replication", source, betas=False)
    network = seeing_latents(given, base.unet, source)
    check_frames(network, config.data.frames)
    return network


class ReplicationPhase(DenoisingPhase):
    """The network beside the frozen UNet; its motion module may train on."""

    def __init__(
        self,
        config: ReplicationConfig,
        base: Base,
        adapter: MotionAdapter,
        noise: NoiseSchedule,
        network: SparseControlNetModel | None = None,
    ) -> None:
        self.record = new_record(config, base, noise, "replication", config.data.frames)
        self.network = network or new_replication_network(
            base.unet, frames_max=config.frames_max, heads=config.heads, seed=config.data.seed
        )
        check_frames(self.network, config.data.frames)
        self.network.requires_grad_(True)
        unet = with_motion(base.unet, adapter, share=True)
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
