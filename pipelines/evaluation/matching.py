"""Which reference and which target belong to a process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from underpaint.datagen.reading import is_frame_name
from underpaint.pipelines.evaluation.sequences import Frames, ProcessSource, View, read_target

# Proportions may differ by what rounding to whole pixels does at the smallest sizes.
PROPORTIONS = 0.02


def match(process: ProcessSource, references: Sequence[ProcessSource]) -> ProcessSource | None:
    """Return the reference of a process: the only one there is, or that of the same key, source or file name.

    Raises:
        ValueError: several of the same source.
    """
    if len(references) == 1:
        return references[0]
    for same in (_same_name, _same_source, _same_stem):
        found = [other for other in references if same(process, other)]
        if len(found) > 1:
            names = ", ".join(other.name for other in found[:3])
            raise ValueError(
                f"{process.name} has {len(found)} references: {names}{', …' * (len(found) > 3)}; "
                "give a corpus with one process of each picture"
            )
        if found:
            return found[0]
    return None


def _same_name(a: ProcessSource, b: ProcessSource) -> bool:
    return a.name == b.name


def _same_source(a: ProcessSource, b: ProcessSource) -> bool:
    return a.source == b.source


def _same_stem(a: ProcessSource, b: ProcessSource) -> bool:
    return stem(a.source) == stem(b.source)


def stem(name: str) -> str:
    """Return a file name without folders and ending."""
    return PurePosixPath(name).stem


class Targets:
    """The pictures that were to be painted: one for all processes, or a folder of them by name.

    Raises:
        ValueError: nothing there, or no picture in the folder.
    """

    def __init__(self, path: Path | None) -> None:
        self._one: Path | None = None
        self._by_stem: dict[str, Path] = {}
        if path is None:
            return
        if path.is_dir():
            self._by_stem = {p.stem: p for p in sorted(path.rglob("*")) if p.is_file() and is_frame_name(p.name)}
            if not self._by_stem:
                raise ValueError(f"target {path} holds no picture")
        elif path.is_file():
            self._one = path
        else:
            raise ValueError(f"target {path} does not exist: give a picture, or a folder of them")

    def has(self, process: ProcessSource) -> bool:
        """Return whether a picture was given for a process."""
        return self._given(process) is not None

    def _given(self, process: ProcessSource) -> Path | None:
        return self._one or self._by_stem.get(stem(process.source))

    def of(self, process: ProcessSource, view: View, size: int) -> NDArray[np.uint8] | None:
        """Return the target of a process, its short side `size` px, uint8 (H, W, 3); None if there is none.

        A picture that was given goes before the one that a corpus stores.

        Raises:
            ValueError: it can't be read.
        """
        path = self._given(process)
        return process.target(view, size) if path is None else read_target(path, view, size)


def fit(frames: Frames, like: Frames, name: str) -> Frames:
    """Bring frames of the same proportions to the very size of others: uint8 (n, H, W, 3).

    Raises:
        ValueError: other proportions; `name` says whose.
    """
    (height, width), (high, wide) = frames.shape[1:3], like.shape[1:3]
    if (height, width) == (high, wide):
        return frames
    # Rounding may put each side off by half a pixel.
    allowed = PROPORTIONS + 1.0 / min(height, width, high, wide)
    if abs(width * high / (height * wide) - 1.0) > allowed:
        raise ValueError(
            f"{name} has other proportions, {width} x {height} against {wide} x {high} px: crop it, or compare "
            "the centre squares with --aspect square"
        )
    resized = [np.asarray(Image.fromarray(f).resize((wide, high), Image.Resampling.LANCZOS)) for f in frames]
    return np.stack(resized)
