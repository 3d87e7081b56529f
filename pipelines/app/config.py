"""The settings of `underpaint app`."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from underpaint.commandline.checks import within
from underpaint.pipelines.settings import ComputeConfig, NetworksConfig


@dataclass(frozen=True, kw_only=True)
class AppConfig(NetworksConfig, ComputeConfig):
    """A page to try painting on: where it is served, what it takes, and which networks its second tab paints with.

    LoRAs in `models` can be chosen on it.

    Args:
        host: Address to serve at; 0.0.0.0 lets other machines in, and there is no password.
        port: Port to serve at; the first free one from 7860 on if not given.
        share: Have gradio pass the page on to the internet, through a server of its own.
        corpus: Corpus that the third tab shows, a folder or URL. Without one its path is asked for there, but only
            where no other machine is let in.
        max_upload: Most megabytes of a picture that is uploaded.
        max_megapixels: Most millions of pixels of a picture that is uploaded; its header decides.
        fps: Frames per second of what the networks paint.

    Raises:
        ValueError: a value out of range; says which and what to do.
    """

    host: str = "127.0.0.1"
    port: int | None = None
    share: bool = False
    corpus: str | Path | None = None
    max_upload: float = 32.0  # a telephone's largest photos
    max_megapixels: float = 64.0  # such a photo again; 200 MB while it is decoded
    fps: float = 8.0  # as the other commands

    def __post_init__(self) -> None:
        NetworksConfig.__post_init__(self)
        ComputeConfig.__post_init__(self)
        if self.port is not None and not 1 <= self.port <= 65535:
            raise ValueError(f"port is {self.port}: use 1 to 65535, or none for a free one")
        within(0.1, 25, fps=self.fps)
        within(0.1, 1024, max_upload=self.max_upload)
        within(0.01, 178, max_megapixels=self.max_megapixels)

    @property
    def is_local(self) -> bool:
        """Whether only this machine can open the page."""
        try:
            return not self.share and (self.host == "localhost" or ip_address(self.host).is_loopback)
        except ValueError:
            return False
