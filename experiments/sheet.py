"""Filmstrips with words: a process in each row, time from left to right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from underpaint.pipelines.output import save_picture

UInt8 = NDArray[np.uint8]

_SCALE = 2  # small frames are hard to see
_GAP, _ASIDE, _LINE = 3, 14, 17  # px: between frames, before a picture that stands apart, height of a line of words
_PAPER, _INK = "white", "#333333"


@dataclass(frozen=True, kw_only=True, eq=False)
class SheetRow:
    """A row of a sheet.

    Attributes:
        words: above it.
        frames: uint8 (F, H, W, 3).
        before: a picture on its left, uint8 (H, W, 3), or None: such as what the process was to begin with.
        after: likewise on its right: such as what it was to end with.
    """

    words: str
    frames: UInt8
    before: UInt8 | None = None
    after: UInt8 | None = None


def draw_sheet(films: Sequence[SheetRow], out: Path) -> None:
    """Write films of frames of one size, one below the other, as PNG; small frames are enlarged."""
    rows = [_row(film) for film in films]
    width = max(row.width for row in rows)
    sheet = Image.new("RGB", (width, sum(row.height for row in rows) + _GAP), _PAPER)
    top = 0
    for row in rows:
        sheet.paste(row, (0, top))
        top += row.height
    out.parent.mkdir(parents=True, exist_ok=True)
    save_picture(np.asarray(sheet), out)


def _row(film: SheetRow) -> Image.Image:
    height, width = (side * _SCALE for side in film.frames.shape[1:3])
    sides = sum(picture is not None for picture in (film.before, film.after))
    # What stands apart has its place in all rows of a sheet, so that frames stand below each other.
    row = Image.new(
        "RGB", (_GAP + (len(film.frames) + sides) * (width + _GAP) + sides * _ASIDE, _LINE + height + _GAP), _PAPER
    )
    ImageDraw.Draw(row).text((_GAP, 2), film.words, fill=_INK, font=ImageFont.load_default(12))
    left = _GAP
    for picture in [] if film.before is None else [film.before]:
        row.paste(_enlarged(picture), (left, _LINE))
        left += width + _GAP + _ASIDE
    for frame in film.frames:
        row.paste(_enlarged(frame), (left, _LINE))
        left += width + _GAP
    if film.after is not None:
        row.paste(_enlarged(film.after), (left + _ASIDE, _LINE))
    return row


def _enlarged(frame: UInt8) -> Image.Image:
    height, width = frame.shape[:2]
    return Image.fromarray(frame).resize((width * _SCALE, height * _SCALE), Image.Resampling.NEAREST)
