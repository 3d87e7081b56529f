"""Which of the stored frames a model sees, and getting at them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from underpaint.datagen.format.webp import decode_chosen


def choose_sequence(stored: int, frames: int, *, later: float | None = None) -> tuple[int, ...]:
    """Choose frames of a process, evenly from the first to the last, which is always the finished picture.

    Even in number is even in progress: the frames of a corpus are cut that way.

    Args:
        stored: how many frames there are, at least as many as are wanted.
        frames: how many are wanted, at least 2.
        later: None to begin with the blank ground. Otherwise 0..1, which of the later frames to begin with; as no frame
            is taken twice, the last that can be is `stored - frames`. If all are wanted, there is no later one.
    """
    assert 2 <= frames <= stored, (frames, stored)
    latest = stored - frames
    start = 0 if later is None else min(1 + int(later * latest), latest)
    # A step of at least one frame, so rounding never takes one twice.
    return tuple(int(index) for index in np.linspace(start, stored - 1, frames).round())


def choose_picture(stored: int, *, half: float | None = None) -> int:
    """Choose a single frame: the finished picture, or with `half` in 0..1 one of those before it, the blank included.

    The blank belongs to it, because a process begins there and a model of sequences builds on that of pictures.
    """
    return stored - 1 if half is None else min(int(half * (stored - 1)), stored - 2)


def decode_frames(webp: bytes, stored: int, wanted: Sequence[int], out: NDArray[np.uint8], *, least: int) -> None:
    """Decode some frames of a process, none after the last of them, and scale them to a square.

    A canvas that isn't square is cut to its middle. All frames go the same way, so what a step left untouched stays
    equal to the byte.

    Args:
        webp: content of KEY.webp.
        stored: how many frames it must hold.
        wanted: numbers of the wanted frames, rising.
        out: uint8 (len(wanted), H, H, 3), is written: at 512 px 16 frames have 12 MB, and copying them into a batch
            would take a quarter as long as decoding them.
        least: short side in pixels that a canvas must have; from there to H it is enlarged.

    Raises:
        ValueError: a canvas that is smaller, no WebP that can be decoded, or another number of frames.
    """
    decode_chosen(webp, stored, wanted, out, lambda canvas: _square(canvas, out.shape[1], least))


def _square(image: Image.Image, side: int, least: int) -> NDArray[np.uint8]:
    """Cut the middle square out of a canvas and scale it: uint8 (side, side, 3)."""
    width, height = image.size
    if min(width, height) < least:
        raise ValueError(f"its canvas is {height} x {width} px, size is {least}")
    short = min(width, height)
    left, top = (width - short) // 2, (height - short) // 2
    picture = image if image.mode == "RGB" else image.convert("RGB")
    if (width, height) != (side, side):
        # A whole factor is the mean of blocks; others need a filter that weighs pixels by their distance, and Hamming's
        # neither blurs as much as bilinear nor leaves halos as Lanczos.
        whole = Image.Resampling.BOX if short % side == 0 else Image.Resampling.HAMMING
        picture = picture.resize((side, side), whole, box=(left, top, left + short, top + short))
    return np.asarray(picture, np.uint8)
