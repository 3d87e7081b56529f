"""The settings of `underpaint export`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from underpaint.commandline.checks import one_of
from underpaint.pipelines.settings import Precision

Layout = Literal["diffusers", "animatediff", "kohya", "webui"]


@dataclass(frozen=True, kw_only=True)
class ExportConfig:
    """Which weights are written for other programs, and how.

    Args:
        source: Run of the stage base, motion, replication or artist, its result, a folder that diffusers saved, or a
            .safetensors file of any layout.
        out: Folder that the files go to.
        layout: `animatediff` for ComfyUI, `webui` for A1111 and Forge, `kohya` for spatial LoRAs anywhere, `diffusers`;
            what most programs load if not given: kohya for spatial LoRAs, animatediff for all else.
        dtype: Precision of the numbers: `fp16`, `bf16` or `fp32`.

    Raises:
        ValueError: a value out of range; says which.
    """

    source: Path
    out: Path
    layout: Layout | None = None
    dtype: Precision = "fp16"  # as published weights are; nothing is seen of it

    def __post_init__(self) -> None:
        one_of(Layout, layout=self.layout)
        one_of(Precision, dtype=self.dtype)
