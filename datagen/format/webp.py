"""Frames to lossless animated WebP and back, to the byte."""

from __future__ import annotations

import io
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

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
    with _opened(data) as image:
        width, height = image.size
        frames = np.empty((count, height, width, 3), np.uint8)
        _decode(image, count, range(count), frames, lambda picture: np.asarray(picture.convert("RGB")))
    return frames


def decode_chosen(
    data: bytes, count: int, chosen: Sequence[int], out: Frames, convert: Callable[[Image.Image], Frames]
) -> None:
    """Decode some of `count` frames, none after the last of them, each converted once.

    Args:
        data: content of KEY.webp.
        count: how many frames it must hold, which is checked if the last of them is chosen.
        chosen: numbers of frames, 0 to count - 1, rising.
        out: uint8 (len(chosen), ...), is written: a copy of 16 frames of 512 px, 12 MB, would take a quarter as long as
            decoding them.
        convert: makes one frame of `out` of a whole canvas, whose mode may be RGB, RGBA or RGBX.

    Raises:
        ValueError: not a WebP that Pillow can decode, or one with another number of frames; what `convert` raises.
    """
    with _opened(data) as image:
        _decode(image, count, chosen, out, convert)


@contextmanager
def _opened(data: bytes) -> Iterator[Image.Image]:
    try:
        with Image.open(io.BytesIO(data), formats=["WEBP"]) as image:
            yield image
    except UnidentifiedImageError:
        raise ValueError("not a WebP") from None  # Pillow's own words name an address in memory
    # Pillow raises the last of these for a header that claims more than 179 million pixels.
    except (OSError, EOFError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"not a readable WebP: {error}") from error


def _decode(
    image: Image.Image, count: int, chosen: Sequence[int], out: Frames, convert: Callable[[Image.Image], Frames]
) -> None:
    stored: int = image.n_frames  # type: ignore[attr-defined]
    if stored == 1:
        out[:] = convert(image)
        return
    end = done = 0
    for index in range(stored):
        image.seek(index)
        image.load()  # only then is the duration known
        end += round(image.info["duration"] / FRAME_MS)
        # Those that this stored frame stands for: none, one, or several equal ones.
        same = bisect_left(chosen, end) - done
        if same:
            out[done : done + same] = convert(image)
            done += same
        if done == len(chosen) and chosen[-1] < count - 1:
            return
    if end != count:
        raise ValueError(f"it holds {end} frames, {count} are expected")
