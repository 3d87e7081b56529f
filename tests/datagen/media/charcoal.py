"""A medium for tests: grey bands, with columns, arrays, phases, a guide, facts and words on each moment of its own."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from underpaint.renderers.medium import Float32, Medium, Painter, UInt8, check_columns
from underpaint.renderers.program import ProgramData as Program

COLUMNS = ("top", "bottom", "grey")


@dataclasses.dataclass(frozen=True, kw_only=True)
class CharcoalOptions:
    """Options.

    Attributes:
        order: `rows`, or `depth`: the nearest first, by a map beside the picture; `near`: so if there is a map.
        paper: what it is drawn on.
        grain: file with the paper's grain.
    """

    order: str = "rows"
    paper: str = "rough"
    grain: Path | None = None


class _Painter(Painter):
    def __init__(self, program: Program, height: int, width: int) -> None:
        self._canvas = np.full((height, width, 3), 255, np.uint8)
        self._program, self._scale, self._done = program, height / program.size[0], 0

    def paint_until(self, count: int) -> None:
        for top, bottom, grey in self._program.strokes[self._done : count]:
            self._canvas[round(top * self._scale) : round(bottom * self._scale)] = int(grey)
        self._done = count

    def pixels(self) -> UInt8:
        return self._canvas.copy()


class Charcoal(Medium):
    name = "charcoal"
    options = CharcoalOptions

    def guides(self, options: CharcoalOptions) -> tuple[str, ...]:
        return ("depth",) if options.order == "depth" else ()

    def welcome(self, options: CharcoalOptions) -> tuple[str, ...]:
        return ("depth",) if options.order == "near" else ()

    def fit(
        self,
        image: UInt8,
        *,
        strokes: int,
        quality: str,
        seed: int,
        options: CharcoalOptions,
        guides: Mapping[str, Float32],
    ) -> Program:
        if options.paper not in ("rough", "smooth"):
            raise ValueError(f"paper={options.paper!r} must be rough or smooth")
        edges = np.linspace(0, len(image), min(strokes, 8) + 1).round().astype(int)
        bands = [(top, bottom, int(image[top:bottom].mean())) for top, bottom in itertools.pairwise(edges)]
        if guides:
            bands.sort(key=lambda band: -guides["depth"][band[0] : band[1]].mean())
        return Program(
            medium=self.name,
            size=image.shape[:2],
            ground=np.ones(3, np.float32),
            strokes=np.array(bands, np.float32),
            columns=COLUMNS,
            phases=("upper", "lower"),
            phase=(np.arange(len(bands)) >= len(bands) // 2).astype(np.uint8),
            arrays={"bands": np.arange(len(bands), dtype=np.int32)},
            about={"paper": options.paper, "seed": seed},
        )

    def check(self, program: Program) -> None:
        check_columns(program, COLUMNS)

    def painter(self, program: Program, height: int, width: int) -> Painter:
        return _Painter(program, height, width)

    def progress(self, program: Program, target: UInt8) -> npt.NDArray[np.float64]:
        return np.arange(len(program) + 1, dtype=np.float64)

    def moment(self, program: Program, count: int) -> dict[str, Any]:
        return {**super().moment(program, count), "bands": program.arrays["bands"][:count].tolist()}


MEDIUM = Charcoal()
