"""What a medium has to do.

To add one, write `renderers/media/NAME.py` with `MEDIUM = YourMedium()`; nothing else changes.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from underpaint.renderers.order.times import stroke_times
from underpaint.renderers.program import ProgramData

UInt8 = npt.NDArray[np.uint8]
Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

# The arrays, int16 (N,), that tell where each mark belongs: see `manner.fit`.
WHERE = ("region", "place")
# Arrays of a program that no painter needs.
TOLD = frozenset((*WHERE, "time"))
# A canvas of which only bytes can be seen is looked at so often.
LOOKS = 128


class Painter(abc.ABC):
    """A canvas on which a program is being replayed."""

    @abc.abstractmethod
    def paint_until(self, count: int) -> None:
        """Paint on until the first `count` marks are on the canvas. Going back is not possible."""

    @abc.abstractmethod
    def pixels(self) -> UInt8:
        """Return the canvas as it stands, uint8 (H, W, 3)."""

    def changes(self, count: int) -> Float64:
        """Paint the first `count` marks on the blank canvas; return how much each changes it, float64 (count,).

        That is the mean absolute difference over pixels and channels, 0..1. The canvas is looked at now and then,
        `LOOKS` times if the medium doesn't say, and marks between two looks share what they have changed.
        """
        steps, before = np.zeros(count), self.pixels()
        for start, stop in pairwise(self._looks(count)):
            self.paint_until(stop)
            after = self.pixels()
            difference = np.abs(after.astype(np.int16) - before)
            # An integer sum is exact, so the figure is the same wherever it is computed.
            steps[start:stop] = int(difference.sum(dtype=np.int64)) / (255 * difference.size * (stop - start))
            before = after
        return steps

    def _looks(self, count: int) -> list[int]:
        """Return after how many marks `changes` looks at the canvas, rising from 0 to `count`."""
        looks: list[int] = np.unique(np.linspace(0, count, LOOKS + 1).round().astype(np.int64)).tolist()
        return looks


class Medium(abc.ABC):
    """One kind of marks: how a picture is turned into them and how they look."""

    name: ClassVar[str]
    # A frozen, keyword-only dataclass with a default for every field.
    options: ClassVar[type]
    # The frame schedule where none is asked for, one of frames.SCHEDULES.
    schedule: ClassVar[str] = "error"
    # Whether it can fill regions of another medium's picture, each for itself.
    fills: ClassVar[bool] = True
    # How finished programs can be put in another order (`order.reorder`): place by place, or place by place within each
    # phase, because the phases are what the medium is about. None: not at all.
    reorder: ClassVar[Literal["places", "phases"] | None] = None

    def guides(self, options: Any) -> tuple[str, ...]:
        """Return the names of the maps, such as `depth`, that these options need beside the picture."""
        return ()

    def welcome(self, options: Any) -> tuple[str, ...]:
        """Return the names of the maps that these options make use of where they lie beside the picture.

        A picture without them is painted as well; those that `guides()` needs aren't among them.
        """
        return ()

    def filling(self) -> Any:
        """Return the options with which it fills a region: in which order regions are painted isn't its matter then."""
        return self.options()

    def longest_side(self, options: Any) -> int | None:
        """Return the longest side, in pixels, of a picture that is painted with these options; None is any."""
        return None

    @abc.abstractmethod
    def fit(
        self, image: UInt8, *, strokes: int, quality: str, seed: int, options: Any, guides: Mapping[str, Float32]
    ) -> ProgramData:
        """Return the program that paints a picture. The same arguments give the same program.

        Args:
            image: uint8 (H, W, 3).
            strokes: the most marks it may take, at least 1.
            quality: one of `limits.QUALITIES`.
            seed: 0..2**63-1.
            options: an instance of the medium's `options`.
            guides: the maps that `guides()` asks for, and those of `welcome()` that there are, each float32 (H, W) in
                0..1.
        """

    @abc.abstractmethod
    def check(self, program: ProgramData) -> None:
        """Refuse a program, read from a file, that `painter` can't work with.

        Raises:
            ValueError: says what is wrong.
        """

    @abc.abstractmethod
    def painter(self, program: ProgramData, height: int, width: int) -> Painter:
        """Return a blank canvas of (height, width) for this program."""

    @abc.abstractmethod
    def progress(self, program: ProgramData, target: UInt8) -> npt.NDArray[np.float64]:
        """Return how far the painting has come before and after each mark -> float64 (N + 1,), never falling.

        Frames cut in equal steps of it should look evenly spaced: PSNR does for layered paint, the area covered for
        filling region by region. Its unit is the medium's own.

        Args:
            program: the marks.
            target: uint8 (H, W, 3), the picture that was to be painted, of the program's size.
        """

    def times(self, program: ProgramData) -> Float64:
        """Return how long a painter takes for each mark -> float64 (N,), above 0, in a unit of its own."""
        return stroke_times(program)

    def moment(self, program: ProgramData, count: int) -> dict[str, Any]:
        """Return what a frame with the first `count` marks shows, as JSON values.

        These are its phase, and of the last mark its region and place, where the program tells them.
        """
        last = {name: int(program.arrays[name][count - 1]) for name in WHERE if name in program.arrays and count}
        return {"phase": program.phase_after(count), **last}


def check_columns(program: ProgramData, columns: tuple[str, ...]) -> None:
    """Raise ValueError unless the program's strokes have exactly these columns."""
    if program.columns != columns:
        raise ValueError(f"its strokes have the columns {list(program.columns)}, not {list(columns)}")


def check_where(program: ProgramData) -> None:
    """Raise ValueError unless what the program tells of its marks' regions, places and times can be used."""
    for name in WHERE:
        told = program.arrays.get(name)
        if told is not None and (told.dtype != np.int16 or told.shape != (len(program),)):
            raise ValueError(f"its {name} must be int16 ({len(program)},), not {told.dtype} {told.shape}")
    time = program.arrays.get("time")
    shares = time is None or (time.dtype == np.float32 and time.shape == (len(program.phases),))
    if time is not None and not (shares and (time >= 0).all() and time.sum() <= 1):
        raise ValueError(
            f"its time must be float32 shares of {len(program.phases)} phases, together at most 1, not {time!r}"
        )
