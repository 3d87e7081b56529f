"""A program that can be replayed: the data with the medium that paints it."""

from __future__ import annotations

import dataclasses
import os
import zipfile
from typing import IO

import numpy as np
import numpy.typing as npt

from underpaint.renderers.medium import TOLD, check_where
from underpaint.renderers.program import ProgramData, read_program
from underpaint.renderers.registry import get_medium
from underpaint.renderers.strokes.columns import COLUMNS
from underpaint.renderers.strokes.ltp import strokes_from_ltp, strokes_to_ltp
from underpaint.renderers.strokes.svg import strokes_to_svg


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Program(ProgramData):
    """Marks in painting order. Replaying them is the only way pixels are made."""

    @staticmethod
    def of(data: ProgramData) -> Program:
        """Return the program of what a medium has fitted."""
        return Program(**{field.name: getattr(data, field.name) for field in dataclasses.fields(data)})

    def replay(self, size: int | tuple[int, int] | None = None, strokes: int | None = None) -> npt.NDArray[np.uint8]:
        """Paint the program.

        Args:
            size: (height, width) of the canvas, of the program's aspect ratio; an int is the short side; None is the
                program's own size.
            strokes: how many marks to paint; None is all of them.

        Returns:
            uint8 (H, W, 3). The same bytes on every machine.

        Raises:
            ValueError: for a size of another aspect ratio or a stroke count the program doesn't have.
        """
        count = len(self) if strokes is None else strokes
        if not 0 <= count <= len(self):
            raise ValueError(f"strokes={strokes}: the program has 0 to {len(self)}")
        painter = get_medium(self.medium).painter(self, *self.canvas_size(size))
        painter.paint_until(count)
        return painter.pixels()

    def canvas_size(self, size: int | tuple[int, int] | None) -> tuple[int, int]:
        """Return (height, width) of the canvas that `replay` paints on for a size, see there."""
        height, width = self.size
        if size is None:
            return self.size
        if min(np.atleast_1d(size)) < 1:
            raise ValueError(f"size={size} must be at least 1 pixel")
        if not isinstance(size, tuple):
            scale = int(size) / min(self.size)
            return round(scale * height), round(scale * width)
        # Whole pixels: one side may be off by half a pixel of rounding.
        if 2 * abs(size[0] * width - size[1] * height) > max(height, width):
            raise ValueError(f"size={size} has not the aspect ratio of the program's {self.size}")
        return size

    @staticmethod
    def load(file: str | os.PathLike[str] | IO[bytes]) -> Program:
        """Read what `save` wrote.

        Raises:
            ValueError: if the file is not a program of a format this version reads.
            OSError: if it can't be read at all.
        """
        try:
            program = Program.of(read_program(file))
            check_where(program)
            get_medium(program.medium).check(program)
        except (zipfile.BadZipFile, EOFError, TypeError, KeyError, ValueError) as error:
            # What numpy says of a file that is cut off, or something else altogether, differs from case to case.
            raise ValueError(f"{file} is not a program that this version reads: {error}") from error
        return program

    def to_ltp(self) -> npt.NDArray[np.float64]:
        """Return the strokes as the 13 numbers of Learning to Paint -> float64 (N, 13).

        `underpaint.renderers.strokes.ltp` says what they mean.

        Raises:
            ValueError: if the medium's marks are not such strokes.
        """
        self._insist_on_plain_strokes("Learning to Paint's numbers")
        return strokes_to_ltp(self.strokes, self.size)

    @staticmethod
    def from_ltp(
        numbers: npt.NDArray[np.floating], size: tuple[int, int], ground: tuple[float, float, float] = (0.0, 0.0, 0.0)
    ) -> Program:
        """Return a Bézier program made of Learning to Paint's 13 numbers per stroke, (N, 13).

        Args:
            numbers: the strokes.
            size: (height, width) of the canvas, in pixels.
            ground: red, green and blue of the blank canvas, 0..1; theirs is black.

        Raises:
            ValueError: if there are not 13 numbers per stroke, or some are not finite.
        """
        return Program(
            medium="bezier", size=size, ground=np.array(ground, np.float32), strokes=strokes_from_ltp(numbers, size)
        )

    def to_svg(self) -> str:
        """Return the painting as an SVG document with one filled path per stroke.

        Raises:
            ValueError: if the medium's marks have a surface that SVG cannot show.
        """
        self._insist_on_plain_strokes("SVG")
        return strokes_to_svg(self.strokes, self.size, self.ground)

    def _insist_on_plain_strokes(self, form: str) -> None:
        if self.columns != COLUMNS or self.arrays.keys() - TOLD:
            raise ValueError(
                f"{form} can't express the marks of {self.medium!r}, only those of bezier; "
                "replay(size=...) gives a picture of any size"
            )
