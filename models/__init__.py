"""The networks: base, motion module, replication network, LoRAs. Everything saved is an ordinary diffusers artefact."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from underpaint.models.base import Base as Base
    from underpaint.models.base import check_size as check_size
    from underpaint.models.freeze import parameter_table as parameter_table
    from underpaint.models.freeze import train_only as train_only
    from underpaint.models.loading import load_base as load_base
    from underpaint.models.loading import save_base as save_base
    from underpaint.models.lora import activate_loras as activate_loras
    from underpaint.models.lora import add_lora as add_lora
    from underpaint.models.lora import load_lora as load_lora
    from underpaint.models.lora import save_lora as save_lora
    from underpaint.models.lora import train_lora as train_lora
    from underpaint.models.motion import check_frames as check_frames
    from underpaint.models.motion import load_motion_adapter as load_motion_adapter
    from underpaint.models.motion import motion_of as motion_of
    from underpaint.models.motion import new_motion_adapter as new_motion_adapter
    from underpaint.models.motion import save_motion_adapter as save_motion_adapter
    from underpaint.models.motion import with_motion as with_motion
    from underpaint.models.nano import build_nano as build_nano
    from underpaint.models.noise import NoiseSchedule as NoiseSchedule
    from underpaint.models.record import Record as Record
    from underpaint.models.record import check_record as check_record
    from underpaint.models.replication import condition as condition
    from underpaint.models.replication import denoise as denoise
    from underpaint.models.replication import load_replication_network as load_replication_network
    from underpaint.models.replication import new_replication_network as new_replication_network
    from underpaint.models.replication import save_replication_network as save_replication_network
    from underpaint.models.weights import architecture as architecture
    from underpaint.models.weights import fingerprint as fingerprint

_HOMES = {
    "Base": "base",
    "NoiseSchedule": "noise",
    "Record": "record",
    "activate_loras": "lora",
    "add_lora": "lora",
    "architecture": "weights",
    "build_nano": "nano",
    "check_frames": "motion",
    "check_record": "record",
    "check_size": "base",
    "condition": "replication",
    "denoise": "replication",
    "fingerprint": "weights",
    "load_base": "loading",
    "load_lora": "lora",
    "load_motion_adapter": "motion",
    "load_replication_network": "replication",
    "motion_of": "motion",
    "new_motion_adapter": "motion",
    "new_replication_network": "replication",
    "parameter_table": "freeze",
    "save_base": "loading",
    "save_lora": "lora",
    "save_motion_adapter": "motion",
    "save_replication_network": "replication",
    "train_lora": "lora",
    "train_only": "freeze",
    "with_motion": "motion",
}

__all__ = [
    "Base",
    "NoiseSchedule",
    "Record",
    "activate_loras",
    "add_lora",
    "architecture",
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


def __getattr__(name: str) -> Any:
    # Only when asked for: torch takes seconds.
    if name in _HOMES:
        return getattr(import_module(f"underpaint.models.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'underpaint.models' has no attribute {name!r}")
