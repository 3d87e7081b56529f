"""Finding the networks that a stage builds on, in runs and elsewhere, and whether they fit."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Generic, TypeVar

from diffusers import MotionAdapter

from underpaint.models import (
    Base,
    NoiseSchedule,
    Record,
    architecture,
    check_record,
    check_size,
    fingerprint,
    load_base,
    load_motion_adapter,
)
from underpaint.models.base import own_size
from underpaint.models.motion import check_frames
from underpaint.models.record import noise_beside
from underpaint.runs import result_of
from underpaint.training.config import TrainConfig, plain
from underpaint.training.folder import is_first
from underpaint.training.noise import noise_of

# A base paints somewhat larger pictures than its own well enough.
_FAR = 1.5

Found = TypeVar("Found")

_log = logging.getLogger(__name__)


class Once(Generic[Found]):
    """What was loaded to be checked: the first who takes it has it alone, and whoever comes later loads anew.

    So a phase may alter it, and nothing stays in memory that no phase needs any more.

    Args:
        load: loads it, now for the first time.
    """

    def __init__(self, load: Callable[[], Found]) -> None:
        self._load = load
        self._found: list[Found] = [load()]

    def take(self) -> Found:
        """Hand it over."""
        return self._found.pop() if self._found else self._load()


def find_base(config: TrainConfig) -> Base:
    """Load the base: what `load_base` takes, or the folder of a finished base run.

    Raises:
        ValueError: there is none, it is not finished, or frames of the config's size don't fit it.
    """
    base = load_base(result_of(config.base, "base"), seed=config.data.seed)
    check_size(base, config.data.size)
    own = own_size(base)
    if own and config.data.size > _FAR * own and is_first():
        _log.warning(
            "size is %d, base %s is made for %d px: a step takes about %.0f times the time and memory that it takes "
            "there, and shapes come out small and repeated; train with --size %d, or on a base that is made for %d px",
            *(config.data.size, base.name, own, (config.data.size / own) ** 2, own, config.data.size),
        )
    return base


def find_motion(config: TrainConfig, base: Base, source: str) -> tuple[MotionAdapter, NoiseSchedule]:
    """Load a motion module and the noise schedule to use it with: its own, as the config may spell out.

    Raises:
        ValueError: there is none, it is not finished, or it doesn't fit the base, the schedule or the frames.
    """
    adapter, record = load_motion_adapter(result_of(source, "motion"))
    noise = noise_of(config, noise_beside(record, base.noise, source, given=config.beta_schedule is not None))
    if record:
        check_fit(record, base, noise, "motion", source)
    check_prediction(base, noise)
    check_frames(adapter, config.data.frames)
    return adapter, noise


def check_fit(record: Record, base: Base, noise: NoiseSchedule, kind: str, where: str) -> None:
    """Raise ValueError unless an adapter of a kind fits a base and a schedule; see `models.check_record`."""
    name, shape = fingerprint(base.unet), architecture(base.unet)
    check_record(record, kind=kind, base=name, architecture=shape, noise=noise, where=where)


def check_prediction(base: Base, noise: NoiseSchedule) -> None:
    """Raise ValueError unless a schedule's prediction is what a base that isn't trained anew puts out."""
    if noise.prediction != base.noise.prediction:
        raise ValueError(
            f"prediction is {noise.prediction!r}, base {base.name} predicts {base.noise.prediction!r}: leave it out"
        )


def check_sequences(config: TrainConfig) -> None:
    """Raise ValueError if a stage that trains on processes is given single pictures."""
    if config.data.frames < 2:
        raise ValueError(f"frames is {config.data.frames}: a process has at least 2")


def new_record(config: TrainConfig, base: Base, noise: NoiseSchedule, kind: str, stage: str, frames: int) -> Record:
    """What is written beside the weights of an adapter."""
    recipe = {name: value for name, value in plain(config).items() if name not in ("out", "resume", "cache")}
    return Record(
        kind=kind,
        stage=stage,
        base=fingerprint(base.unet),
        architecture=architecture(base.unet),
        noise=noise,
        frames=frames,
        size=config.data.size,
        recipe=recipe,
    )
