"""Naming one colour: the ground of a canvas, the paper under a transparent picture."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import ImageColor

from underpaint.renderers.strokes.tiles import Float32
from underpaint.texts import did_you_mean


def parse_colour(name: str) -> tuple[int, int, int]:
    """Return red, green and blue, 0..255, of a CSS colour (a name, `#rrggbb`, `hsl(...)`).

    Raises:
        ValueError: for anything else, and for colours with transparency.
    """
    try:
        rgb = ImageColor.getrgb(name)
    except ValueError:
        hint = did_you_mean(name, ImageColor.colormap)
        raise ValueError(f"unknown colour {name!r}; use a name such as white or black, or #rrggbb{hint}") from None
    if len(rgb) != 3:
        raise ValueError(f"colour {name!r} is transparent; use one that is not, as #rrggbb")
    return rgb


def paper_colour(name: str) -> Float32:
    """Return the colour of the paper that the option `paper` names, float32 (3,) in 0..1."""
    try:
        rgb = np.array(parse_colour(name), np.float32)
    except ValueError as error:
        raise ValueError(f"paper: {error}") from None
    return np.asarray(rgb / np.float32(255), np.float32)


def ground_colour(name: str, image: npt.NDArray[np.uint8]) -> Float32:
    """Return the colour of the blank canvas, float32 (3,) in 0..1.

    `name` is a colour's name, or `mean` for the mean colour of `image`, uint8 (H, W, 3).
    """
    if name == "mean":
        # Integer sums first: the same on every machine.
        total = image.reshape(-1, 3).sum(axis=0, dtype=np.int64)
        rgb = np.round(total / (len(image) * len(image[0])))
    else:
        try:
            rgb = np.array(parse_colour(name), np.float64)
        except ValueError as error:
            raise ValueError(f"ground: {error}, or mean") from None
    return np.asarray(rgb / 255.0, np.float32)
