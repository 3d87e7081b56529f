"""Finding the networks that a stage builds on, in runs and elsewhere, and whether they fit."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from diffusers import MotionAdapter
from transformers import CLIPTokenizer

from underpaint.datagen.format.manifest import media_of
from underpaint.models import (
    Base,
    NoiseSchedule,
    Record,
    add_lora,
    architecture,
    check_record,
    check_size,
    fingerprint,
    load_base,
    load_lora,
    load_motion_adapter,
)
from underpaint.models.base import own_size
from underpaint.models.lora import Unet
from underpaint.models.lora_file import read_lora
from underpaint.models.motion import check_frames
from underpaint.models.record import noise_beside
from underpaint.runs import OWN_LORA_FILES, STOCK_LORA_FILES, result_of
from underpaint.training.config import ArtistConfig, BaseConfig, TrainConfig, plain
from underpaint.training.folder import is_first
from underpaint.training.noise import noise_of

# What says where a run was made, rather than how.
_UNTOLD = ("out", "resume", "cache", "report_to", "push_to_hub")
# A base paints somewhat larger pictures than its own well enough.
_FAR = 1.5

Found = TypeVar("Found")

_log = logging.getLogger(__name__)


class LoadedOnce(Generic[Found]):
    """What was loaded to be checked: the first who takes it has it alone, and whoever comes later loads anew.

    So a phase may alter it, and nothing stays in memory that no phase needs any more.

    Args:
        load: loads it, now for the first time.
    """

    def __init__(self, load: Callable[[], Found]) -> None:
        self._load = load
        self._found: list[Found] = [load()]

    def look(self) -> Found:
        """Return it, before anybody takes it."""
        (found,) = self._found
        return found

    def take(self) -> Found:
        """Hand it over."""
        return self._found.pop() if self._found else self._load()


def find_base(config: TrainConfig, source: str | None = None, *, tokenizer: CLIPTokenizer | None = None) -> Base:
    """Load the base: what `load_base` takes, or the folder of a finished base run.

    Args:
        config: of the stage.
        source: in place of the config's base.
        tokenizer: of a new nano.

    Raises:
        ValueError: there is none, it is not finished, or frames of the config's size don't fit it.
    """
    base = load_base(
        result_of(source or config.base, "base"),
        seed=config.data.seed,
        vae=config.vae,
        configs=config.base_config,
        tokenizer=tokenizer,
    )
    check_size(base, config.data.size)
    own = own_size(base)
    if own and config.data.size > _FAR * own and is_first():
        _log.warning(
            "size is %d, base %s is made for %d px: a step takes about %.0f times the time and memory that it takes "
            "there, and shapes come out small and repeated; train with --size %d, or on a base that is made for %d px",
            *(config.data.size, base.name, own, (config.data.size / own) ** 2, own, config.data.size),
        )
    return base


def find_motion(
    config: TrainConfig, base: Base, source: str, *, trains: bool = False
) -> tuple[MotionAdapter, NoiseSchedule]:
    """Load a motion module and the noise schedule to use it with: its own, as the config may spell out.

    Args:
        config: of the stage.
        base: what it is to fit.
        source: where it is.
        trains: whether it trains on; the config's schedule may then be another than its own.

    Raises:
        ValueError: there is none, it is not finished, or it doesn't fit the base, the schedule or the frames.
    """
    adapter, record = load_motion_adapter(result_of(source, "motion"))
    noise = noise_of(config, noise_beside(record, base.noise, source, given=config.beta_schedule is not None))
    if record:
        check_fit(record, base, noise, "motion", source, betas=not trains)
    check_prediction(base, noise)
    check_frames(adapter, config.data.frames)
    return adapter, noise


def check_fit(record: Record, base: Base, noise: NoiseSchedule, kind: str, where: str, *, betas: bool) -> None:
    """Raise ValueError unless an adapter of a kind fits a base and a schedule; see `models.check_record`."""
    name, shape = fingerprint(base.unet), architecture(base.unet)
    check_record(record, kind=kind, base=name, architecture=shape, noise=noise, where=where, betas=betas)


def find_loras(config: TrainConfig) -> dict[str, Path]:
    """Return the files of the LoRAs that training starts from, by kind, `spatial` or `temporal`; none without `init`.

    Args:
        config: of the stage `artist` or `base`, whose runs `init` may name.

    Raises:
        ValueError: a file that is no LoRA, or two of one kind.
    """
    if config.init is None:
        return {}
    place = Path(result_of(config.init, config.stage))
    files = (
        [place]
        if place.is_file()
        else [path for name in (*OWN_LORA_FILES, *STOCK_LORA_FILES) if (path := place / name).is_file()]
    )
    found: dict[str, Path] = {}
    for path in files:
        kind = "temporal" if any("motion_modules" in name for name in read_lora(path).layer_names()) else "spatial"
        if kind in found:
            raise ValueError(f"init {config.init} holds two {kind} LoRAs, {found[kind]} and {path}: name one of them")
        found[kind] = path
    return found


def check_loras(config: TrainConfig, base: Base, noise: NoiseSchedule) -> None:
    """Raise ValueError unless the LoRAs that training starts from, if any, are of a kind that trains and fit the base.

    Args:
        config: of the stage `artist`, which trains both kinds, or `base`, which trains a spatial one.
        base: what they are to fit.
        noise: the schedule; they may have been trained with other betas.
    """
    files = find_loras(config)
    if files and config.stage == "base" and "spatial" not in files:
        raise ValueError(f"init {config.init} is a temporal LoRA, the stage base trains a spatial one: give such a one")
    for kind, path in files.items():
        if record := read_lora(path).record:
            check_fit(record, base, noise, kind, str(path), betas=False)


def put_lora(unet: Unet, kind: str, config: BaseConfig | ArtistConfig) -> None:
    """Put a LoRA into a UNet: that of a file, or a new one, of the config's rank and alpha."""
    files = find_loras(config)
    if kind in files:
        load_lora(unet, kind, files[kind])
    else:
        if files and is_first():
            _log.info("init %s has no %s LoRA: a new one is trained", config.init, kind)
        add_lora(unet, kind, rank=config.rank, alpha=config.alpha, seed=config.data.seed)


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


def new_record(config: TrainConfig, base: Base, noise: NoiseSchedule, kind: str, frames: int) -> Record:
    """What is written beside the weights of an adapter."""
    recipe = {name: value for name, value in plain(config).items() if name not in _UNTOLD}
    if config.data.name_medium and not config.data.renderer and not config.data.streaming:
        # All media of the corpora: prompts can name these alone.
        recipe["renderer"] = sorted({medium for corpus in config.data.corpus for medium in media_of(Path(corpus))})
    return Record(
        kind=kind,
        stage=config.stage,
        base=fingerprint(base.unet),
        architecture=architecture(base.unet),
        noise=noise,
        frames=frames,
        size=config.data.size,
        recipe=recipe,
    )
