"""Pictures to canvases that the networks take, and back: padded and cropped, never stretched."""

from __future__ import annotations

import dataclasses
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from underpaint.datagen.pictures.decode import decode_picture
from underpaint.datagen.pictures.picture import BadPicture, Canvas
from underpaint.datagen.pictures.places import Place

UInt8 = NDArray[np.uint8]

# As datagen's own limits, which docs/datagen.md explains; but small pictures may be enlarged.
_MIN_SIDE, _MAX_PIXELS, _MAX_ASPECT = 16, 50_000_000, 4.0
_WHITE = (255, 255, 255)
# Proportions of pictures of one process may differ by this much: sketch and photo are seldom cut to the pixel.
_SAME_SHAPE = 0.02
_SIZE = re.compile(r"([1-9]\d*)(?:x([1-9]\d*))?")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Size:
    """The size of a canvas in pixels: its sides, or the short one alone."""

    width: int
    height: int
    short_side: bool

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width) where no picture decides."""
        return self.height, self.width


def parse_size(text: str | int) -> Size:
    """Parse `512`, the short side, or `768x512`, width and height.

    Raises:
        ValueError: neither.
    """
    match = _SIZE.fullmatch(str(text))
    if not match:
        raise ValueError(f"size {text!r} is neither a number of pixels nor WIDTHxHEIGHT, as 768x512")
    width, height = int(match[1]), int(match[2] or match[1])
    if min(width, height) < _MIN_SIDE:
        raise ValueError(f"size {text} is too small: {_MIN_SIDE} px is the smallest side")
    return Size(width=width, height=height, short_side=match[2] is None)


def read_picture(path: Place, size: Size) -> UInt8:
    """Decode a picture file as datagen does, upright, in sRGB, transparency on white, and scale it to fit `size`.

    Args:
        path: where it lies, in any format that datagen reads.
        size: its short side becomes as long, or the whole fits into width and height.

    Returns:
        uint8 (H, W, 3), at the picture's own proportions.

    Raises:
        BadPicture: it can't be used; the message begins with one of the words of `datagen/pictures/picture.py`.
    """
    canvas = Canvas(
        size=min(size.shape),
        square=False,
        background=_WHITE,
        min_side=1,
        max_pixels=_MAX_PIXELS,
        max_aspect=_MAX_ASPECT,
    )
    return fit(decode_picture(path, canvas).pixels, size)


def read_image(image: Image.Image, size: Size) -> UInt8:
    """Do with a PIL image of any mode what `read_picture` does with a file: upright, in sRGB, transparency on white.

    Raises:
        BadPicture: as `read_picture`.
        ValueError: a mode that no file can have.
    """
    with as_file(image) as path:
        return read_picture(path, size)


@contextmanager
def as_file(image: Image.Image) -> Iterator[Path]:
    """Give a PIL image of any mode a file, without loss, while the block runs: files are what decoders are written for.

    Raises:
        ValueError: a mode that no file can have.
    """
    with tempfile.TemporaryDirectory(prefix="underpaint-") as folder:
        path = Path(folder) / "image.tiff"  # any mode goes into one
        try:
            image.save(path, "TIFF", icc_profile=image.info.get("icc_profile"), exif=image.getexif())
        except (OSError, ValueError, KeyError) as error:
            raise ValueError(f"a picture of mode {image.mode} can't be used ({error}): convert it to RGB") from None
        yield path


def checked(pixels: Any) -> UInt8:
    """Return an array that is a picture, uint8 (H, W, 3).

    Raises:
        ValueError: it isn't one, or is too small or too large.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or 0 in pixels.shape:
        hint = "" if pixels.dtype == np.uint8 or np.isfinite(pixels).all() else ", and not all of it finite"
        raise ValueError(f"a picture is uint8 (H, W, 3), not {pixels.dtype} {pixels.shape}{hint}")
    height, width = pixels.shape[:2]
    if height * width > _MAX_PIXELS or max(height, width) > _MAX_ASPECT * min(height, width):
        raise ValueError(
            f"a picture of {width} x {height} px: at most {_MAX_PIXELS} pixels and {_MAX_ASPECT:g} : 1 are allowed"
        )
    return np.ascontiguousarray(pixels)


def fit(pixels: UInt8, size: Size) -> UInt8:
    """Scale uint8 (H, W, 3), with its proportions, to a short side or into a box."""
    height, width = pixels.shape[:2]
    factor = min(size.shape) / min(height, width)
    if not size.short_side:
        factor = min(size.height / height, size.width / width)
    wanted = max(1, round(width * factor)), max(1, round(height * factor))
    if wanted == (width, height):
        return pixels
    return np.asarray(Image.fromarray(pixels).resize(wanted, Image.Resampling.LANCZOS))


def same_shape(frames: Mapping[int, UInt8], shape: tuple[int, int]) -> dict[int, UInt8]:
    """Bring the pictures of one process to a shape (H, W), cutting off what is a little too much.

    Raises:
        BadPicture: `mixed-sizes`, one has other proportions.
    """
    for position, pixels in frames.items():
        height, width = pixels.shape[:2]
        if abs(np.log(height / width * shape[1] / shape[0])) > _SAME_SHAPE + 1.5 / min(shape):
            raise BadPicture(
                "mixed-sizes",
                f"the picture of frame {position} is {width} x {height} px, the canvas {shape[1]} x {shape[0]} px: "
                "pictures of one process need the same proportions; cut them alike",
            )
    return {position: _covering(pixels, shape) for position, pixels in frames.items()}


def _covering(pixels: UInt8, shape: tuple[int, int]) -> UInt8:
    """Scale to cover a shape (H, W), and cut off equally what is beyond it."""
    height, width = pixels.shape[:2]
    if (height, width) == shape:
        return pixels
    factor = max(shape[0] / height, shape[1] / width)
    left, top = (width - shape[1] / factor) / 2, (height - shape[0] / factor) / 2
    box = (left, top, width - left, height - top)
    return np.asarray(Image.fromarray(pixels).resize(shape[::-1], Image.Resampling.LANCZOS, box=box))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Margins:
    """Where a canvas lies in the larger one that the networks take.

    Attributes:
        shape: (H, W) of the canvas.
        padded: (H, W) of the larger one.
    """

    shape: tuple[int, int]
    padded: tuple[int, int]

    @classmethod
    def of(cls, shape: tuple[int, int], step: int) -> Margins:
        """Return margins up to the next multiple of `step`, as equal as can be on both sides."""
        height, width = (-(-side // step) * step for side in shape)
        return cls(shape=shape, padded=(height, width))

    def pad(self, pixels: UInt8) -> UInt8:
        """Repeat the edges of (H, W, 3) outwards: white margins would be painted as part of the picture."""
        before = self._before()
        after = [padded - side - gap for padded, side, gap in zip(self.padded, self.shape, before, strict=True)]
        return np.pad(pixels, [*zip(before, after, strict=True), (0, 0)], mode="edge")

    def crop(self, frames: UInt8) -> UInt8:
        """Cut the canvas out of frames (F, H, W, 3)."""
        top, left = self._before()
        return np.ascontiguousarray(frames[:, top : top + self.shape[0], left : left + self.shape[1]])

    def _before(self) -> list[int]:
        return [(padded - side) // 2 for padded, side in zip(self.padded, self.shape, strict=True)]
