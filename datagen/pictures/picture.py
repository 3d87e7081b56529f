"""Pictures as the renderers get them: the canvas they are brought to, and why some can't be used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Reason = Literal[
    "missing",  # the file isn't there
    "unreachable",  # its server, its store or its mount is out of order: no verdict, it may be read later
    "unreadable",  # the system refuses to read it
    "no-memory",  # the machine hadn't enough of it, in all tries of the shard; others of its pictures were made
    "empty",  # zero bytes
    "not-a-picture",  # none of the formats of `underpaint.datagen.pictures.decode`
    "unsupported",  # a picture, in colours that can't be converted
    "truncated",  # a picture whose end is missing
    "damaged",  # a picture that its decoder rejects
    "too-small",  # a side below min_side
    "too-large",  # more pixels than max_pixels, or as much memory
    "too-long",  # proportions beyond max_aspect
    "missing-guide",  # a map that the renderer's options need isn't there
    "bad-guide",  # it is there, and can't be used
    "not-painted",  # decoded, but the renderer failed on it
    "not-a-video",  # none of the kinds of video of `underpaint.datagen.recordings.footage`
    "mixed-sizes",  # the pictures of a recording aren't all of one size
    "too-few-frames",  # a recording in which nothing changes
]


Box = tuple[float, float, float, float]


class BadPicture(Exception):  # noqa: N818, it is a verdict on the picture
    """A picture that can't be used: `reason` is one of the words of `Reason`, `detail` says more."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: Reason = reason
        self.detail = detail


@dataclass(frozen=True, kw_only=True)
class Canvas:
    """What a picture is brought to: see the fields of the same names in `GenerateConfig`.

    `window` is (left, top, right, bottom) of what there is to see, as shares of the upright picture: all, or less where
    a recording has bars at its sides.
    """

    size: int
    square: bool
    background: tuple[int, int, int]
    min_side: int
    max_pixels: int
    max_aspect: float
    window: Box = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Picture:
    """A decoded picture.

    Attributes:
        pixels: uint8 RGB (H, W, 3), upright, in sRGB, cut and scaled to the canvas.
        size: (width, height) of the whole upright picture in its file.
        square: whether its centre square was cut out.
    """

    pixels: NDArray[np.uint8]
    size: tuple[int, int]
    square: bool


def crop_box(width: float, height: float, *, square: bool, window: Box = (0.0, 0.0, 1.0, 1.0)) -> Box:
    """Return (left, top, right, bottom) of what becomes the canvas: the window, or its centre square."""
    left, top = window[0] * width, window[1] * height
    right, bottom = window[2] * width, window[3] * height
    if not square:
        return left, top, right, bottom
    short = min(right - left, bottom - top)
    left, top = (left + right - short) / 2, (top + bottom - short) / 2
    return left, top, left + short, top + short
