"""Processes made small, as pages and notebooks show them: lossy animated WebP."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from underpaint.renderers.film.frames import evenly_spread

UInt8 = npt.NDArray[np.uint8]

SHOWN_FRAMES = 24  # enough to see a process grow
_SHOWN_SIDE = 384  # px; a notebook keeps it in its file, 200 kB or so
FRAME_MS, HOLD_MS = 120, 1600
# At 60 strokes keep their edges; method 2 takes half the time of 4 for 5 % more bytes.
_QUALITY, _METHOD = 60, 2


def few(frames: UInt8) -> UInt8:
    """Return at most 24 of frames (n, H, W, 3), evenly from the first to the last."""
    chosen: UInt8 = frames[evenly_spread(min(SHOWN_FRAMES, len(frames)), len(frames))]
    return chosen


def shrunk(frame: UInt8, side: int) -> Image.Image:
    """Scale a frame, uint8 (H, W, 3), down into a square of `side`; small ones stay as they are."""
    image = Image.fromarray(frame)
    image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return image


def small_webp(images: Sequence[Image.Image]) -> bytes:
    """Encode images as an animation that rests on the last."""
    buffer, (first, *rest) = io.BytesIO(), images
    durations = [FRAME_MS] * len(rest) + [HOLD_MS]
    first.save(
        buffer, "WEBP", save_all=True, append_images=rest, duration=durations, loop=0,
        quality=_QUALITY, method=_METHOD, kmin=0, kmax=0,
    )  # fmt: skip
    return buffer.getvalue()


def film_html(frames: Iterable[UInt8], title: str) -> str:
    """Return an `img` that holds frames, uint8 (H, W, 3) each, small, as an animation."""
    data = base64.b64encode(small_webp([shrunk(frame, _SHOWN_SIDE) for frame in frames])).decode()
    title = html.escape(title)
    return f'<img src="data:image/webp;base64,{data}" alt="{title}" title="{title}">'
