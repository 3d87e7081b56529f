"""Digital illustration: a rough sketch, a clean line on top, flat colours, shading, highlights."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from underpaint.renderers.colour import paper_colour
from underpaint.renderers.frames import progress_by_phase
from underpaint.renderers.illustration.clip import make_clip
from underpaint.renderers.illustration.fitting import fit_illustration
from underpaint.renderers.illustration.habits import DrawingHabits, IllustrationOptions
from underpaint.renderers.illustration.layers import (
    BLEND,
    BLENDS,
    COLOUR,
    ERASE,
    LAYER,
    LAYERED_COLUMNS,
    LAYERS,
    Layers,
)
from underpaint.renderers.illustration.shading import IllustrationEffort
from underpaint.renderers.medium import Float64, Medium, Painter, UInt8, check_columns
from underpaint.renderers.program import ProgramData
from underpaint.renderers.strokes.columns import A0, BLUE, R0, R1, paint_laid
from underpaint.renderers.strokes.painter import StrokePainter
from underpaint.renderers.strokes.search import Search
from underpaint.renderers.strokes.tiles import Float32, to_bytes

PHASES = ("sketch", "line", "flats", "shading", "highlights")
# How much of the way each phase is, whatever its strokes do to the error: of 8 frames one or two show the sketch, two
# the line, two the flats, two the shading; the last has the highlights.
_PHASE_SHARES = (1.4, 1.8, 2.2, 2.0, 0.6)

_EFFORTS = {
    "draft": IllustrationEffort(search=Search(candidates=12, climbs=16), steps=(15, 20)),
    "standard": IllustrationEffort(search=Search(candidates=24, climbs=40), steps=(40, 80)),
    "high": IllustrationEffort(search=Search(candidates=64, climbs=120), steps=(150, 350)),
}


class IllustrationPainter(StrokePainter):
    """Layers on which strokes are laid."""

    def __init__(self, program: ProgramData, height: int, width: int) -> None:
        super().__init__(program.strokes_on(height, width), height, width)
        self._layers = Layers.blank(self._grid, make_clip(program.arrays["labels"], self._grid), program.ground)

    def changes(self, count: int) -> Float64:
        """See `Painter.changes`: what one sees lies in several layers."""
        return Painter.changes(self, count)

    def _lay(self, strokes: Float32) -> None:
        self._layers.lay(strokes)

    def _render(self, rows: slice, columns: slice) -> UInt8:
        return to_bytes(self._image(self._layers.seen(rows, columns), rows, columns))


class Illustration(Medium):
    """See the module."""

    name = "illustration"
    fills = False
    options = IllustrationOptions

    def welcome(self, options: IllustrationOptions) -> tuple[str, ...]:
        """Return the maps that make the order, and the lines of the subject, better."""
        return ("saliency", "depth")

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
        ground, habits = paper_colour(options.paper), DrawingHabits.of(options, seed)
        fitted = fit_illustration(image, strokes, _EFFORTS[quality], habits, seed, guides)
        return ProgramData(
            medium=self.name,
            size=(image.shape[0], image.shape[1]),
            ground=ground,
            strokes=fitted.strokes,
            columns=LAYERED_COLUMNS,
            phases=PHASES,
            phase=fitted.phase,
            arrays={"labels": fitted.labels, "region": fitted.region, "place": fitted.place},
            about={"habits": dataclasses.asdict(habits)},
        )

    def check(self, program: ProgramData) -> None:
        """Raise ValueError unless strokes have the seventeen columns, in their limits, and regions to be clipped to."""
        check_columns(program, LAYERED_COLUMNS)
        strokes, labels = program.strokes, program.arrays.get("labels", np.zeros(0))
        if labels.dtype != np.uint8 or labels.ndim != 2 or labels.size == 0:
            raise ValueError(f"its labels must be uint8 (h, w), not {labels.dtype} {labels.shape}")
        if ((strokes[:, A0 : BLUE + 1] < 0) | (strokes[:, A0 : BLUE + 1] > 1)).any():
            raise ValueError("its opacities and colours must lie in 0..1")
        if (strokes[:, R0 : R1 + 1] <= 0).any():
            raise ValueError("its radii must be above 0")
        for column, count in ((BLEND, len(BLENDS)), (LAYER, len(LAYERS))):
            if not np.isin(strokes[:, column], np.arange(count)).all():
                raise ValueError(f"its {LAYERED_COLUMNS[column]} must be whole numbers below {count}")
        if ((strokes[:, LAYER] == COLOUR) & (strokes[:, BLEND] == ERASE)).any():
            raise ValueError("strokes on its colour layer can't erase")

    def painter(self, program: ProgramData, height: int, width: int) -> Painter:
        """Return a blank canvas for the program."""
        return IllustrationPainter(program, height, width)

    def progress(self, program: ProgramData, target: UInt8) -> npt.NDArray[np.float64]:
        """Return how far the painting has come -> float64 (N + 1,)."""
        assert program.phase is not None
        return progress_by_phase(program.phase, np.sqrt(paint_laid(program.strokes)), _PHASE_SHARES)


MEDIUM = Illustration()
