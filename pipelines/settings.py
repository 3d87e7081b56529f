"""How a process is sampled, and what it is computed on: settings without the networks, so without torch."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from underpaint.commandline.checks import at_least, one_of

Long = Literal["refuse", "windows", "keyframes"]
Start = Literal["noised", "clean"]
Precision = Literal["fp32", "fp16", "bf16"]


# Records keep some settings under the names that they had first, so that jobs and files of before can be compared.
_IN_RECORDS = {"negative_prompt": "negative", "conditioning_scale": "scale"}
# Names of options in version 0.1, which work in this version too.
RENAMED = {old: new for new, old in _IN_RECORDS.items()}


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How a process is sampled.

    Args:
        negative_prompt: What the painting is not to show; has an effect with a guidance above 1.
        guidance: Scale of classifier-free guidance (Ho & Salimans 2022), diffusers' guidance_scale; 1 is without, and
            twice as fast.
        steps: Steps of DDIM, diffusers' num_inference_steps, in sampling and in inversion.
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
    guidance: float = 1.0  # conditioning frames need none, and a small model overshoots with more
    steps: int = 50  # ProcessPainter's
    frames: int | None = None
    conditioning_scale: float = 1.0
    inversion: bool = False  # the inverted noise of a weak model is no noise: see docs/pipelines.md
    inversion_start: Start = "noised"
    inversion_rounds: int = 2  # the error that a third would put right is a thousandth of the noise
    free_init: int = 1
    long: Long = "refuse"

    def __post_init__(self) -> None:
        at_least(1, guidance=self.guidance, steps=self.steps, inversion_rounds=self.inversion_rounds)
        at_least(1, free_init=self.free_init)
        at_least(0, conditioning_scale=self.conditioning_scale)
        if self.frames is not None and self.frames < 2:
            raise ValueError(f"frames is {self.frames}: a process has at least 2, the blank and the finished picture")
        one_of(Long, long=self.long)
        one_of(Start, inversion_start=self.inversion_start)

    def record(self) -> dict[str, Any]:
        """Return the settings as records keep them, JSON values."""
        return {_IN_RECORDS.get(name, name): value for name, value in asdict(self).items()}


@dataclass(frozen=True, kw_only=True)
class ComputeConfig:
    """Where networks compute and in what precision, and what saves memory.

    Args:
        device: `cuda`, `cuda:1`, `mps` or `cpu`; the best there is if not given.
        precision: Of the weights and activations: `fp32`, `fp16` or `bf16`.
        offload: Keep networks in main memory, and bring each to the device only while it computes (CPU offload).
        slicing: Decode one frame at a time (VAE slicing).
        tiling: Decode a frame in overlapping tiles (VAE tiling); for large frames, at the price of faint seams.
        compile: Compile the UNet and the replication network with torch.compile; takes minutes once, then it is faster.

    Raises:
        ValueError: an unknown precision.
    """

    device: str | None = None
    precision: Precision = "fp32"
    offload: bool = False
    slicing: bool = True  # it costs hardly any time
    tiling: bool = False
    compile: bool = False

    def __post_init__(self) -> None:
        one_of(Precision, precision=self.precision)
