"""Frames as the page shows them: pictures within the page itself, so that no file is left behind."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

UInt8 = NDArray[np.uint8]

# A film's frames within the page: at 85 a JPEG of 512 px takes 3 ms and 60 kB.
STAGE_FRAMES, _QUALITY = 72, 85
# Smaller frames are shown pixel by pixel, and so without loss.
_TINY = 128


def stage(frames: Iterable[UInt8], *, seconds: float, label: str = "", playing: bool = True) -> dict[str, Any]:
    """Return what the stage shows, JSON values.

    Args:
        frames: uint8 (H, W, 3) each, all of one size; a single one is a still.
        seconds: from the first to the last.
        label: is written over a corner of the picture.
        playing: from the beginning, at once; else the last is shown.
    """
    shown, size = [], (0, 0)
    for frame in frames:
        shown.append(data_url(frame))
        size = frame.shape[1], frame.shape[0]
    return {
        "frames": shown,
        "width": size[0],
        "height": size[1],
        "tiny": max(size) <= _TINY,
        "seconds": seconds,
        "label": label,
        "playing": playing and len(shown) > 1,
    }


def data_url(frame: UInt8) -> str:
    """Encode a picture, uint8 (H, W, 3), as an address that holds it: JPEG, or PNG if it is tiny."""
    buffer = io.BytesIO()
    tiny = max(frame.shape) <= _TINY
    Image.fromarray(frame).save(buffer, "PNG" if tiny else "JPEG", quality=_QUALITY)
    return f"data:image/{'png' if tiny else 'jpeg'};base64,{base64.b64encode(buffer.getvalue()).decode()}"
