"""What a medium has to do.

To add one, write `renderers/media/NAME.py` with `MEDIUM = YourMedium()`; nothing else changes.
"""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from renderers.program import Program

UInt8 = npt.NDArray[np.uint8]

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

    @abc.abstractmethod
    def fit(self, image: UInt8, *, strokes: int, quality: str, seed: int, options: Any) -> Program:
        """The program that paints `image`, uint8 (H, W, 3), with at most `strokes` marks. Deterministic."""

    @abc.abstractmethod
    def painter(self, program: Program, height: int, width: int) -> Painter:
        """A blank canvas of (height, width) for this program."""

    @abc.abstractmethod
    def error_curve(self, program: Program, target: UInt8) -> npt.NDArray[np.float64]:
        """Mean squared error to `target` (of the program's size) before and after each mark, 0..1 -> (N + 1,)."""
