"""Digital illustration: a rough sketch, a clean line on top, flat colours, shading, highlights."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from underpaint.renderers.colour import parse_colour
from underpaint.renderers.illustration.clip import make_clip
from underpaint.renderers.illustration.fitting import PHASES, IllustrationEffort, fit_illustration
from underpaint.renderers.illustration.habits import draw_habits
from underpaint.renderers.illustration.layers import LAYERED_COLUMNS, REGION, Layers
from underpaint.renderers.medium import Medium, Painter, UInt8, check_columns
from underpaint.renderers.program import ProgramData
from underpaint.renderers.strokes.columns import A0, A1, LENGTH, R0, R1
from underpaint.renderers.strokes.painter import StrokePainter
from underpaint.renderers.strokes.search import Search
from underpaint.renderers.strokes.tiles import Float32, to_bytes

_PHASE_SHARES = (1.2, 1.6, 1.8, 2.6, 0.8)
_EFFORTS = {
    "draft": IllustrationEffort(search=Search(candidates=12, climbs=16), steps=20),
    "standard": IllustrationEffort(search=Search(candidates=24, climbs=40), steps=60),
    "high": IllustrationEffort(search=Search(candidates=64, climbs=120), steps=250),
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class IllustrationOptions:
    """Options of the `illustration` renderer."""

    paper: str = "white"


class IllustrationPainter(StrokePainter):
    """Layers on which strokes are laid."""

    def __init__(self, program: ProgramData, height: int, width: int) -> None:
        super().__init__(program.strokes_on(height, width), height, width)
        self._layers = Layers.blank(self._grid, make_clip(program.arrays["labels"], self._grid), program.ground)

    def _lay(self, strokes: Float32) -> None:
        self._layers.lay(strokes)

    def pixels(self) -> UInt8:
        """Return what one sees, uint8 (H, W, 3)."""
        return to_bytes(self._layers.image())


class Illustration(Medium):
    """See the module."""

    name = "illustration"
    options = IllustrationOptions

    def fit(
        self,
        image: UInt8,
        *,
        strokes: int,
        quality: str,
        seed: int,
        options: IllustrationOptions,
        guides: Mapping[str, Float32],
    ) -> ProgramData:
        """Fit layered strokes to `image`; see `renderers.paint` for the arguments."""
        from underpaint.renderers.order.scene import look

        habits = draw_habits(np.random.default_rng(seed))
        fitted, phase, labels = fit_illustration(
            image, strokes, _EFFORTS[quality], habits, lambda p: look(p, detail=2.0), seed
        )
        return ProgramData(
            medium=self.name,
            size=(image.shape[0], image.shape[1]),
            ground=np.ones(3, np.float32),
            strokes=fitted,
            columns=LAYERED_COLUMNS,
            phases=PHASES,
            phase=phase,
            arrays={"labels": labels},
            about=dataclasses.asdict(habits),
        )

    def check(self, program: ProgramData) -> None:
        """Raise ValueError."""
        check_columns(program, LAYERED_COLUMNS)

    def painter(self, program: ProgramData, height: int, width: int) -> Painter:
        """Return a blank canvas for the program."""
        return IllustrationPainter(program, height, width)

    def progress(self, program: ProgramData, target: UInt8) -> npt.NDArray[np.float64]:
        """Return how far the painting has come -> float64 (N + 1,)."""
        strokes = program.strokes.astype(np.float64)
        radius = strokes[:, R0 : R1 + 1].mean(axis=1)
        paint = (strokes[:, LENGTH] + 2 * radius) * radius * strokes[:, A0 : A1 + 1].mean(axis=1)
        steps = np.zeros(len(strokes))
        for number, share in enumerate(_PHASE_SHARES):
            here = program.phase == number
            weight = np.sqrt(paint[here]) + 1e-9
            steps[here] = share * weight / max(weight.sum(), 1e-9)
        return np.concatenate([[0.0], np.cumsum(steps)])

    def moment(self, program: ProgramData, count: int) -> dict[str, Any]:
        """Return the phase, and the region that is being worked on (-1: none)."""
        return {**super().moment(program, count), "region": int(program.strokes[count - 1, REGION]) if count else -1}


MEDIUM = Illustration()
