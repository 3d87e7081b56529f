"""What is to be painted, and what came of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from underpaint.pipelines.pictures import UInt8


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Request:
    """One process to paint.

    Attributes:
        prompt: what the finished picture shows, after the medium if one is chosen.
        seed: of the noise.
        shape: (H, W) of the canvas, which comes back as it is.
        conditioning_frames: given frames by number (-1 is the last), uint8 (H, W, 3).
    """

    prompt: str
    seed: int
    shape: tuple[int, int]
    conditioning_frames: Mapping[int, UInt8]


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Painting:
    """A painted process.

    Attributes:
        frames: uint8 (F, H, W, 3).
        about: how it was painted, JSON values: enough to paint it again.
    """

    frames: UInt8
    about: dict[str, Any]
