"""Which files are pictures, guides of pictures, and videos: their names tell."""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib.util import find_spec

_JPEG, _PNG, _WEBP, _GIF = (".jpg", ".jpeg", ".jpe", ".jfif"), (".png", ".apng"), (".webp",), (".gif",)
_TIFF, _BMP, _AVIF, _JP2 = (".tif", ".tiff"), (".bmp", ".dib"), (".avif",), (".jp2", ".j2k")
_PNM = (".ppm", ".pgm", ".pbm", ".pnm")
_HEIF = (".heic", ".heif", ".hif") if find_spec("pillow_heif") else ()  # the extra `heic`
PICTURE_SUFFIXES = frozenset(_JPEG + _PNG + _WEBP + _GIF + _TIFF + _BMP + _AVIF + _JP2 + _PNM + _HEIF)
# Captions that may lie beside a picture, as `cat.txt` beside `cat.jpg`; the first that is there is read.
CAPTION_SUFFIXES = (".txt", ".caption")
# What a model says of a picture, `cat.caption.json` of `cat.jpg`; it is read if no caption of a person is there.
MADE_CAPTION = ".caption.json"
# Maps that may lie beside a picture, as `cat.depth.png` beside `cat.jpg`: they are no pictures to paint.
GUIDES = ("depth", "saliency")


def is_picture_name(name: str) -> bool:
    """Return whether a file is taken for a picture, by its ending."""
    return os.path.splitext(name)[1].lower() in PICTURE_SUFFIXES  # noqa: PTH122, ten times faster than Path


def picture_stems(names: Iterable[str]) -> frozenset[str]:
    """Return the names of the pictures among some files of one folder, without their endings."""
    return frozenset(os.path.splitext(name)[0] for name in names if is_picture_name(name))  # noqa: PTH122


def is_guide_name(name: str, stems: frozenset[str]) -> bool:
    """Return whether a file is a guide of one of the pictures with these stems in its folder."""
    return any(name.endswith(f".{guide}.png") and name.removesuffix(f".{guide}.png") in stems for guide in GUIDES)
