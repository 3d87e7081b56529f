"""The program: the ordered, resolution-independent list of marks that makes a painting."""

from __future__ import annotations

import dataclasses
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from underpaint.renderers.registry import get_medium
from underpaint.renderers.strokes.columns import COLUMNS
from underpaint.renderers.strokes.ltp import strokes_from_ltp, strokes_to_ltp
from underpaint.renderers.strokes.svg import strokes_to_svg
from underpaint.renderers.strokes.tiles import Float32

_FORMAT = 1
# The arrays that every program's file has.
_RESERVED = frozenset(("format", "medium", "size", "ground", "columns", "strokes", "phases", "phase", "about"))


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Program:
    """Marks in painting order. Replaying them is the only way pixels are made.

    Attributes:
        medium: the renderer that made the program and can replay it.
        size: (height, width) in pixels of the canvas that the numbers refer to.
        ground: float32 (3,), 0..1, the blank canvas.
        strokes: float32 (N, C), one row per mark. Every medium's first columns are those of `renderers/strokes/columns.py`.
        columns: the names of the C columns.
        phases: the names of the steps of the work, such as `layout`, in order.
        phase: uint8 (N,), which of `phases` each mark belongs to; never falls. None: all belong to the first.
        arrays: whatever else the medium needs to replay the marks, such as a partition.
        about: facts for people, as JSON values: which segmenter was used, say. Replaying needs none of them.
    """

    medium: str
    size: tuple[int, int]
    ground: Float32
    strokes: Float32
    columns: tuple[str, ...] = COLUMNS
    phases: tuple[str, ...] = ("painting",)
    phase: npt.NDArray[np.uint8] | None = None
    arrays: Mapping[str, npt.NDArray[Any]] = dataclasses.field(default_factory=dict)
    about: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.phase is None:
            object.__setattr__(self, "phase", np.zeros(len(self.strokes), np.uint8))
        assert not _RESERVED & self.arrays.keys(), "a medium's arrays must not take the names of the program's own"

    def __len__(self) -> int:
        return len(self.strokes)

    def phase_after(self, count: int) -> str:
        """The phase of the last of the first `count` marks; `blank` before the first."""
        assert self.phase is not None
        return self.phases[self.phase[count - 1]] if count else "blank"

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
        painter = get_medium(self.medium).painter(self, *self._canvas_size(size))
        painter.paint_until(count)
        return painter.pixels()

    def _canvas_size(self, size: int | tuple[int, int] | None) -> tuple[int, int]:
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

    def save(self, file: str | os.PathLike[str] | IO[bytes]) -> None:
        """Write the program as an uncompressed npz without pickles; the same program gives the same bytes."""
        assert self.phase is not None
        arrays: dict[str, Any] = {
            "format": np.int32(_FORMAT),
            "medium": np.array(self.medium),
            "size": np.array(self.size, np.int32),
            "ground": self.ground,
            "columns": np.array(self.columns),
            "strokes": self.strokes,
            "phases": np.array(self.phases),
            "phase": self.phase,
            "about": np.array(json.dumps(dict(self.about), sort_keys=True)),
            **dict(sorted(self.arrays.items())),
        }
        if isinstance(file, (str, os.PathLike)):
            # Opened here, because numpy would add .npz to a name without it.
            with Path(file).open("wb") as handle:
                np.savez(handle, **arrays)
        else:
            np.savez(file, **arrays)

    @staticmethod
    def load(file: str | os.PathLike[str] | IO[bytes]) -> Program:
        """Read what `save` wrote.

        Raises:
            ValueError: if the file is not a program of a format this version reads.
            OSError: if it can't be read at all.
        """
        try:
            with np.load(file, allow_pickle=False) as arrays:
                return _program_of(dict(arrays))
        except (zipfile.BadZipFile, EOFError, TypeError, KeyError, ValueError) as error:
            # What numpy says of a file that is cut off, or something else altogether, differs from case to case.
            raise ValueError(f"{file} is not a program that this version reads: {error}") from error

    def to_ltp(self) -> npt.NDArray[np.float64]:
        """The strokes as the 13 numbers of Learning to Paint -> float64 (N, 13); see `underpaint.renderers.strokes.ltp`.

        Raises:
            ValueError: if the medium's marks are not such strokes.
        """
        self._insist_on_plain_strokes("Learning to Paint's numbers")
        return strokes_to_ltp(self.strokes, self.size)

    @staticmethod
    def from_ltp(
        numbers: npt.NDArray[np.floating], size: tuple[int, int], ground: tuple[float, float, float] = (0.0, 0.0, 0.0)
    ) -> Program:
        """A Bézier program from Learning to Paint's 13 numbers per stroke, (N, 13); its canvas is black by default."""
        return Program(
            medium="bezier", size=size, ground=np.array(ground, np.float32), strokes=strokes_from_ltp(numbers, size)
        )

    def to_svg(self) -> str:
        """The painting as an SVG document with one filled path per stroke.

        Raises:
            ValueError: if the medium's marks have a surface that SVG cannot show.
        """
        self._insist_on_plain_strokes("SVG")
        return strokes_to_svg(self.strokes, self.size, self.ground)

    def _insist_on_plain_strokes(self, form: str) -> None:
        if self.columns != COLUMNS or self.arrays:
            raise ValueError(
                f"{form} can't express the marks of {self.medium!r}, only those of bezier; "
                "replay(size=...) gives a picture of any size"
            )


def _program_of(arrays: dict[str, npt.NDArray[Any]]) -> Program:
    """The program that `Program.save` made these arrays of, checked: the kernels trust it."""
    if int(arrays["format"]) != _FORMAT:
        raise ValueError(f"it has format {arrays['format']}, not {_FORMAT}")
    columns = tuple(arrays["columns"].tolist())
    strokes, ground = arrays["strokes"], arrays["ground"]
    for name, array, shape in (("strokes", strokes, (len(strokes), len(columns))), ("ground", ground, (3,))):
        if array.dtype != np.float32 or array.shape != shape or not np.isfinite(array).all():
            raise ValueError(f"its {name} must be finite float32 {shape}, not {array.dtype} {array.shape}")
    # Programs of version 0.1.0 know no phases.
    phases = tuple(arrays.get("phases", np.array(["painting"])).tolist())
    phase = arrays.get("phase", np.zeros(len(strokes), np.uint8))
    if phase.dtype != np.uint8 or phase.shape != (len(strokes),) or (phase >= len(phases)).any():
        raise ValueError(f"its phase must be uint8 ({len(strokes)},) below {len(phases)}")
    height, width = (int(side) for side in arrays["size"])
    program = Program(
        medium=str(arrays["medium"]),
        size=(height, width),
        ground=ground,
        strokes=strokes,
        columns=columns,
        phases=phases,
        phase=phase,
        arrays={name: array for name, array in arrays.items() if name not in _RESERVED},
        about=json.loads(str(arrays.get("about", "{}"))),
    )
    get_medium(program.medium).check(program)
    return program
