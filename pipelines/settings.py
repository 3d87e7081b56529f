"""How a process is sampled, and what it is computed on: settings without the networks, so without torch."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from underpaint.commandline.checks import at_least, one_of
from underpaint.models.schedule_names import BETA_SCHEDULES

Long = Literal["refuse", "windows", "keyframes"]
Start = Literal["noised", "clean"]
Precision = Literal["fp32", "fp16", "bf16"]
Sampler = Literal["ddim", "dpm++", "lcm"]
# Of what a consistency model was distilled from; it takes no more.
_LCM_STEPS = 50
_LCM_USUAL = 8  # its authors take 4 to 8
_STEPS = 50  # ProcessPainter's
_QUICK_STEPS = 15
# Of words alone: what diffusers takes, and what a small network doesn't overshoot with.
_GUIDANCE, _SMALL_GUIDANCE = 7.5, 2.5

# Records keep some settings under the names that they had first, so that jobs and files of before can be compared.
_IN_RECORDS = {"negative_prompt": "negative", "conditioning_scale": "scale"}
# Names of options in version 0.1, which work in this version too.
RENAMED = {old: new for new, old in _IN_RECORDS.items()}
# Settings that came later are in records only where they are used, for the same reason.
_LATER: dict[str, Any] = {"sampler": "ddim", "clip_skip": 0}


@dataclass(frozen=True, kw_only=True)
class NetworksConfig:
    """Which networks paint.

    Args:
        models: Folder with `base`, `motion` and perhaps `replication`: runs of `underpaint-train`, or saved weights;
            the built-in nano if not given.
        base: Image model in place of the one in `models`: a run, a diffusers folder, a .safetensors checkpoint as on
            Civitai, or a hub id.
        vae: Autoencoder in place of the base's: a diffusers folder, a .safetensors file or a hub id.
        base_config: Folder with the configs and the tokenizer of a base in one file, laid out as by diffusers; those of
            Stable Diffusion 1.5 if not given.
        motion: Motion module in place of the one in `models`: a run, a diffusers folder, a .safetensors file in either
            layout, or a hub id.
        replication: Replication network in place of the one in `models`, likewise.
        beta_schedule: Noise schedule of a motion module that doesn't say its own, as published ones; `linear`,
            AnimateDiff's, if not given.
    """

    models: Path | None = None
    base: str | None = None
    vae: str | None = None
    base_config: str | None = None
    motion: str | None = None
    replication: str | None = None
    beta_schedule: str | None = None

    def __post_init__(self) -> None:
        one_of(BETA_SCHEDULES, beta_schedule=self.beta_schedule)


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How a process is sampled.

    Args:
        negative_prompt: What the painting is not to show; has an effect with a guidance above 1.
        guidance: Scale of classifier-free guidance (Ho & Salimans 2022), diffusers' guidance_scale; 1 is without, and
            twice as fast. If not given 1 with conditioning frames or `lcm`, and else 7.5, or 2.5 where a network
            predicts the picture itself, as nano.
        steps: Steps of the sampler, diffusers' num_inference_steps, and of inversion. If not given 50, 8 with `lcm`,
            and 15 with `dpm++` where a network predicts the picture itself, as nano.
        sampler: `ddim`, `dpm++`, DPM-Solver++(2M) (Lu et al. 2022), or `lcm`, for latent consistency models (Luo et al.
            2023), as AnimateLCM. If neither it nor `steps` is given `dpm++` for nano without inversion, else `ddim`.
        clip_skip: Last layers of the text encoder to leave out, as in diffusers; 1 is what others call clip skip 2.
        frames: Frames of the process; as many as the motion module was trained with if not given.
        conditioning_scale: Strength of the conditioning frames, diffusers' controlnet_conditioning_scale; 0 leaves the
            replication network out.
        inversion: Start the conditioning frames from noise made of their own pictures by DDIM inversion, in place of
            random noise.
        inversion_start: What is inverted: the picture `noised` to the first timestep as in training, or the `clean`
            one, whose inverted noise comes closer to it and is less like noise.
        inversion_rounds: Passes of the networks in each step of the inversion, ten times as many in the step from the
            clean picture; 1 is plain DDIM inversion.
        free_init: Number of FreeInit's iterations (Wu et al. 2023): each after the first samples again, from noise that
            has the low frequencies of the last result. 1 is without.
        long: How to paint more frames than the motion module was trained with: `refuse` to, `windows` samples them
            together in overlapping windows, `keyframes` paints some of them first and then those between.

    Raises:
        ValueError: a value out of range; says which and what to do.
    """

    negative_prompt: str = ""
    guidance: float | None = None
    steps: int | None = None
    sampler: Sampler | None = None
    clip_skip: int = 0  # 1 for bases that were trained so, as many on Civitai
    frames: int | None = None
    conditioning_scale: float = 1.0
    inversion: bool = False  # the inverted noise of a weak model is no noise: see docs/pipelines.md
    inversion_start: Start = "noised"
    inversion_rounds: int = 2  # the error that a third would put right is a thousandth of the noise
    free_init: int = 1
    long: Long = "refuse"

    def __post_init__(self) -> None:
        at_least(1, inversion_rounds=self.inversion_rounds, free_init=self.free_init)
        given = {"steps": self.steps, "guidance": self.guidance}
        at_least(1, **{name: value for name, value in given.items() if value is not None})
        at_least(0, conditioning_scale=self.conditioning_scale, clip_skip=self.clip_skip)
        one_of(Sampler, sampler=self.sampler)
        if self.inversion and self.sampler not in (None, "ddim"):
            raise ValueError(f"sampler is {self.sampler!r} with inversion, which undoes steps of ddim: leave one out")
        if self.sampler == "lcm" and (self.steps or 0) > _LCM_STEPS:
            raise ValueError(f"steps is {self.steps}: a consistency model takes 1 to {_LCM_STEPS}, 4 to 8 are usual")
        if self.frames is not None and self.frames < 2:
            raise ValueError(f"frames is {self.frames}: a process has at least 2, the blank and the finished picture")
        one_of(Long, long=self.long)
        one_of(Start, inversion_start=self.inversion_start)

    def settled(self, prediction: str, *, conditioned: bool) -> Sampling:
        """Return them with the sampler, its steps and the guidance, where they aren't given.

        Args:
            prediction: of the networks, one of `models.schedule_names.PREDICTIONS`.
            conditioned: whether there are conditioning frames, which say more than words do.
        """
        # Of a picture that is predicted itself few steps see as much: docs/pipelines.md has the figures. Others take
        # ProcessPainter's, the only ones that can be undone.
        quick = prediction == "sample" and self.steps is None and not self.inversion
        sampler: Sampler = self.sampler or ("dpm++" if quick else "ddim")
        usual = {"ddim": _STEPS, "dpm++": _QUICK_STEPS if quick else _STEPS, "lcm": _LCM_USUAL}[sampler]
        guidance = _SMALL_GUIDANCE if prediction == "sample" else _GUIDANCE
        if conditioned or sampler == "lcm":
            guidance = 1.0
        return replace(self, sampler=sampler, steps=self.steps or usual, guidance=self.guidance or guidance)

    def record(self) -> dict[str, Any]:
        """Return the settings as records keep them, JSON values."""
        settings = {name: value for name, value in asdict(self).items() if (name, value) not in _LATER.items()}
        return {_IN_RECORDS.get(name, name): value for name, value in settings.items()}


@dataclass(frozen=True, kw_only=True)
class ComputeConfig:
    """Where networks compute and in what precision, and what saves memory.

    Args:
        device: `cuda`, `cuda:1`, `mps` or `cpu`; the best there is if not given.
        precision: Of the weights and activations: `fp32`, `fp16` or `bf16`; `fp16` on CUDA if not given, and `fp32`
            elsewhere. The autoencoder stays in `fp32` where its config asks for that.
        offload: Keep networks in main memory, and bring each to the device only while it computes (CPU offload).
        slicing: Decode one frame at a time (VAE slicing).
        tiling: Decode a frame in overlapping tiles (VAE tiling); for large frames, at the price of faint seams.
        compile: Compile the UNet and the replication network with torch.compile; takes minutes once, then it is faster.

    Raises:
        ValueError: an unknown precision.
    """

    device: str | None = None
    precision: Precision | None = None  # 16 bits paint the same pictures in half the memory and time of a GPU
    offload: bool = False
    slicing: bool = True  # it costs hardly any time
    tiling: bool = False
    compile: bool = False

    def __post_init__(self) -> None:
        one_of(Precision, precision=self.precision)
