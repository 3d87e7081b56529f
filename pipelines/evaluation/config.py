"""The settings of an evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from underpaint.commandline.checks import at_least, one_of, within_below

Aspect = Literal["keep", "square"]

SMALLEST = 16  # px, the smallest canvas there is


@dataclass(frozen=True, kw_only=True)
class EvaluateConfig:
    """How good painting processes are: their last frame, their order, and what they have in common with others.

    Args:
        process: What is evaluated: a folder of frames, an animated WebP, GIF or video, a corpus, or a folder of these.
        reference: Real or other processes to compare with, of the same kinds. A single one is compared with all;
            several are matched by key, source or file name.
        target: The picture that was to be painted, or a folder of them by name. Without it, what the corpus stores, or
            the last frame of the reference.
        out: Folder for evaluation.json, with all figures, and evaluation.md, the table.
        plot: Picture of the progress curves, as .png, .svg or .pdf; needs matplotlib.
        size: Short side in pixels at which processes are compared; smaller ones are not enlarged.
        aspect: `square` cuts the centre square out of everything, as `underpaint-data generate` does; `keep` doesn't.
        frames: Maximum number of frames to read of a process, evenly spread.
        threshold: Difference of a channel, from 0 to 1, above which a pixel counts as changed.
        lpips: LPIPS's linear layers (alex.pth or vgg.pth of its authors, or as safetensors).
        lpips_backbone: Torchvision's weights of AlexNet or VGG-16, the network below LPIPS.
        clip: A CLIP model, as a folder of transformers or a hub id.
        dino: A DINO or DINOv2 model, as a folder of transformers or a hub id.
        fid: Weights of the Inception network that FID is defined with (pt_inception-2015-12-05, or as safetensors).
        device: Where the networks of LPIPS, CLIP, DINO and FID run: `cpu`, `cuda`, or `auto`.

    Raises:
        ValueError: a value out of range, or values that don't go together; says which and what to do.
    """

    process: Path
    reference: Path | None = None
    target: Path | None = None
    out: Path | None = None
    plot: Path | None = None
    size: int = 256  # LPIPS was trained at 64 and is used at 256; single strokes still show
    aspect: Aspect = "keep"
    frames: int = 64  # 13 MB at 256 px; a step of a longer process is too small to say much about its order
    threshold: float = 0.06  # 15 of 255, about 6 units of CIELAB: compression and a camera's noise stay below
    lpips: Path | None = None
    lpips_backbone: Path | None = None
    clip: str | None = None
    dino: str | None = None
    fid: Path | None = None
    device: str = "auto"

    def __post_init__(self) -> None:
        for name in ("process", "reference", "target", "out", "plot", "lpips", "lpips_backbone", "fid"):
            value = getattr(self, name)
            object.__setattr__(self, name, None if value is None else Path(value))
        at_least(SMALLEST, size=self.size)
        one_of(Aspect, aspect=self.aspect)
        at_least(2, frames=self.frames)  # the first and the last
        within_below(0, 1, threshold=self.threshold)
        if (self.lpips is None) != (self.lpips_backbone is None):
            there, missing = ("lpips_backbone", "lpips") if self.lpips is None else ("lpips", "lpips_backbone")
            raise ValueError(f"{there} is given without {missing}: LPIPS needs both")
        if self.plot is not None and self.plot.suffix.lower() not in (".png", ".svg", ".pdf"):
            raise ValueError(f"plot is {str(self.plot)!r}: use a name that ends in .png, .svg or .pdf")
