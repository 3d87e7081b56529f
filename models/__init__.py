"""The networks: base, motion module, replication network, LoRAs. Everything saved is an ordinary diffusers artefact."""

from models.base import Base, check_size, load_base, save_base
from models.freeze import parameter_table, train_only
from models.lora import activate_loras, add_lora, load_lora, save_lora, train_lora
from models.motion import (
    check_frames,
    load_motion_adapter,
    motion_of,
    new_motion_adapter,
    save_motion_adapter,
    with_motion,
)
from models.nano import build_nano
from models.noise import NoiseSchedule
from models.record import Record, check_record
from models.replication import (
    condition,
    denoise,
    load_replication_network,
    new_replication_network,
    save_replication_network,
)
from models.weights import fingerprint

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
