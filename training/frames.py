"""Which of the stored frames a model sees, and getting at them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from underpaint.datagen.format.frames import Stored, decode_chosen
from underpaint.training.buckets import Shape


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


def decode_frames(data: Stored, stored: int, wanted: Sequence[int], out: NDArray[np.uint8], *, least: Shape) -> None:
    """Decode some frames of a process, none after the last of them, and scale them to a shape.

    A canvas of other proportions is cut to its middle. All frames go the same way, so what a step left untouched stays
    equal to the byte.

    Args:
        data: content of KEY.webp or KEY.mp4, or the contents of all KEY.NNNN.png.
        stored: how many frames it must hold.
        wanted: numbers of the wanted frames, rising.
        out: uint8 (len(wanted), H, W, 3), is written: at 512 px 16 frames have 12 MB, and copying them into a batch
            would take a quarter as long as decoding them.
        least: shape that a canvas must cover; from there to H and W it is enlarged.

    Raises:
        ValueError: a canvas that is smaller, nothing that can be decoded, or another number of frames.
    """
    height, width = out.shape[1:3]
    decode_chosen(data, stored, wanted, out, lambda canvas: _covering(canvas, (height, width), least))


def _covering(image: Image.Image, shape: Shape, least: Shape) -> NDArray[np.uint8]:
    """Cut the largest part of a shape's proportions out of a canvas' middle and scale it: uint8 (*shape, 3)."""
    width, height = image.size
    if height < least[0] or width < least[1]:
        wanted = f"size is {least[0]}" if least[0] == least[1] else f"its bucket is {least[0]} x {least[1]}"
        raise ValueError(f"its canvas is {height} x {width} px, {wanted}")
    tall, wide = shape
    cut_height, cut_width = min(height, round(width * tall / wide)), min(width, round(height * wide / tall))
    left, top = (width - cut_width) // 2, (height - cut_height) // 2
    picture = image if image.mode == "RGB" else image.convert("RGB")
    if (height, width) != shape:
        # A whole factor is the mean of blocks; others need a filter that weighs pixels by their distance, and Hamming's
        # neither blurs as much as bilinear nor leaves halos as Lanczos.
        blocks = cut_width % wide == cut_height % tall == 0
        whole = Image.Resampling.BOX if blocks else Image.Resampling.HAMMING
        picture = picture.resize((wide, tall), whole, box=(left, top, left + cut_width, top + cut_height))
    return np.asarray(picture, np.uint8)
