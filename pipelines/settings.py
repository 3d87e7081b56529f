"""How a process is sampled, and what it is computed on: settings without the networks, so without torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Long = Literal["refuse", "windows", "keyframes"]
Start = Literal["noised", "clean"]
Precision = Literal["fp32", "fp16", "bf16"]


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How a process is sampled, whatever it shows.

    Args:
        negative: What the painting is not to show; has an effect with a guidance above 1.
        guidance: How far to go beyond what the prompt alone asks for (classifier-free guidance, Ho & Salimans 2022); 1
            is without, and twice as fast.
        steps: Steps of sampling, and of inversion.
        frames: Frames of the process; as many as the motion module was trained with if not given.
        scale: Strength of the shown frames; 0 leaves the replication network out.
        inversion: Begin the shown frames with noise made of their own pictures by DDIM inversion, rather than drawn.
        inversion_start: What is inverted: the picture `noised` to the first level as in training, or the `clean` one,
            whose inverted noise comes closer to it and is less like noise.
        inversion_rounds: Passes of the network in each step of the inversion, ten times as many in that of the clean
            picture; 1 is plain DDIM inversion.
        free_init: How often to sample; each time after the first with the low frequencies of the result before in the
            noise (FreeInit, Wu et al. 2023). 1 is without.
        long: What becomes of more frames than the motion module was trained with: `refuse`, `windows` samples them
            together in overlapping windows, `keyframes` paints some and then those between them.

    Raises:
        ValueError: a value out of range; says which and what to do.
    """

    negative: str = ""
    guidance: float = 1.0  # shown frames need none, and a small model overshoots with more
    steps: int = 50  # ProcessPainter's
    frames: int | None = None
    scale: float = 1.0
    inversion: bool = False  # the inverted noise of a weak model is no noise: see docs/pipelines.md
    inversion_start: Start = "noised"
    inversion_rounds: int = 2  # the error that a third would put right is a thousandth of the noise
    free_init: int = 1
    long: Long = "refuse"

    def __post_init__(self) -> None:
        at_least = (("guidance", 1), ("steps", 1), ("scale", 0), ("inversion_rounds", 1), ("free_init", 1))
        for name, lowest in at_least:
            if not getattr(self, name) >= lowest:
                raise ValueError(f"{name} is {getattr(self, name)}: use {lowest} or more")
        if self.frames is not None and self.frames < 2:
            raise ValueError(f"frames is {self.frames}: a process has at least 2, the blank and the finished picture")
        for name, choices in (("long", Long), ("inversion_start", Start)):
            if getattr(self, name) not in get_args(choices):
                raise ValueError(f"{name} is {getattr(self, name)!r}: use {', '.join(get_args(choices))}")


@dataclass(frozen=True, kw_only=True)
class Hardware:
    """Where networks compute and in what precision, and what saves memory.

    Args:
        device: `cuda`, `cuda:1`, `mps` or `cpu`; the best there is if not given.
        precision: `fp32`, `fp16` or `bf16`.
        offload: Keep networks in main memory, and bring each to the device only while it computes.
        slicing: Let the autoencoder take one frame at a time.
        tiling: Let the autoencoder take a frame in overlapping tiles; for large frames, at the price of faint seams.
        compile: Compile the UNet and the replication network with torch.compile; takes minutes once, then it is faster.

    Raises:
        ValueError: a precision that there is not.
    """

    device: str | None = None
    precision: Precision = "fp32"
    offload: bool = False
    slicing: bool = True  # it costs hardly any time
    tiling: bool = False
    compile: bool = False

    def __post_init__(self) -> None:
        if self.precision not in get_args(Precision):
            raise ValueError(f"precision is {self.precision!r}: use {', '.join(get_args(Precision))}")
