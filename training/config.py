"""The settings of the four stages: what they share, and what each has of its own."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from underpaint.commandline.checks import above, at_least, one_of, within_below
from underpaint.training.data_config import DataConfig

Precision = Literal["no", "bf16", "fp16"]
Decay = Literal["constant", "cosine"]
Resume = Literal["auto", "never"]

# May differ when a run is continued: none of them changes what is learned, a cache but for its rounding.
FREE = (
    "checkpoint_every", "keep", "validate_every", "sheet_every", "log_every", "resume", "tensorboard", "workers",
    "cache",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """How a network is trained, whichever it is.

    Args:
        data: What it is trained on.
        out: Folder of the run: metrics, sheets, checkpoints and the result.
        steps: How many times the weights are changed.
        base: The image model: `nano`, a diffusers folder, a hub id, or the folder of a finished base run.
        cache: Folder for latents and text states, which are made before the first step rather than at each; runs and
            stages may share it. Pictures can still be mirrored, but not cut or recoloured.
        batch: Samples of a step, for each process and each part of an accumulated step.
        accumulate: Parts of a step, whose gradients are added up; a step sees batch x accumulate x processes samples.
        learning_rate: Highest rate of AdamW.
        warmup: Steps in which the rate rises from 0.
        decay: `constant`, or `cosine` down to 0 at the last step.
        weight_decay: Of AdamW.
        beta2: Second moment of AdamW.
        clip: Largest norm of the gradient of all that trains, together.
        ema: Decay of the averaged weights, which are what is judged, shown and saved; 0 takes the last weights.
        precision: `bf16` or `fp16` computes in 16 bits, with weights in 32.
        gradient_checkpointing: Compute activations twice rather than keep them: slower, in much less memory.
        min_snr: Gamma of min-SNR weights (Hang et al. 2023), which is 5 in the paper; 0 weighs all levels alike.
        level_shift: Above 1 noisy levels are trained on more often (Esser et al. 2024); 1 takes all alike.
        prediction: `epsilon`, `v_prediction` or `sample`; the base's without it.
        beta_schedule: `linear`, `scaled_linear` or `squaredcos_cap_v2`; the motion module's or the base's without it.
        zero_terminal_snr: Whether the last level is noise alone (Lin et al. 2024); as the base without it.
        log_every: Steps between lines of metrics.jsonl.
        validate_every: Steps between validations; one comes before the first step and one after the last.
        sheet_every: Steps between sheets of samples; 0 paints one at the end only.
        checkpoint_every: Steps between checkpoints.
        keep: Checkpoints that are kept.
        resume: `auto` continues a run in `out`, `never` refuses to.
        tensorboard: Write TensorBoard events too.

    Raises:
        ValueError: a value out of range; says which and what to do.
    """

    data: DataConfig
    out: Path
    steps: int
    base: str = "nano"
    cache: Path | None = None
    batch: int = 4  # AnimateDiff's, for each GPU
    accumulate: int = 1
    learning_rate: float = 1e-4  # AnimateDiff's, and usual for LoRAs
    warmup: int = 100  # until AdamW's second moments mean something
    decay: Decay = "constant"  # AnimateDiff's; a run can then be made longer
    weight_decay: float = 1e-2
    beta2: float = 0.999
    clip: float = 1.0
    ema: float = 0.999  # averages a thousand steps; it starts lower, so short runs gain too
    precision: Precision = "no"
    gradient_checkpointing: bool = False
    min_snr: float = 0.0  # AnimateDiff's; nano gains from it, see docs/training.md
    level_shift: float = 1.0
    prediction: str | None = None
    beta_schedule: str | None = None
    zero_terminal_snr: bool | None = None
    log_every: int = 10
    validate_every: int = 500
    sheet_every: int = 1000
    checkpoint_every: int = 500
    keep: int = 2
    resume: Resume = "auto"
    tensorboard: bool = True

    def __post_init__(self) -> None:
        at_least(1, steps=self.steps, batch=self.batch, accumulate=self.accumulate, keep=self.keep)
        at_least(1, log_every=self.log_every, validate_every=self.validate_every)
        at_least(1, checkpoint_every=self.checkpoint_every)
        at_least(0, warmup=self.warmup, weight_decay=self.weight_decay, min_snr=self.min_snr)
        at_least(0, sheet_every=self.sheet_every)
        above(0, learning_rate=self.learning_rate, clip=self.clip, level_shift=self.level_shift)
        within_below(0, 1, ema=self.ema, beta2=self.beta2)
        one_of(Precision, precision=self.precision)
        one_of(Decay, decay=self.decay)
        one_of(Resume, resume=self.resume)
        if self.cache is not None:
            _check_cache(self.data)


@dataclass(frozen=True, kw_only=True)
class BaseConfig(TrainConfig):
    """Train nano from nothing, autoencoder first; or fit a LoRA to the pictures on a base that there is (AnimateDiff's
    domain adapter).

    Args:
        autoencoder_steps: Steps of nano's autoencoder.
        autoencoder_batch: Crops of each of them.
        autoencoder_crop: Side of the crops in pixels.
        autoencoder_rate: Highest learning rate of the autoencoder; it falls as a cosine.
        rank: Of the LoRA.
        alpha: The LoRA is scaled by alpha / rank; as large as the rank if not given.
    """

    autoencoder_steps: int = 3000  # 31 dB on unseen pictures, after four minutes of one core
    autoencoder_batch: int = 16
    autoencoder_crop: int = 32  # the autoencoder has no attention, so it learns as much from a quarter
    autoencoder_rate: float = 2e-3
    rank: int = 16
    alpha: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, autoencoder_steps=self.autoencoder_steps, autoencoder_batch=self.autoencoder_batch)
        at_least(1, autoencoder_crop=self.autoencoder_crop, rank=self.rank)
        if self.cache is not None and self.base == "nano":
            raise ValueError(
                f"cache is {self.cache} with base nano, whose autoencoder and text encoder train as well: leave it out"
            )
        if self.autoencoder_crop > self.data.size:
            raise ValueError(
                f"autoencoder_crop is {self.autoencoder_crop}, size {self.data.size}: a crop is no larger than a frame"
            )


@dataclass(frozen=True, kw_only=True)
class MotionConfig(TrainConfig):
    """Train a motion module on a frozen base.

    Args:
        frames_max: Longest sequence the new module can ever take.
        heads: Attention heads of the new module.
    """

    frames_max: int = 32  # AnimateDiff v3's
    heads: int = 8  # AnimateDiff's


@dataclass(frozen=True, kw_only=True)
class ReplicationConfig(TrainConfig):
    """Train a replication network on a frozen base, and on a motion module that is frozen or is trained on.

    Args:
        motion: The motion module: folder of a finished motion run, of an adapter, or a hub id.
        tune_motion: Train the motion module on as well, and save it within the network's folder. It learns to carry
            what is shown to the other frames; a quarter of the sequences then has nothing shown.
        frames_max: Longest sequence the new network can ever take.
        heads: Attention heads of the new network.
    """

    motion: str
    tune_motion: bool = False  # ProcessPainter's is frozen: it has seen more processes than a network is trained on
    frames_max: int = 32
    heads: int = 8


@dataclass(frozen=True, kw_only=True)
class ArtistConfig(TrainConfig):
    """Train the two LoRAs of an artist: the spatial one on finished pictures, then the temporal one on processes.

    Args:
        motion: The motion module: folder of a finished motion run, of an adapter, or a hub id.
        joint: Train both LoRAs together on processes, for `steps` steps, rather than one after the other. The spatial
            one then sees half-painted pictures, too, and `spatial_steps` and `spatial_batch` have no effect.
        rank: Of both LoRAs.
        alpha: They are scaled by alpha / rank; as large as the rank if not given.
        spatial_steps: Steps of the spatial LoRA; `steps` are the temporal one's.
        spatial_batch: Pictures of each of them.
    """

    motion: str
    joint: bool = False  # ProcessPainter's come one after the other, lest unfinished pictures spoil the look
    rank: int = 16
    alpha: float | None = None
    spatial_steps: int = 500
    spatial_batch: int = 4

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, rank=self.rank, spatial_steps=self.spatial_steps, spatial_batch=self.spatial_batch)


def _check_cache(data: DataConfig) -> None:
    augment = data.augment
    if (augment.crop, augment.saturation, augment.gamma) != (1, 0, 0):
        raise ValueError(
            f"cache with augment.crop {augment.crop}, augment.saturation {augment.saturation} and augment.gamma "
            f"{augment.gamma}: latents can only be mirrored, so set --augment.crop 1 --augment.saturation 0 "
            "--augment.gamma 0, or leave out --cache"
        )
    if data.streaming:
        raise ValueError("cache with streaming: what a stream brings isn't known before; leave one of the two out")


def plain(config: TrainConfig) -> dict[str, Any]:
    """The settings as JSON values, those of the data beside the others, as in a YAML file."""
    content = dataclasses.asdict(config)
    content |= content.pop("data")
    return {name: os.fspath(value) if isinstance(value, Path) else value for name, value in content.items()}
