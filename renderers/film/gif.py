"""Animated GIF, written frame by frame: what changes, in 255 colours of its own.

The format is described at https://www.w3.org/Graphics/GIF/spec-gif89a.txt.
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

MOST_FPS = 50.0  # browsers slow anything faster down to 10
_UNIT = 10  # ms, in which GIF counts
# The last of a palette's colours stands for what stays as it was.
_SAME = 255
_HEADER, _PALETTE, _PLACE = 13, 768, 10  # bytes
# Flags: what is shown stays; one of the colours is transparent; a palette of 256 colours follows.
_STAYS, _TRANSPARENT, _OWN_PALETTE = 0x04, 0x01, 0x87
_FOR_EVER = b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"


def write_gif(frames: Iterator[UInt8], file: IO[bytes], timing: Timing) -> None:
    """Write frames, uint8 (H, W, 3) each, as an animation that starts again for ever.

    Raises:
        ValueError: a side of more than 65535 px, or more than 50 frames per second.
    """
    check_fps(timing.fps)
    first = next(frames)
    height, width = first.shape[:2]
    check_sides("gif", height, width)
    # No palette for all frames: each brings its own.
    file.write(b"GIF89a" + struct.pack("<HHBBB", width, height, 0, 0, 0) + _FOR_EVER)
    for patch in patches(chain([first], frames)):
        file.write(_frame(patch, timing))
    file.write(b";")


def check_fps(fps: float) -> None:
    """Raise ValueError for more frames per second than browsers show of a GIF."""
    if fps > MOST_FPS:
        raise ValueError(f"fps is {fps:g}: a .gif shows at most {MOST_FPS:g}; take fewer, or .mp4")


def _frame(patch: Patch, timing: Timing) -> bytes:
    colours = Image.fromarray(patch.pixels).quantize(_SAME, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    numbers = np.where(patch.changed, np.asarray(colours), np.uint8(_SAME))
    picture = Image.fromarray(numbers, "P")
    picture.putpalette((bytes(colours.getpalette() or ()) + bytes(_PALETTE))[:_PALETTE])
    shown = timing.shown(patch.start, patch.stop, last=patch.last, unit=_UNIT) // _UNIT
    control = struct.pack("<BHB", _STAYS | _TRANSPARENT, min(shown, 65535), _SAME)
    height, width = patch.changed.shape
    place = struct.pack("<HHHHB", patch.left, patch.top, width, height, _OWN_PALETTE)
    palette, data = _compressed(picture)
    return b"!\xf9\x04" + control + b"\0," + place + palette + data


def _compressed(picture: Image.Image) -> tuple[bytes, bytes]:
    """Return the palette, and the compressed pixels, of a GIF that Pillow writes of one picture."""
    buffer = io.BytesIO()
    picture.save(buffer, "GIF", optimize=False, interlace=False)
    content = buffer.getvalue()
    end = _HEADER + _PALETTE
    assert content[10] & _OWN_PALETTE == _OWN_PALETTE, "all 256 colours"
    assert content[end : end + 1] == b",", "the picture follows its palette"
    return content[_HEADER:end], content[end + _PLACE : -1]
