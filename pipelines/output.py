"""Paintings to files: animations, films, pictures at a glance, and the settings beside them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Literal, cast, get_args

from underpaint.datagen.format.atomic import atomic_file, write_json
from underpaint.pipelines.pictures import UInt8
from underpaint.pipelines.request import Painting
from underpaint.renderers.film.frames import GivenFrames
from underpaint.renderers.film.stills import tabulated, write_png
from underpaint.renderers.film.timing import Timing
from underpaint.renderers.film.writing import FilmFormat, write_film

Format = Literal["webp", "mp4", "webm", "gif", "frames", "filmstrip", "sheet", "corpus"]
# What a suffix stands for where no format is given; without a suffix it is a folder of frames.
BY_SUFFIX = {".webp": "webp", ".mp4": "mp4", ".webm": "webm", ".gif": "gif", ".png": "filmstrip", "": "frames"}
SUFFIX = {
    "webp": ".webp",
    "mp4": ".mp4",
    "webm": ".webm",
    "gif": ".gif",
    "filmstrip": ".png",
    "sheet": ".png",
    "frames": "",
}


def format_of(out: Path, wanted: Format | None) -> Format:
    """Return the format of a file, by its suffix unless it is said.

    Raises:
        ValueError: a suffix that says nothing, or another than the format's.
    """
    suffix = out.suffix.lower()
    if wanted is None:
        if suffix not in BY_SUFFIX:
            known = ", ".join(filter(None, BY_SUFFIX))
            raise ValueError(f"{out} ends in {suffix}: use {known}, no suffix for a folder of frames, or --format")
        return cast("Format", BY_SUFFIX[suffix])
    if wanted != "corpus" and suffix != SUFFIX[wanted]:
        raise ValueError(f"{out} is to be of format {wanted}, so its name should end in {SUFFIX[wanted] or 'nothing'}")
    return wanted


def check_format(wanted: str | None) -> None:
    """Raise ValueError for an unknown format."""
    if wanted is not None and wanted not in get_args(Format):
        raise ValueError(f"format is {wanted!r}: use {', '.join(get_args(Format))}")


def write(painting: Painting, out: Path, wanted: Format, *, fps: float) -> None:
    """Write a painting, and `about` beside it as JSON; each appears whole or not at all.

    Args:
        painting: what is written.
        out: file, or folder of frames; written anew if it is there.
        wanted: any format but `corpus`.
        fps: frames per second of an animation.
    """
    if wanted in ("webp", "mp4", "webm", "gif", "frames"):
        write_film(GivenFrames(painting.frames), out, cast("FilmFormat", wanted), timing=Timing(fps=fps))
    else:
        out.parent.mkdir(parents=True, exist_ok=True)
        columns = len(painting.frames) if wanted == "filmstrip" else math.ceil(math.sqrt(len(painting.frames)))
        save_picture(tabulated(painting.frames, columns), out)
    beside = out.with_name(out.name + ".json") if wanted == "frames" else out.with_suffix(".json")
    write_json(beside, painting.about)


def save_picture(pixels: UInt8, out: Path) -> None:
    """Save uint8 (H, W, 3) as PNG."""
    with atomic_file(out) as file:
        write_png(pixels, file)
