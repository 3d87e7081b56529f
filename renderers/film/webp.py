"""Animated WebP, lossless, written frame by frame: Pillow's own writer holds all frames until the last.

The container is described at https://developers.google.com/speed/webp/docs/riff_container.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from itertools import chain
from typing import IO

import numpy as np
import numpy.typing as npt
from PIL import Image

from underpaint.renderers.film.frames import check_sides
from underpaint.renderers.film.patches import Patch, patches
from underpaint.renderers.film.timing import Timing

UInt8 = npt.NDArray[np.uint8]

_ANIMATION, _ALPHA = 0x02, 0x10  # flags of VP8X
_HEADER = 12  # bytes of `RIFF`, size and `WEBP`, before the chunks
# Method 0 is the fastest, 1.3 times as large as 4, and a seventh of its time on strokes.
_EFFORT = {"lossless": True, "method": 0, "quality": 20}


def write_webp(frames: Iterator[UInt8], file: IO[bytes], timing: Timing) -> None:
    """Write frames, uint8 (H, W, 3) each, as an animation that starts again for ever.

    Raises:
        ValueError: a side of more than 16383 px, or more than 4 GB of frames.
    """
    first = next(frames)
    height, width = first.shape[:2]
    check_sides("webp", height, width)
    start = file.tell()
    file.write(b"RIFF\0\0\0\0WEBP")
    file.write(_chunk(b"VP8X", struct.pack("<I", _ANIMATION | _ALPHA) + _int24(width - 1) + _int24(height - 1)))
    file.write(_chunk(b"ANIM", struct.pack("<IH", 0, 0)))
    for patch in patches(chain([first], frames)):
        file.write(_chunk(b"ANMF", _frame(patch, timing)))
    size = file.tell() - start - 8
    if size >= 1 << 32:
        raise ValueError("a .webp holds at most 4 GB: take fewer frames, a smaller size, or .mp4")
    file.seek(start + 4)
    file.write(struct.pack("<I", size))
    file.seek(0, io.SEEK_END)


def _frame(patch: Patch, timing: Timing) -> bytes:
    height, width = patch.changed.shape
    place = _int24(patch.left // 2) + _int24(patch.top // 2) + _int24(width - 1) + _int24(height - 1)
    shown = _int24(min(timing.shown(patch.start, patch.stop, last=patch.last), (1 << 24) - 1))
    if patch.changed.all():
        picture = Image.fromarray(patch.pixels)
    else:
        alpha = patch.changed.astype(np.uint8) * np.uint8(255)
        picture = Image.fromarray(np.dstack([patch.pixels, alpha]))
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", **_EFFORT)
    # Flags 0: laid over what is there, which then stays.
    return place + shown + b"\0" + buffer.getvalue()[_HEADER:]


def _int24(value: int) -> bytes:
    return value.to_bytes(3, "little")


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
