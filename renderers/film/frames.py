"""Frames as films take them: one after the other, each made when it is asked for, so that any number fits in memory."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from underpaint.renderers.registry import get_medium
from underpaint.renderers.replay import Program

UInt8 = npt.NDArray[np.uint8]

# Longest side in pixels: of the formats themselves, and of the encoder x264.
LONGEST = {"webp": 16383, "gif": 65535, "mp4": 16384, "webm": 65535}


class FrameSource(Protocol):
    """Frames, all of one size, that can be gone through more than once."""

    def __len__(self) -> int:
        """Return the number of frames."""
        ...

    def __iter__(self) -> Iterator[UInt8]:
        """Yield the frames, each uint8 (H, W, 3)."""
        ...

    def at(self, numbers: Sequence[int]) -> FrameSource:
        """Return some of the frames by their numbers, which don't fall."""
        ...


@dataclasses.dataclass(frozen=True, eq=False)
class GivenFrames:
    """Frames that are there already.

    Attributes:
        frames: uint8 (F, H, W, 3).
    """

    frames: UInt8

    def __len__(self) -> int:
        return len(self.frames)

    def __iter__(self) -> Iterator[UInt8]:
        return iter(self.frames)

    def at(self, numbers: Sequence[int]) -> GivenFrames:
        """Return some of them; see `FrameSource`."""
        return GivenFrames(self.frames[list(numbers)])


@dataclasses.dataclass(frozen=True, eq=False)
class ReplayedFrames:
    """Moments of a program's replay, none of which is kept.

    Attributes:
        program: the marks.
        counts: how many marks each frame has; never falls.
        size: short side of the frames in pixels, or (height, width); None is the program's own.
    """

    program: Program
    counts: Sequence[int]
    size: int | tuple[int, int] | None = None

    def __len__(self) -> int:
        return len(self.counts)

    def __iter__(self) -> Iterator[UInt8]:
        height, width = self.program.canvas_size(self.size)
        painter = get_medium(self.program.medium).painter(self.program, height, width)
        for count in self.counts:
            painter.paint_until(int(count))
            yield painter.pixels()

    def stacked(self) -> UInt8:
        """Return all of them, uint8 (F, H, W, 3)."""
        frames = np.empty((len(self), *self.program.canvas_size(self.size), 3), np.uint8)
        for number, frame in enumerate(self):
            frames[number] = frame
        return frames

    def at(self, numbers: Sequence[int]) -> ReplayedFrames:
        """Return some of them; see `FrameSource`."""
        return dataclasses.replace(self, counts=[self.counts[number] for number in numbers])


def check_sides(form: str, height: int, width: int) -> None:
    """Raise ValueError for a canvas that is larger than a film of this format can be; of others nothing is known."""
    if max(height, width) > (longest := LONGEST.get(form, max(height, width))):
        raise ValueError(f"a canvas of {width} x {height} px is too large: .{form} holds {longest} px")


def evenly_spread(count: int, of: int) -> list[int]:
    """Return `count` numbers of `of` frames at even steps, first and last included; some repeat if there are fewer."""
    return [int(number) for number in np.linspace(0, of - 1, count).round()]


def counts_between(counts: Sequence[int], n: int) -> list[int]:
    """Return the stroke counts of `n` frames whose pace is that of the frames with these counts."""
    numbers = np.linspace(0, len(counts) - 1, n)
    return [int(count) for count in np.interp(numbers, np.arange(len(counts)), counts).round()]
