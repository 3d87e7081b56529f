"""Frames to lossless animated WebP and back, to the byte."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Frames = NDArray[np.uint8]

# Every frame shows for this long. The encoder joins equal neighbours into one longer frame, so the duration
# is also how a reader knows how many frames a stored one stands for.
FRAME_MS = 100
MAX_SIDE = 16383  # the format's own limit


def encode_frames(frames: Frames) -> bytes:
    """Encode uint8 (n, H, W, 3) as a lossless animated WebP; `decode_frames` gives it back exactly.

    method=0 is 8 times as fast as method=1 and 1.5 times as large; a corpus is limited by CPU time.
    kmin=kmax=0 keeps every frame but the first a difference to the one before: half the time and 10 %
    smaller than Pillow's default, which tries key frames as well. A process is read from its start anyway.
    """
    assert frames.shape[3:] == (3,), f"frames are (n, H, W, 3), not {frames.shape}"
    assert frames.dtype == np.uint8, f"frames are uint8, not {frames.dtype}"
    if max(frames.shape[1:3]) > MAX_SIDE:
        raise ValueError(f"a canvas of {frames.shape[1]} x {frames.shape[2]} is too large: WebP holds {MAX_SIDE} px")
    first, *rest = (Image.fromarray(frame) for frame in frames)
    return _save(first, save_all=True, append_images=rest, duration=FRAME_MS, kmin=0, kmax=0)


def encode_picture(picture: NDArray[np.uint8]) -> bytes:
    """Encode uint8 (H, W, 3) as a lossless still WebP."""
    return _save(Image.fromarray(picture))


def _save(image: Image.Image, **animation: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", lossless=True, method=0, quality=20, **animation)
    return buffer.getvalue()


def decode_frames(data: bytes, count: int) -> Frames:
    """Decode exactly `count` frames, uint8 (count, H, W, 3).

    A stored frame that lasts k * 100 ms is k equal frames; a still picture is `count` equal frames.

    Raises:
        ValueError: not a WebP that Pillow can decode, or one with another number of frames.
    """
    try:
        return _decode(data, count)
    except (OSError, EOFError, SyntaxError) as error:
        raise ValueError(f"not a readable WebP: {error}") from error


def _decode(data: bytes, count: int) -> Frames:
    with Image.open(io.BytesIO(data), formats=["WEBP"]) as image:
        width, height = image.size
        frames = np.empty((count, height, width, 3), np.uint8)
        stored = image.n_frames
        if stored == 1:
            frames[:] = image.convert("RGB")
            return frames
        end = 0
        for index in range(stored):
            image.seek(index)
            picture = np.asarray(image.convert("RGB"))  # loads, and only then are the durations known
            start, end = end, end + round(image.info["duration"] / FRAME_MS)
            if end <= count:
                frames[start:end] = picture
        if end != count:
            raise ValueError(f"holds {end} frames, {count} are expected")
        return frames
