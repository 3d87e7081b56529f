"""Processes made small: an animation, its last frame, and a strip of moments, each as WebP."""

from __future__ import annotations

import io
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from underpaint.datagen.filmstrip import evenly
from underpaint.renderers.film.small import few, shrunk, small_webp

# Cards are 180 or 280 px wide. What moves may be softer than what stands still.
FILM_SIDE, POSTER_SIDE = 208, 288
MOMENT_SIDE = 48  # px, a sixth of a card
MOMENTS = 6
_POSTER_QUALITY = 75


@dataclass(frozen=True)
class Film:
    """One process for a page.

    Attributes:
        film: animated lossy WebP, from blank to finished, which then rests.
        poster: its last frame, a still WebP.
        strip: six moments side by side, a still WebP.
        changes: mean absolute difference between neighbouring frames, as share of the range, one less than frames.
    """

    film: bytes
    poster: bytes
    strip: bytes
    changes: tuple[float, ...]

    @property
    def bytes(self) -> int:
        """Size of the three together."""
        return len(self.film) + len(self.poster) + len(self.strip)


def make_film(frames: NDArray[np.uint8]) -> Film:
    """Make a process, uint8 (n, H, W, 3), small enough for a page with hundreds of them."""
    shown = [shrunk(frame, FILM_SIDE) for frame in few(frames)]
    return Film(small_webp(shown), poster(frames), strip(frames), changes(frames))


def poster(frames: NDArray[np.uint8]) -> bytes:
    """Encode the last frame, small, as a still WebP."""
    return _still(shrunk(frames[-1], POSTER_SIDE))


def strip(frames: NDArray[np.uint8]) -> bytes:
    """Encode six moments at even steps, centre squares side by side without gaps, as a still WebP."""
    picture = Image.new("RGB", (MOMENTS * MOMENT_SIDE, MOMENT_SIDE))
    for number, frame in enumerate(evenly(frames, MOMENTS)):
        picture.paste(_square(frame), (number * MOMENT_SIDE, 0))
    return _still(picture)


def changes(frames: NDArray[np.uint8]) -> tuple[float, ...]:
    """Measure how much each step changes the picture: mean absolute difference over pixels and channels, 0 to 1."""
    return tuple(float(np.abs(after.astype(np.int16) - before).mean()) / 255 for before, after in pairwise(frames))


def _square(frame: NDArray[np.uint8]) -> Image.Image:
    height, width = frame.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = Image.fromarray(np.ascontiguousarray(frame[top : top + side, left : left + side]))
    return square.resize((MOMENT_SIDE, MOMENT_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)


def _still(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=_POSTER_QUALITY, method=4)
    return buffer.getvalue()
