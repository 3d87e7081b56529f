"""The program: the ordered, resolution-independent list of marks that makes a painting, as data and as a file.

Media make and read `ProgramData`. `underpaint.renderers.Program`, in replay.py, can be replayed as well.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from underpaint.renderers.strokes.columns import COLUMNS, scale_strokes
from underpaint.renderers.strokes.tiles import Float32

_FORMAT = 1
# The arrays that every program's file has.
_RESERVED = frozenset(("format", "medium", "size", "ground", "columns", "strokes", "phases", "phase", "about"))


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class ProgramData:
    """Marks in painting order, and what it takes to replay them.

    Attributes:
        medium: name of the renderer that made the program and can replay it.
        size: (height, width) in pixels of the canvas that the numbers refer to.
        ground: float32 (3,), 0..1, the blank canvas.
        strokes: float32 (N, C), one row per mark. Every medium's first columns are those of
            `underpaint.renderers.strokes.columns`.
        columns: the names of the C columns.
        phases: the names of the steps of the work, such as `layout`, in order.
        phase: uint8 (N,), which of `phases` each mark belongs to; falls only where a finished program was put in
            another order. None: all belong to the first.
        arrays: whatever else the medium needs to replay the marks, such as a partition. All media may tell how a
            painter goes about it: `region` and `place`, int16 (N,), where each mark belongs, and `time`, float32 (one
            a phase), each phase's share of the time, 0 leaving it to its marks (`order.times`).
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
        """Return the phase of the last of the first `count` marks; `blank` before the first."""
        assert self.phase is not None
        return self.phases[self.phase[count - 1]] if count else "blank"

    def strokes_on(self, height: int, width: int) -> Float32:
        """Return the strokes in pixels of a canvas of this size and the program's aspect ratio -> float32 (N, C)."""
        # By the longer side: rounded to whole pixels, it is the more exact one.
        return scale_strokes(self.strokes, max(height, width) / max(self.size))

    def save(self, file: str | os.PathLike[str] | IO[bytes]) -> None:
        """Write the program as an uncompressed npz without pickles; the same program gives the same bytes.

        Raises:
            ValueError: NaN or infinity in it, or in what is said about it.
        """
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
            "about": np.array(json.dumps(dict(self.about), sort_keys=True, allow_nan=False)),
            **dict(sorted(self.arrays.items())),
        }
        for name, array in arrays.items():
            if array.dtype.kind == "f" and not np.isfinite(array).all():
                raise ValueError(f"its {name} have numbers that aren't finite")
        if isinstance(file, (str, os.PathLike)):
            # Opened here, because numpy would add .npz to a name without it.
            with Path(file).open("wb") as handle:
                np.savez(handle, **arrays)
        else:
            np.savez(file, **arrays)


def read_program(file: str | os.PathLike[str] | IO[bytes]) -> ProgramData:
    """Read what `ProgramData.save` wrote. Whether the medium can replay it is for `Medium.check` to say.

    Raises:
        ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile: if the file is no program of this format; which
            of them differs from case to case.
        OSError: if it can't be read at all.
    """
    with np.load(file, allow_pickle=False) as opened:
        arrays = dict(opened)
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
    return ProgramData(
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
