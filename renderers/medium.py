"""What a medium has to do.

To add one, write `renderers/media/NAME.py` with `MEDIUM = YourMedium()`; nothing else changes.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from underpaint.renderers.program import ProgramData

UInt8 = npt.NDArray[np.uint8]
Float32 = npt.NDArray[np.float32]


class Painter(abc.ABC):
    """A canvas on which a program is being replayed."""

    @abc.abstractmethod
    def paint_until(self, count: int) -> None:
        """Paint on until the first `count` marks are on the canvas. Going back is not possible."""

    @abc.abstractmethod
    def pixels(self) -> UInt8:
        """Return the canvas as it stands, uint8 (H, W, 3)."""


class Medium(abc.ABC):
    """One kind of marks: how a picture is turned into them and how they look."""

    name: ClassVar[str]
    # A frozen, keyword-only dataclass with a default for every field.
    options: ClassVar[type]

    def guides(self, options: Any) -> tuple[str, ...]:
        """Return the names of the maps, such as `depth`, that these options need beside the picture."""
        return ()

    def welcome(self, options: Any) -> tuple[str, ...]:
        """Return the names of the maps that these options make use of where they lie beside the picture.

        A picture without them is painted as well; those that `guides()` needs aren't among them.
        """
        return ()

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

    def moment(self, program: ProgramData, count: int) -> dict[str, Any]:
        """Return what a frame with the first `count` marks shows, as JSON values: its phase, at least."""
        return {"phase": program.phase_after(count)}


def check_columns(program: ProgramData, columns: tuple[str, ...]) -> None:
    """Raise ValueError unless the program's strokes have exactly these columns."""
    if program.columns != columns:
        raise ValueError(f"its strokes have the columns {list(program.columns)}, not {list(columns)}")
