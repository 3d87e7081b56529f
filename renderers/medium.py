"""What a medium has to do.

To add one, write `renderers/media/NAME.py` with `MEDIUM = YourMedium()`; nothing else changes.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from underpaint.renderers.program import Program

UInt8 = npt.NDArray[np.uint8]
Float32 = npt.NDArray[np.float32]

QUALITIES = ("draft", "standard", "high")


class Painter(abc.ABC):
    """A canvas on which a program is being replayed."""

    @abc.abstractmethod
    def paint_until(self, count: int) -> None:
        """Paint on until the first `count` marks are on the canvas. Going back is not possible."""

    @abc.abstractmethod
    def pixels(self) -> UInt8:
        """The canvas as it stands, uint8 (H, W, 3)."""


class Medium(abc.ABC):
    """One kind of marks: how a picture is turned into them and how they look."""

    name: ClassVar[str]
    # A frozen, keyword-only dataclass with a default for every field.
    options: ClassVar[type]

    def guides(self, options: Any) -> tuple[str, ...]:
        """Names of the maps, such as `depth`, that the medium needs beside the picture when it has these options."""
        return ()

    @abc.abstractmethod
    def fit(
        self, image: UInt8, *, strokes: int, quality: str, seed: int, options: Any, guides: Mapping[str, Float32]
    ) -> Program:
        """The program that paints `image`, uint8 (H, W, 3), with at most `strokes` marks. Deterministic.

        `guides` has the maps that `guides()` asks for, each float32 (H, W) in 0..1.
        """

    @abc.abstractmethod
    def check(self, program: Program) -> None:
        """Make sure that `painter` can work with a program that was read from a file.

        Raises:
            ValueError: if it can't; says what is wrong.
        """

    @abc.abstractmethod
    def painter(self, program: Program, height: int, width: int) -> Painter:
        """A blank canvas of (height, width) for this program."""

    @abc.abstractmethod
    def progress(self, program: Program, target: UInt8) -> npt.NDArray[np.float64]:
        """How far the painting has come before and after each mark -> float64 (N + 1,), never falling, in any unit.

        Frames cut in equal steps of it should look evenly spaced: PSNR does for layered paint, the area covered for
        filling region by region. `target` is uint8 of the program's size.
        """

    def moment(self, program: Program, count: int) -> dict[str, Any]:
        """What there is to say of the canvas with the first `count` marks, as JSON values: its phase, at least."""
        return {"phase": program.phase_after(count)}


def check_columns(program: Program, columns: tuple[str, ...]) -> None:
    """Raise ValueError unless the program's strokes have exactly these columns."""
    if program.columns != columns:
        raise ValueError(f"its strokes have the columns {list(program.columns)}, not {list(columns)}")
