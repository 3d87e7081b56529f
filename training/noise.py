"""The noise schedule of a run. Not a method of its config, whose --help needs no torch."""

from __future__ import annotations

import dataclasses

from underpaint.models.noise import NoiseSchedule
from underpaint.training.config import TrainConfig


def noise_of(config: TrainConfig, default: NoiseSchedule) -> NoiseSchedule:
    """Return a noise schedule: a default, with what the config says otherwise."""
    given = {name: getattr(config, name) for name in ("prediction", "beta_schedule", "zero_terminal_snr")}
    return dataclasses.replace(default, **{name: value for name, value in given.items() if value is not None})
