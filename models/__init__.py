"""The networks: base, motion module, replication network, LoRAs. Everything saved is an ordinary diffusers artefact."""

from underpaint.models.base import Base, check_size
from underpaint.models.freeze import parameter_table, train_only
from underpaint.models.loading import load_base, save_base
from underpaint.models.lora import activate_loras, add_lora, load_lora, save_lora, train_lora
from underpaint.models.motion import (
    check_frames,
    load_motion_adapter,
    motion_of,
    new_motion_adapter,
    save_motion_adapter,
    with_motion,
)
from underpaint.models.nano import build_nano
from underpaint.models.noise import NoiseSchedule
from underpaint.models.record import Record, check_record
from underpaint.models.replication import (
    condition,
    denoise,
    load_replication_network,
    new_replication_network,
    save_replication_network,
)
from underpaint.models.weights import fingerprint

__all__ = [
    "Base",
    "NoiseSchedule",
    "Record",
    "activate_loras",
    "add_lora",
    "build_nano",
    "check_frames",
    "check_record",
    "check_size",
    "condition",
    "denoise",
    "fingerprint",
    "load_base",
    "load_lora",
    "load_motion_adapter",
    "load_replication_network",
    "motion_of",
    "new_motion_adapter",
    "new_replication_network",
    "parameter_table",
    "save_base",
    "save_lora",
    "save_motion_adapter",
    "save_replication_network",
    "train_lora",
    "train_only",
    "with_motion",
]
