"""The settings of the four stages: what they share, and what each has of its own."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from underpaint.commandline.checks import above, at_least, one_of, within_below
from underpaint.hub import is_hub_id
from underpaint.models.nano_names import is_nano
from underpaint.models.schedule_names import BETA_SCHEDULES, PREDICTIONS
from underpaint.training.data_config import DataConfig

MixedPrecision = Literal["no", "bf16", "fp16"]
LrScheduler = Literal["constant", "cosine"]
Resume = Literal["auto", "never", "changed"]
Optimizer = Literal["adamw", "adamw-8bit", "prodigy", "adafactor"]
ReportTo = Literal["none", "wandb"]
SavePrecision = Literal["fp32", "fp16", "bf16"]
TokenizerKind = Literal["learned", "letters"]

# May differ when a run is continued: none of them changes what is learned, a cache but for its rounding.
FREE = (
    "checkpoint_every", "checkpoints_total_limit", "validate_every", "sheet_every", "log_every", "resume",
    "tensorboard", "workers", "cache", "offload_ema", "save_precision", "allow_tf32", "report_to",
    "push_to_hub", "sample_prompts", "sample_guidance_scale",
)  # fmt: skip

# May differ with `--resume changed`: how the weights move, not which there are nor what they learn from.
CHANGEABLE = (
    "learning_rate", "autoencoder_learning_rate", "warmup", "lr_scheduler", "steps", "weight_decay", "beta2",
    "max_grad_norm", "ema_decay", "mixed_precision", "min_snr_gamma", "timestep_shift", "gradient_checkpointing",
)  # fmt: skip


_PRODIGY_LEAST = 0.1  # of its learning rate: a factor of what it finds

# What options were called before version 0.2; see `underpaint.commandline.parser.renamed`.
RENAMED = {
    "accumulate": "gradient_accumulation_steps",
    "clip": "max_grad_norm",
    "decay": "lr_scheduler",
    "ema": "ema_decay",
    "keep": "checkpoints_total_limit",
    "level_shift": "timestep_shift",
    "min_snr": "min_snr_gamma",
    "precision": "mixed_precision",
}
RENAMED_OF_BASE = {"autoencoder_rate": "autoencoder_learning_rate"}


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """How a network is trained, whichever it is.

    Args:
        data: What it is trained on.
        out: Folder of the run: metrics, sample sheets, checkpoints and the result.
        steps: Number of optimizer steps.
        base: The image model: `nano`, `nano-large`, a diffusers folder, a .safetensors checkpoint as on Civitai, a hub
            id, or the folder of a finished base run.
        vae: Autoencoder in place of the base's: a diffusers folder, a .safetensors file or a hub id.
        base_config: Folder with the configs and the tokenizer of a base in one file, laid out as by diffusers; those of
            Stable Diffusion 1.5 if not given.
        init: What the network that trains starts from: a run of the same stage, a diffusers folder, a .safetensors file
            in either layout, or a hub id; new weights if not given. Of LoRAs a run, a folder or a file. Heads, ranks
            and the like are then its own. With base `nano`, a whole nano, whose autoencoder and tokenizer stay.
        cache: Folder of a cache of latents and text embeddings, computed before the first step; runs and stages may
            share it. Frames can then be mirrored, but not cropped or recoloured.
        batch: Batch size per process, before gradient accumulation.
        gradient_accumulation_steps: Batches whose gradients add up to one optimizer step; the effective batch size is
            batch x gradient_accumulation_steps x processes.
        optimizer: `adamw`; `adamw-8bit`, with moments of 8 bits (bitsandbytes); `prodigy`, which finds its learning
            rate itself (Mishchenko & Defazio 2024); or `adafactor`, with next to no moments (Shazeer & Stern 2018).
        learning_rate: Peak learning rate; 1 for `prodigy`.
        warmup: Steps of linear learning rate warmup.
        lr_scheduler: `constant`, or `cosine` down to 0 at the last step; warmup comes first.
        weight_decay: Weight decay of the optimizer.
        beta2: Second beta of AdamW and Prodigy.
        max_grad_norm: Gradients are clipped to this norm, taken over all trainable parameters together.
        ema_decay: Decay of the EMA weights, which are what is validated, sampled from and saved; 0 uses the
            last weights, and no memory.
        offload_ema: Keep the EMA weights in main memory instead of the GPU's.
        mixed_precision: `bf16` or `fp16` computes in 16 bits while the weights that train stay in float32; `no` is
            float32.
        save_precision: What the result is written in: `fp32`, or `fp16` or `bf16` in half the size.
        allow_tf32: Let a GPU round factors of float32 matrix products to 10 bits; always so with `bf16` and `fp16`.
        gradient_checkpointing: Recompute activations in the backward pass: slower, in much less memory.
        min_snr_gamma: Gamma of min-SNR loss weights (Hang et al. 2023), 5 in the paper; 0 weights all timesteps alike.
        timestep_shift: Above 1, noisy timesteps are drawn more often (Esser et al. 2024, section 5.3.2); 1 draws
            uniformly.
        prediction: What the network predicts: `epsilon`, `v_prediction` or `sample`; as the base does if not given.
        beta_schedule: `linear`, `scaled_linear` or `squaredcos_cap_v2`; if not given, the motion module's where one is
            loaded (`linear` for one that doesn't say, as published ones), otherwise the base's.
        zero_terminal_snr: Rescale the betas to zero terminal SNR (Lin et al. 2024); as the base does if not given.
        log_every: Steps between lines of metrics.jsonl.
        validate_every: Steps between validations; one more comes before the first step and one after the last.
        sheet_every: Steps between sample sheets; 0 makes one at the end only.
        checkpoint_every: Steps between checkpoints.
        checkpoints_total_limit: Checkpoints to keep; older ones are deleted.
        resume: `auto` resumes the run in `out` if there is one and its settings are the same, `changed` also with other
            settings of the optimizer, such as a lower learning rate; `never` refuses to.
        tensorboard: Write TensorBoard events as well.
        report_to: `wandb` reports to Weights & Biases as well: metrics, settings and sample sheets.
        push_to_hub: Repository on the Hugging Face hub, as owner/name, that the result is uploaded to, with a model
            card. It is made, and private, if there is none.
        sample_prompts: Prompts of your own that are painted beside each sample sheet.
        sample_guidance_scale: Classifier-free guidance of the sample prompts; 1 is none.

    Raises:
        ValueError: a value out of range; says which and what to do.
    """

    stage: ClassVar[str]  # whose settings they are, and the name of its last phase
    data: DataConfig
    out: Path
    steps: int
    base: str = "nano"
    vae: str | None = None
    base_config: str | None = None
    init: str | None = None
    cache: Path | None = None
    batch: int = 4  # AnimateDiff's, for each GPU
    gradient_accumulation_steps: int = 1
    optimizer: Optimizer = "adamw"
    learning_rate: float = 1e-4  # AnimateDiff's, and usual for LoRAs
    warmup: int = 100  # until AdamW's second moments mean something
    lr_scheduler: LrScheduler = "constant"  # AnimateDiff's; a run can then be made longer
    weight_decay: float = 1e-2
    beta2: float = 0.999
    max_grad_norm: float = 1.0
    ema_decay: float = 0.999  # averages a thousand steps; it starts lower, so short runs gain too
    offload_ema: bool = False
    mixed_precision: MixedPrecision = "no"
    save_precision: SavePrecision = "fp32"
    allow_tf32: bool = False
    gradient_checkpointing: bool = False
    min_snr_gamma: float = 0.0  # AnimateDiff's; nano gains from it, see docs/training.md
    timestep_shift: float = 1.0
    prediction: str | None = None
    beta_schedule: str | None = None
    zero_terminal_snr: bool | None = None
    log_every: int = 10
    validate_every: int = 500
    sheet_every: int = 1000
    checkpoint_every: int = 500
    checkpoints_total_limit: int = 2
    resume: Resume = "auto"
    tensorboard: bool = True
    report_to: ReportTo = "none"
    push_to_hub: str | None = None
    sample_prompts: str | list[str] = dataclasses.field(default_factory=list)
    sample_guidance_scale: float = 7.5  # Stable Diffusion's

    def __post_init__(self) -> None:
        at_least(1, steps=self.steps, batch=self.batch, gradient_accumulation_steps=self.gradient_accumulation_steps)
        at_least(1, log_every=self.log_every, validate_every=self.validate_every)
        at_least(1, checkpoint_every=self.checkpoint_every, checkpoints_total_limit=self.checkpoints_total_limit)
        at_least(0, warmup=self.warmup, weight_decay=self.weight_decay, min_snr_gamma=self.min_snr_gamma)
        at_least(0, sheet_every=self.sheet_every)
        above(0, learning_rate=self.learning_rate, max_grad_norm=self.max_grad_norm, timestep_shift=self.timestep_shift)
        within_below(0, 1, ema_decay=self.ema_decay, beta2=self.beta2)
        one_of(MixedPrecision, mixed_precision=self.mixed_precision)
        one_of(LrScheduler, lr_scheduler=self.lr_scheduler)
        one_of(Resume, resume=self.resume)
        one_of(Optimizer, optimizer=self.optimizer)
        one_of(SavePrecision, save_precision=self.save_precision)
        one_of(PREDICTIONS, prediction=self.prediction)
        one_of(BETA_SCHEDULES, beta_schedule=self.beta_schedule)
        prompts = [self.sample_prompts] if isinstance(self.sample_prompts, str) else list(self.sample_prompts)
        object.__setattr__(self, "sample_prompts", prompts)
        one_of(ReportTo, report_to=self.report_to)
        at_least(1, sample_guidance_scale=self.sample_guidance_scale)
        if self.push_to_hub is not None and not is_hub_id(self.push_to_hub):
            raise ValueError(f"push_to_hub is {self.push_to_hub!r}: give a repository as owner/name")
        _check_rate(self.optimizer, learning_rate=self.learning_rate)
        if self.cache is not None:
            _check_cache(self.data)


@dataclass(frozen=True, kw_only=True)
class BaseConfig(TrainConfig):
    """Train nano from scratch, autoencoder first, or go on with one (`--init`); or, on another base, a LoRA for the
    pictures of the corpus, which is AnimateDiff's domain adapter.

    Args:
        autoencoder_steps: Number of optimizer steps of nano's autoencoder.
        autoencoder_batch: Batch size of nano's autoencoder, in crops.
        autoencoder_crop: Side in pixels of the crops that nano's autoencoder is trained on.
        autoencoder_learning_rate: Peak learning rate of nano's autoencoder; it falls to 0 as a cosine;
            1 for `prodigy`.
        tokenizer: How nano reads captions: `learned`, with words of the corpus's captions as tokens, or `letters`, each
            letter a token. Only the first 77 tokens of a caption are read.
        rank: Rank of the LoRA.
        alpha: Alpha of the LoRA, whose output is scaled by alpha / rank; equal to the rank if not given.
    """

    stage = "base"
    autoencoder_steps: int = 3000  # 31 dB on unseen pictures, after four minutes of one core
    autoencoder_batch: int = 16
    autoencoder_crop: int = 32  # the autoencoder has no attention, so it learns as much from a quarter
    autoencoder_learning_rate: float = 2e-3
    tokenizer: TokenizerKind = "learned"  # with letters it learns next to nothing of a picture's words
    rank: int = 16
    alpha: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, autoencoder_steps=self.autoencoder_steps, autoencoder_batch=self.autoencoder_batch)
        at_least(1, autoencoder_crop=self.autoencoder_crop, rank=self.rank)
        one_of(TokenizerKind, tokenizer=self.tokenizer)
        nano = is_nano(self.base)
        if nano:
            _check_rate(self.optimizer, autoencoder_learning_rate=self.autoencoder_learning_rate)
        if nano and self.vae is not None:
            raise ValueError(f"vae is {self.vae} with base {self.base}, which has its own: leave it out")
        if self.cache is not None and nano:
            raise ValueError(
                f"cache is {self.cache} with base {self.base}, whose autoencoder and text encoder train as well: "
                "leave it out"
            )
        if self.autoencoder_crop > self.data.size:
            raise ValueError(
                f"autoencoder_crop is {self.autoencoder_crop}, size {self.data.size}: a crop is no larger than a frame"
            )


@dataclass(frozen=True, kw_only=True)
class MotionConfig(TrainConfig):
    """Train a motion module on a frozen base.

    Args:
        frames_max: Longest sequence of frames that the motion module is built for.
        heads: Attention heads of the motion module.
    """

    stage = "motion"
    frames_max: int = 32  # AnimateDiff v3's
    heads: int = 8  # AnimateDiff's


@dataclass(frozen=True, kw_only=True)
class ReplicationConfig(TrainConfig):
    """Train a replication network, a SparseControlNet on some frames of the process, beside a frozen base and a motion
    module.

    Args:
        motion: The motion module: a finished motion run, a diffusers folder, a .safetensors file in either layout, or a
            hub id.
        tune_motion: Fine-tune the motion module together with the network, and save it within the network's folder. It
            learns to propagate the conditioning frames; a quarter of the sequences then has none of them.
        frames_max: Longest sequence of frames that the network is built for.
        heads: Attention heads of the network.
    """

    stage = "replication"
    motion: str
    tune_motion: bool = False  # ProcessPainter's is frozen: it has seen more processes than a network is trained on
    frames_max: int = 32
    heads: int = 8

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.sample_prompts and not self.tune_motion:
            raise ValueError(
                "sample_prompts with a network that always has conditioning frames: leave them out, or --tune-motion"
            )


@dataclass(frozen=True, kw_only=True)
class ArtistConfig(TrainConfig):
    """Train the two LoRAs of an artist: the spatial one on finished pictures, then the temporal one on processes.

    Args:
        motion: The motion module: a finished motion run, a diffusers folder, a .safetensors file in either layout, or a
            hub id.
        joint: Train both LoRAs together on processes, for `steps` steps, rather than one after the other. The spatial
            LoRA then sees half-painted pictures too, and `spatial_steps` and `spatial_batch` have no effect.
        rank: Rank of both LoRAs.
        alpha: Alpha of both LoRAs, whose output is scaled by alpha / rank; equal to the rank if not given.
        spatial_steps: Number of optimizer steps of the spatial LoRA; `steps` is that of the temporal LoRA.
        spatial_batch: Batch size of the spatial LoRA, per process.
    """

    stage = "artist"
    motion: str
    joint: bool = False  # ProcessPainter's come one after the other, lest unfinished pictures spoil the look
    rank: int = 16
    alpha: float | None = None
    spatial_steps: int = 500
    spatial_batch: int = 4

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, rank=self.rank, spatial_steps=self.spatial_steps, spatial_batch=self.spatial_batch)


def _check_rate(optimizer: Optimizer, **rates: float) -> None:
    for name, rate in rates.items():
        if optimizer == "prodigy" and rate < _PRODIGY_LEAST:
            raise ValueError(
                f"{name} is {rate} with optimizer prodigy, which multiplies it with what it finds itself: use 1"
            )


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
