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
        words: above it, in one line or several.
        frames: uint8 (F, H, W, 3).
        before: a picture on its left, uint8 (H, W, 3), or None: such as what the process was to begin with.
        after: likewise on its right: such as what it was to end with.
    """

    words: str
    frames: UInt8
    before: UInt8 | None = None
    after: UInt8 | None = None


def draw_sheet(films: Sequence[SheetRow], out: Path, columns: int = 1) -> None:
    """Write films of frames of one size, below each other in some columns, as PNG; small frames are enlarged."""
    cells = [_row(film) for film in films]
    width, height = max(cell.width for cell in cells), max(cell.height for cell in cells)
    columns, rows = min(columns, len(cells)), -(-len(cells) // columns)
    sheet = Image.new("RGB", (columns * width, rows * height + _GAP), _PAPER)
    for number, cell in enumerate(cells):
        row, column = divmod(number, columns)
        sheet.paste(cell, (column * width, (row + 1) * height - cell.height))  # pictures stand beside each other
    out.parent.mkdir(parents=True, exist_ok=True)
    save_picture(np.asarray(sheet), out)


def _row(film: SheetRow) -> Image.Image:
    height, width = (side * _SCALE for side in film.frames.shape[1:3])
    sides = sum(picture is not None for picture in (film.before, film.after))
    top = _LINE * (film.words.count("\n") + 1)
    # What stands apart has its place in all rows of a sheet, so that frames stand below each other.
    row = Image.new(
        "RGB", (_GAP + (len(film.frames) + sides) * (width + _GAP) + sides * _ASIDE, top + height + _GAP), _PAPER
    )
    ImageDraw.Draw(row).text((_GAP, 2), film.words, fill=_INK, font=ImageFont.load_default(12))
    left = _GAP
    for picture in [] if film.before is None else [film.before]:
        row.paste(_enlarged(picture), (left, top))
        left += width + _GAP + _ASIDE
    for frame in film.frames:
        row.paste(_enlarged(frame), (left, top))
        left += width + _GAP
    if film.after is not None:
        row.paste(_enlarged(film.after), (left + _ASIDE, top))
    return row


def _enlarged(frame: UInt8) -> Image.Image:
    height, width = frame.shape[:2]
    return Image.fromarray(frame).resize((width * _SCALE, height * _SCALE), Image.Resampling.NEAREST)
