"""A picture to a painting process, by the media alone: no networks."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from underpaint import renderers
from underpaint.datagen.pictures.decode import decode_picture, over
from underpaint.datagen.pictures.picture import Canvas
from underpaint.datagen.pictures.places import Place, place_of
from underpaint.renderers import Process

UInt8 = NDArray[np.uint8]
Aspect = Literal["keep", "square"]

# A film of 720 lines plays everywhere, and is made in seconds.
USUAL_SIDE = 720
# Of a painting that may be looked at in full screen; a corpus takes half as many.
STROKES = 2000
# As datagen's own limits, but any proportions and small pictures are painted.
_MAX_PIXELS, _MAX_ASPECT, _WHITE = 178_956_970, 1000.0, (255, 255, 255)


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Photo:
    """A picture as it is going to be painted.

    Attributes:
        pixels: uint8 (H, W, 3).
        size: (width, height) of the file, upright.
        cut: whether it is only the centre square.
    """

    pixels: UInt8
    size: tuple[int, int]
    cut: bool


def read_photo(
    place: Place,
    *,
    size: int | None = None,
    aspect: Aspect = "keep",
    max_pixels: int = _MAX_PIXELS,
    max_aspect: float = _MAX_ASPECT,
) -> Photo:
    """Read a picture file, upright, in sRGB, transparency over white, whole unless it is asked to be square.

    Args:
        place: of the file.
        size: short side in pixels; None is its own, at most 720.
        aspect: `keep` or `square`, the centre.
        max_pixels: files of more are refused by their header.
        max_aspect: files of which one side is so many times the other are refused.

    Raises:
        BadPicture: it can't be used; says why.
    """
    canvas = Canvas(
        size=size or USUAL_SIDE,
        square=aspect == "square",
        background=_WHITE,
        min_side=renderers.MIN_SIDE,
        max_pixels=max_pixels,
        max_aspect=max_aspect,
    )
    picture = decode_picture(place, canvas)
    short = min(picture.size)
    if size is None and short < canvas.size:
        picture = decode_picture(place, dataclasses.replace(canvas, size=short))
    cut = aspect == "square" and picture.size[0] != picture.size[1]
    return Photo(pixels=picture.pixels, size=picture.size, cut=cut)


def paint(
    picture: UInt8 | Image.Image | str | Path,
    *,
    medium: str | None = None,
    size: int | None = None,
    strokes: int = STROKES,
    quality: str = "standard",
    seed: int = 0,
    options: Any = None,
    guides: Mapping[str, NDArray[np.float32]] | None = None,
    renderer: str | None = None,
    **option_values: Any,
) -> Process:
    """Paint a picture.

        underpaint.paint("photo.jpg", medium="oil").film("film.mp4")

    Args:
        picture: a file or URL; or an image of Pillow; or pixels, uint8 (H, W, 3).
        medium: one of `renderers.names()`; by default `oil`.
        size: short side of the canvas in pixels; by default that of the picture, of files at most 720.
        strokes: the most marks it may take, up to a million.
        quality: `draft`, `standard` or `high`: how long to look for the marks, about 1 : 3 : 12.
        seed: 0..2**63-1; the same picture, settings and seed give the same painting.
        options: the medium's options, an instance of `renderers.options_class(medium)`.
        guides: maps for options that need or welcome them, see `renderers.paint`.
        renderer: another word for `medium`.
        **option_values: the medium's options one by one, as in `paint(photo, medium="oil", impasto=0.8)`.

    Returns:
        The process; `film` writes it, `frames` returns it, notebooks show it.

    Raises:
        ValueError: a setting that can't be used.
        BadPicture: a file that can't be read.
    """
    if medium is not None and renderer is not None and medium != renderer:
        raise ValueError(f"medium is {medium!r} and renderer is {renderer!r}: they are one, so give only one of them")
    return renderers.paint(
        _pixels(picture, size),
        renderer=medium or renderer or "oil",
        strokes=strokes,
        quality=quality,
        seed=seed,
        options=options,
        guides=guides,
        **option_values,
    )


def _pixels(picture: UInt8 | Image.Image | str | Path, size: int | None) -> UInt8:
    if isinstance(picture, (str, os.PathLike)):
        return read_photo(place_of(os.fspath(picture)), size=size).pixels
    if size is None and isinstance(picture, np.ndarray):
        return picture
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    image = ImageOps.exif_transpose(image)
    image = over(image.convert("RGBA") if image.has_transparency_data else image, _WHITE)
    if size is not None:
        scale = size / min(image.size)
        image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)
    return np.array(image)
