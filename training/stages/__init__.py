"""The four stages: which networks they train, one after the other, and what they write."""

from __future__ import annotations

from underpaint.training.config import ArtistConfig, BaseConfig, MotionConfig, ReplicationConfig, TrainConfig
from underpaint.training.phase import PhaseSpec


def phase_specs(config: TrainConfig) -> list[PhaseSpec]:
    """The phases of a stage.

    Raises:
        ValueError: the base, the motion module and the config don't go together; says which and what to do.
    """
    # Each stage imports the others' configs only, so the order here is free.
    from underpaint.training.stages import artist, base, motion, replication

    if isinstance(config, BaseConfig):
        return base.phase_specs(config)
    if isinstance(config, MotionConfig):
        return motion.phase_specs(config)
    if isinstance(config, ReplicationConfig):
        return replication.phase_specs(config)
    assert isinstance(config, ArtistConfig), type(config)
    return artist.phase_specs(config)
