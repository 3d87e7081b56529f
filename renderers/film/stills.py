"""Pictures of a process: its last frame, all of them in a folder, or some side by side."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt
from PIL import Image

UInt8 = npt.NDArray[np.uint8]

GAP = 2  # px of white between frames
_FRAME = re.compile(r"\d{4,}\.png")


def write_png(frame: UInt8, file: IO[bytes]) -> None:
    """Write one frame, uint8 (H, W, 3), as PNG."""
    Image.fromarray(frame).save(file, "PNG", optimize=True)


def write_pictures(frames: Iterable[UInt8], folder: Path) -> None:
    """Write frames as `0000.png`, `0001.png` and so on into a folder that is there."""
    for number, frame in enumerate(frames):
        Image.fromarray(frame).save(folder / f"{number:04d}.png")


def check_folder(folder: Path) -> None:
    """Raise ValueError if a folder for frames can't be written, or is there and holds anything else: it is replaced."""
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is a file: give the name of a folder, or one that ends in .mp4, .gif or the like")
    names = [path.name for path in folder.iterdir()] if folder.exists() else []
    if foreign := sorted(name for name in names if not _FRAME.fullmatch(name)):
        raise ValueError(f"folder {folder} holds other things than frames, {foreign[0]} for one: use another --out")


def tabulated(frames: Sequence[UInt8] | UInt8, columns: int) -> UInt8:
    """Return frames, uint8 (H, W, 3) each, as one picture, row by row, with white between them."""
    height, width = frames[0].shape[:2]
    rows = math.ceil(len(frames) / columns)
    table = np.full((rows * (height + GAP) + GAP, columns * (width + GAP) + GAP, 3), 255, np.uint8)
    for number, frame in enumerate(frames):
        top, left = GAP + number // columns * (height + GAP), GAP + number % columns * (width + GAP)
        table[top : top + height, left : left + width] = frame
    return table
