"""The settings of `underpaint app`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from underpaint.commandline.checks import within
from underpaint.pipelines.settings import ComputeConfig


@dataclass(frozen=True, kw_only=True)
class AppConfig(ComputeConfig):
    """A page to try painting on: which networks paint, and where it is served.

    Args:
        models: Folder with `base`, `motion` and perhaps `replication`: runs of `underpaint-train`, or saved weights;
            the built-in nano if not given. The LoRAs in it can be chosen on the page.
        base: Image model in place of the one in `models`: a run, a diffusers folder or a hub id.
        motion: Motion module in place of the one in `models`: a run, a diffusers folder or a hub id.
        replication: Replication network in place of the one in `models`: a run, a diffusers folder or a hub id.
        beta_schedule: Noise schedule of a published motion module, which has no record: `linear` for AnimateDiff's.
        host: Address to serve at; 0.0.0.0 lets other machines in, and there is no password.
        port: Port to serve at; the first free one from 7860 on if not given.
        share: Have gradio pass the page on to the internet, through a server of its own.
        fps: Frames per second of playing, and of animations.

    Raises:
        ValueError: a value out of range; says which and what to do.
    """

    models: Path | None = None
    base: str | None = None
    motion: str | None = None
    replication: str | None = None
    beta_schedule: str | None = None
    host: str = "127.0.0.1"
    port: int | None = None
    share: bool = False
    fps: float = 8.0  # as the other commands

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.port is not None and not 1 <= self.port <= 65535:
            raise ValueError(f"port is {self.port}: use 1 to 65535, or none for a free one")
        # A browser asks for each frame.
        within(0.1, 25, fps=self.fps)
