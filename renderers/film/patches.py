"""What each frame of an animation changes of the one before: a small part of the canvas, as a rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

UInt8 = npt.NDArray[np.uint8]


class Patch(NamedTuple):
    """A piece of canvas that is laid over what is there.

    Attributes:
        left: of the piece, in pixels; even, as WebP wants it.
        top: likewise.
        pixels: uint8 (h, w, 3).
        changed: bool (h, w), which of the pixels differ from what is there.
        start: number of the first frame that shows it.
        stop: number of the frame that changes the canvas next, or how many frames there are.
        last: whether nothing changes after it.
    """

    left: int
    top: int
    pixels: UInt8
    changed: npt.NDArray[np.bool_]
    start: int
    stop: int
    last: bool


def patches(frames: Iterable[UInt8]) -> Iterator[Patch]:
    """Yield what frames change, uint8 (H, W, 3) each; the first is laid whole, and equal neighbours are one patch.

    Two frames are held at a time.
    """
    before: UInt8 | None = None
    waiting: Patch | None = None
    number = 0
    for number, frame in enumerate(frames, 1):
        changed = np.ones(frame.shape[:2], np.bool_) if before is None else (frame != before).any(axis=2)
        before = frame
        patch = _cut(frame, changed, number - 1)
        if patch is None:
            continue
        if waiting is not None:
            yield waiting._replace(stop=number - 1)
        waiting = patch
    assert waiting is not None, "a film has at least one frame"
    yield waiting._replace(stop=number, last=True)


def _cut(frame: UInt8, changed: npt.NDArray[np.bool_], number: int) -> Patch | None:
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    if not len(rows):
        return None
    top, left = int(rows[0]) // 2 * 2, int(columns[0]) // 2 * 2
    box = slice(top, int(rows[-1]) + 1), slice(left, int(columns[-1]) + 1)
    return Patch(left, top, np.ascontiguousarray(frame[box]), changed[box], number, number + 1, False)
