"""A first look at a whole recording, in memory that doesn't grow with its length."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from underpaint.datagen.pictures.picture import BadPicture, Box, Canvas, Picture
from underpaint.datagen.recordings.footage import Shot
from underpaint.datagen.recordings.letterbox import Bars

# Short side at which bars are looked for: to within half a percent.
LOOK = 256
# Short side of the thumbnails by which change is measured: finer than a hand, and a trembling camera hardly shows.
THUMBNAIL = 64
# At most so many frames of a recording are looked at, evenly spread: 20 MB, and 60 for each that is chosen.
MOST = 1024


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What a recording shows.

    Attributes:
        count: frames of the recording.
        numbers: which of them were looked at; the first and the last are among them.
        thumbnails: of these, uint8 (h, w, 3), within the window.
        size: (width, height) of a whole frame.
        window: what lies within the bars, as shares.
    """

    count: int
    numbers: list[int]
    thumbnails: list[NDArray[np.uint8]]
    size: tuple[int, int]
    window: Box


def survey(shots: Iterator[Shot], canvas: Canvas, *, crop: bool) -> Survey:
    """Look at every frame, or at every second, fourth, ... of a long recording, and at the last.

    Raises:
        BadPicture: a frame that can't be used, frames of several sizes, or none at all.
    """
    whole = replace(canvas, size=LOOK, square=False, max_aspect=float("inf"))
    bars, sizes = Bars(), _OneSize()
    seen: list[tuple[int, NDArray[np.uint8]]] = []
    stride, number, last = 1, -1, None

    def look(shot: Shot) -> None:
        frame = sizes.checked(shot.picture(whole), shot.number)
        bars.add(frame)
        seen.append((shot.number, _thumbnail(frame)))

    for shot in shots:
        number, last = shot.number, shot
        if number % stride == 0:
            look(shot)
            if len(seen) == MOST:
                seen, stride = seen[::2], 2 * stride
    if last is None:
        raise BadPicture("too-few-frames", "there is no frame in it")
    if seen[-1][0] != number:
        look(last)
    window = _whole_pixels(bars.window(), sizes.size) if crop else (0.0, 0.0, 1.0, 1.0)
    return Survey(
        count=number + 1,
        numbers=[number for number, _ in seen],
        thumbnails=[_cut(thumbnail, window) for _, thumbnail in seen],
        size=sizes.size,
        window=window,
    )


class _OneSize:
    """Sees to it that all frames have one size."""

    size = (0, 0)

    def checked(self, picture: Picture, number: int) -> NDArray[np.uint8]:
        if self.size == (0, 0):
            self.size = picture.size
        if picture.size != self.size:
            (width, height), (wide, high) = picture.size, self.size
            raise BadPicture("mixed-sizes", f"frame {number} has {width} x {height} px, the first one {wide} x {high}")
        return picture.pixels


def _thumbnail(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(frame).reduce(LOOK // THUMBNAIL))


def _whole_pixels(window: Box, size: tuple[int, int]) -> Box:
    """Return the window from whole pixel to whole pixel of the recording."""
    width, height = size
    left, top = int(np.ceil(window[0] * width)), int(np.ceil(window[1] * height))
    return left / width, top / height, int(window[2] * width) / width, int(window[3] * height) / height


def _cut(thumbnail: NDArray[np.uint8], window: Box) -> NDArray[np.uint8]:
    height, width = thumbnail.shape[:2]
    left, top, right, bottom = (round(share * side) for share, side in zip(window, (width, height) * 2, strict=True))
    return thumbnail[top : max(bottom, top + 1), left : max(right, left + 1)]
