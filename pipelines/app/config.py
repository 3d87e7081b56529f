"""The settings of `underpaint app`."""

from __future__ import annotations

from dataclasses import dataclass

from underpaint.commandline.checks import within
from underpaint.pipelines.settings import ComputeConfig, NetworksConfig


@dataclass(frozen=True, kw_only=True)
class AppConfig(NetworksConfig, ComputeConfig):
    """A page to try painting on: which networks paint, and where it is served. LoRAs in `models` can be chosen on it.

    Args:
        host: Address to serve at; 0.0.0.0 lets other machines in, and there is no password.
        port: Port to serve at; the first free one from 7860 on if not given.
        share: Have gradio pass the page on to the internet, through a server of its own.
        fps: Frames per second of playing, and of animations.

    Raises:
        ValueError: a value out of range; says which and what to do.
    """

    host: str = "127.0.0.1"
    port: int | None = None
    share: bool = False
    fps: float = 8.0  # as the other commands

    def __post_init__(self) -> None:
        NetworksConfig.__post_init__(self)
        ComputeConfig.__post_init__(self)
        if self.port is not None and not 1 <= self.port <= 65535:
            raise ValueError(f"port is {self.port}: use 1 to 65535, or none for a free one")
        # A browser asks for each frame.
        within(0.1, 25, fps=self.fps)
