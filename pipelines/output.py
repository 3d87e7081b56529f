"""Paintings to files: animations, films, pictures at a glance, and the settings beside them."""

from __future__ import annotations

import math
import shutil
from pathlib import Path
from typing import Literal, cast, get_args

import numpy as np
from PIL import Image

from underpaint.datagen.format.atomic import atomic_file, temporary_name, write_json
from underpaint.pipelines.pictures import UInt8
from underpaint.pipelines.request import Painting

Format = Literal["webp", "mp4", "gif", "frames", "filmstrip", "sheet", "corpus"]
# What a suffix stands for where no format is given; without a suffix it is a folder of frames.
BY_SUFFIX = {".webp": "webp", ".mp4": "mp4", ".gif": "gif", ".png": "filmstrip", "": "frames"}
SUFFIX = {"webp": ".webp", "mp4": ".mp4", "gif": ".gif", "filmstrip": ".png", "sheet": ".png", "frames": ""}
_GAP = 2  # px of white between frames, as in datagen's filmstrips


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
    out.parent.mkdir(parents=True, exist_ok=True)
    if wanted in ("webp", "mp4", "gif"):
        from underpaint.datagen.writing import export  # brings the renderers along: not for --help

        export(_Animated(painting.frames), out, fps=fps)
    elif wanted == "frames":
        _write_frames(painting.frames, out)
    else:
        columns = len(painting.frames) if wanted == "filmstrip" else math.ceil(math.sqrt(len(painting.frames)))
        save_picture(tabulated(painting.frames, columns), out)
    beside = out.with_name(out.name + ".json") if wanted == "frames" else out.with_suffix(".json")
    write_json(beside, painting.about)


class _Animated:
    """Frames as datagen's export takes them."""

    def __init__(self, frames: UInt8) -> None:
        self._frames = frames

    def frames(self) -> UInt8:
        return self._frames


def _write_frames(frames: UInt8, folder: Path) -> None:
    if folder.is_dir() and (foreign := sorted(path.name for path in folder.iterdir() if path.suffix != ".png")):
        raise ValueError(f"folder {folder} holds other things than frames, {foreign[0]} for one: use another --out")
    temporary = temporary_name(folder)
    temporary.mkdir(parents=True)
    try:
        for number, frame in enumerate(frames):
            Image.fromarray(frame).save(temporary / f"{number:04d}.png")
        if folder.is_dir():
            shutil.rmtree(folder)
        temporary.replace(folder)
    except BaseException:  # a full disk, Ctrl-C: no half folder stays
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def tabulated(frames: UInt8, columns: int) -> UInt8:
    """Return frames (F, H, W, 3) as one picture, row by row, with white between them."""
    rows, (_, height, width, _) = -(-len(frames) // columns), frames.shape
    table = np.full((rows * (height + _GAP) + _GAP, columns * (width + _GAP) + _GAP, 3), 255, np.uint8)
    for number, frame in enumerate(frames):
        top, left = _GAP + number // columns * (height + _GAP), _GAP + number % columns * (width + _GAP)
        table[top : top + height, left : left + width] = frame
    return table


def save_picture(pixels: UInt8, out: Path) -> None:
    """Save uint8 (H, W, 3) as PNG."""
    with atomic_file(out) as file:
        Image.fromarray(pixels).save(file, "PNG")
