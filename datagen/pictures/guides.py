"""Guides: maps that lie beside a picture, such as its depth, for options of a renderer that need or welcome them."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from underpaint.datagen.pictures.decode import REDUCING_GAP, opened, reduced
from underpaint.datagen.pictures.drawn import Drawn
from underpaint.datagen.pictures.names import GUIDES
from underpaint.datagen.pictures.picture import BadPicture, Canvas, Picture, crop_box
from underpaint.datagen.pictures.places import Extent, Place, verdict
from underpaint.datagen.storage.patience import is_passing
from underpaint.datagen.storage.remote import PUBLIC
from underpaint.texts import printable

# Whole pixels, and tools that scale to a multiple of 14, change the proportions a little.
TOLERANCE = 0.01
_WHITE = {"L": 255.0, "I;16": 65535.0}


# The text in a guide's PNG that names the model that made it, and how much of it is read.
ORIGIN = "Model"
_MOST_LETTERS = 200


@dataclass(frozen=True, kw_only=True, eq=False)
class Guide:
    """A map of a picture.

    Attributes:
        values: float32 (H, W) of the picture's canvas, 0..1.
        origin: the model that made it, as its file says; None if it doesn't.
    """

    values: NDArray[np.float32]
    origin: str | None


def guide_path(picture: Path, name: str) -> Path:
    """Return where the guide of a picture lies: `cat.depth.png` for the `depth` of `cat.jpg`."""
    return picture.with_name(f"{picture.stem}.{name}.png")


def read_guide(path: Place, name: str, picture: Picture, canvas: Canvas) -> Guide:
    """Read the guide `name` of the picture that was decoded from `path`.

    The guide covers the whole upright picture at any resolution; it is cut and scaled as the picture was. White is 1.

    Raises:
        BadPicture: `missing-guide`, `bad-guide` for what is not a grey PNG of the picture's proportions, or
            `unreachable`.
    """
    assert name in GUIDES, f"{name!r} isn't in names.GUIDES, so such maps would be painted as pictures"
    if isinstance(path, Drawn):
        path = path.large_enough(canvas.size)
    what = _called(path, name)
    with warnings.catch_warnings(), _opened(path, name) as file:
        warnings.simplefilter("ignore")  # Pillow's remarks on odd metadata
        try:
            with Image.open(file, formats=["PNG"]) as image:
                _check(image, picture, canvas)
                origin = image.info.get(ORIGIN)
                origin = printable(origin)[:_MOST_LETTERS] if isinstance(origin, str) else None
                return Guide(values=_fitted(image, picture), origin=origin)
        except MemoryError:
            raise  # the machine's fault, not the guide's
        except UnidentifiedImageError as error:  # names the file with its folder, which would differ between machines
            raise BadPicture("bad-guide", f"{what}: no PNG") from error
        except Exception as error:  # a damaged file can make the decoder raise anything
            if isinstance(error, OSError) and is_passing(error):
                raise verdict(error) from error
            raise BadPicture("bad-guide", f"{what}: {str(error) or type(error).__name__}") from error


def read_welcome_guide(path: Place, name: str, picture: Picture, canvas: Canvas) -> Guide | None:
    """Read a guide that a medium can do without; None if none lies beside the picture.

    Web servers aren't asked: nobody keeps maps beside pictures on foreign sites, and many answer anything.

    Raises:
        BadPicture: `bad-guide` or `unreachable`, as `read_guide`; `unreachable` too if the picture has gone meanwhile,
            and so the guide may have.
    """
    if isinstance(path, Extent) and path.size is None and path.location.startswith(PUBLIC):
        return None
    try:
        return read_guide(path, name, picture, canvas)
    except BadPicture as bad:
        if bad.reason != "missing-guide":
            raise
        if isinstance(path, Path) and not os.path.lexists(path):
            raise BadPicture("unreachable", f"{path} is gone; it was there a moment ago") from None
        return None


def _opened(path: Place, name: str) -> IO[bytes]:
    place = guide_path(path, name) if isinstance(path, Path) else path.guide(name)
    if place is None:
        raise BadPicture("missing-guide", f"no {_called(path, name)} beside the picture")
    try:
        return opened(place)
    except BadPicture as bad:
        if bad.reason == "unreachable":
            raise
        # Of what isn't there, stores say that it may not be read to whoever may not list them.
        if bad.reason == "missing" or (bad.reason == "unreadable" and not isinstance(path, Path)):
            raise BadPicture("missing-guide", f"no {_called(path, name)} beside the picture") from bad
        raise BadPicture("bad-guide", f"{_called(path, name)}: {bad.reason}, {bad.detail}") from bad


def _called(path: Place, name: str) -> str:
    return guide_path(path, name).name if isinstance(path, Path) else f"{name} guide"


def _check(image: Image.Image, picture: Picture, canvas: Canvas) -> None:
    """Judge by the header whether this can be a guide."""
    (width, height), (picture_width, picture_height) = image.size, picture.size
    if image.mode not in _WHITE:
        raise ValueError(f"it has colours of mode {image.mode}; a guide is grey, with 8 or 16 bits and no transparency")
    if width * height > canvas.max_pixels:
        raise ValueError(f"{width} x {height} px, {canvas.max_pixels} pixels are allowed")
    if abs(width * picture_height - height * picture_width) > TOLERANCE * height * picture_width:
        raise ValueError(
            f"{width} x {height} px, other proportions than the upright picture's {picture_width} x {picture_height}"
        )


def _fitted(image: Image.Image, picture: Picture) -> NDArray[np.float32]:
    height, width = picture.pixels.shape[:2]
    factor = max(1, int(min(image.size) / (REDUCING_GAP * min(width, height))))
    small = reduced(image, factor, lambda strip: strip.convert("F"))
    left, top, right, bottom = crop_box(*picture.size, square=picture.square)
    x, y = image.width / picture.size[0] / factor, image.height / picture.size[1] / factor
    # Bilinear, which is antialiased here: Lanczos would overshoot, and put a rim of other depths along every edge.
    box = (left * x, top * y, right * x, bottom * y)
    small = small.resize((width, height), Image.Resampling.BILINEAR, box=box)
    guide: NDArray[np.float32] = np.asarray(small, np.float32) / np.float32(_WHITE[image.mode])
    return np.clip(guide, 0, 1, out=guide)
