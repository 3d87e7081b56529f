"""Animated GIF, written frame by frame: what changes, in 255 colours of its own.

The format is described at https://www.w3.org/Graphics/GIF/spec-gif89a.txt.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import chain
from typing import IO

import numpy as np
import numpy.typing as npt
from PIL import GifImagePlugin, Image

from underpaint.renderers.film.patches import Patch, patches
from underpaint.renderers.film.timing import Timing

UInt8 = npt.NDArray[np.uint8]

MAX_SIDE = 65535  # the format's own limit
MOST_FPS = 50.0  # browsers slow anything faster down to 10
_UNIT = 10  # ms, in which GIF counts
# The last of a palette's colours stands for what stays as it was.
_SAME = 255
_FOR_EVER = b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"


def write_gif(frames: Iterator[UInt8], file: IO[bytes], timing: Timing) -> None:
    """Write frames, uint8 (H, W, 3) each, as an animation that starts again for ever.

    Raises:
        ValueError: a side of more than 65535 px, or more than 50 frames per second.
    """
    if timing.fps > MOST_FPS:
        raise ValueError(f"fps is {timing.fps:g}: a .gif shows at most {MOST_FPS:g}; take fewer, or .mp4")
    first = next(frames)
    height, width = first.shape[:2]
    if max(height, width) > MAX_SIDE:
        raise ValueError(f"a canvas of {width} x {height} is too large: GIF holds {MAX_SIDE} px")
    # No palette for all frames: each brings its own.
    file.write(b"GIF89a" + struct.pack("<HHBBB", width, height, 0, 0, 0) + _FOR_EVER)
    for patch in patches(chain([first], frames)):
        for piece in _frame(patch, timing):
            file.write(piece)
    file.write(b";")


def _frame(patch: Patch, timing: Timing) -> list[bytes]:
    colours = Image.fromarray(patch.pixels).quantize(_SAME, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    numbers = np.where(patch.changed, np.asarray(colours), np.uint8(_SAME))
    picture = Image.fromarray(numbers, "P")
    picture.putpalette((bytes(colours.getpalette() or ()) + bytes(768))[:768])
    return GifImagePlugin.getdata(
        picture,
        (patch.left, patch.top),
        duration=timing.shown(patch.start, patch.stop, last=patch.last, unit=_UNIT),
        transparency=_SAME,
        disposal=1,  # it stays
        include_color_table=True,
    )
