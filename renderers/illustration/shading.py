"""Shading and highlights: shadows that multiply, paint over them, lights that screen, each within its region.

Strokes are searched for on the whole picture, each is then clipped to the region in which most of it lies, and all are
refined together as they are: blended and clipped.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image

from underpaint.renderers.illustration.clip import make_clip
from underpaint.renderers.illustration.layers import (
    BLEND,
    COLOUR,
    LAYER,
    LAYERED_COLUMNS,
    LINE,
    MULTIPLY,
    OVER,
    REGION,
    SCREEN,
    Layers,
)
from underpaint.renderers.illustration.refinement import refine_layered
from underpaint.renderers.illustration.study import LEAST_SIDE, Study
from underpaint.renderers.ink.scaled import shrink
from underpaint.renderers.order.places import stroke_regions
from underpaint.renderers.seeds import IllustrationPart, illustration_seed
from underpaint.renderers.strokes.adam import Refinement
from underpaint.renderers.strokes.columns import BLUE, COLUMNS, RED, scale_strokes
from underpaint.renderers.strokes.search import Search, place_marks, place_strokes
from underpaint.renderers.strokes.shapes import Brush
from underpaint.renderers.strokes.structure import structure_tensor
from underpaint.renderers.strokes.tiles import FAR, Float32, make_grid, to_tiles

Int32 = npt.NDArray[np.int32]

# Shares of the shading: shadows on canvases of a quarter and a half, paint on a half and on the whole, and paint that
# waits until the rest has settled.
_SHARES = (0.08, 0.07, 0.22, 0.4, 0.23)
# Thinner strokes (radius in px of the working canvas) read as hairs.
_THINNEST = 0.8
_LIGHTS = Brush(radius_min=0.9, radius_max=4.0, opacity_min=0.0)


@dataclasses.dataclass(frozen=True, kw_only=True)
class IllustrationEffort:
    """How hard a fit works: at each stroke, and in steps of refining all, before and after the last are placed."""

    search: Search
    steps: tuple[int, int]


class ShadedPicture:
    """A study whose regions are filled, ready to be shaded."""

    def __init__(self, study: Study, flats: Float32, line: Float32, effort: IllustrationEffort, seed: int) -> None:
        """`flats` and `line` are float32 (N, 17) in pixels of the study; what the line covers isn't looked at."""
        self._study, self._flats, self._effort, self._seed = study, flats, effort, seed
        grid = make_grid(*study.labels.shape)
        top = Layers.blank(grid, make_clip(study.labels.astype(np.uint8), grid), np.ones(3, np.float32))
        top.lay(line)
        bare = np.float32(1) - top.sheets[LINE // 2, :, :, 3]
        inside = (grid.x_TP[None] < FAR) & (grid.y_TP[:, None] < FAR)
        self._weight = bare * bare * inside
        top.lay(flats)
        self._filled = top

    def shade(self, budget: int, softness: float) -> Float32:
        """Return up to `budget` strokes that shade, float32 (N, 17) in pixels of the study."""
        ends = [round(budget * share) for share in np.cumsum(_SHARES)]
        shadow, wide, narrow, late, last = np.diff(ends, prepend=0)
        study, broad = self._study, Brush(radius_min=1.6, softness=softness, opacity_min=0.0)
        strokes = np.zeros((0, len(LAYERED_COLUMNS)), np.float32)
        for number, (scale, target, count, place, brush) in enumerate(
            (
                (0.25, study.toned, shadow, _shadows, broad),
                (0.5, study.toned, wide, _shadows, broad),
                (0.5, study.even, narrow, _paint, Brush(radius_min=1.6, softness=0.5 * softness)),
                (1.0, study.even, late, _paint, Brush()),
            )
        ):
            strokes = self._add(strokes, scale, target, int(count), place, brush, "shading", number)
        strokes = self._refined(study.even, strokes, self._effort.steps[0], rate_end=0.2)
        return self._add(strokes, 1.0, study.even, int(last), _paint, Brush(), "shading", len(_SHARES))

    def light(self, shading: Float32, budget: int) -> tuple[Float32, Float32]:
        """Return the shading and up to `budget` strokes that light it up, refined together."""
        both = self._add(shading, 1.0, self._study.picture, budget, _lights, _LIGHTS, "highlights", 0)
        both = self._refined(self._study.picture, both, self._effort.steps[1], rate_end=0.05)
        return both[: len(shading)], both[len(shading) :]

    def _refined(self, target: Float32, strokes: Float32, steps: int, rate_end: float) -> Float32:
        if len(strokes) == 0:
            return strokes
        how = Refinement(steps=steps, rate_end=rate_end, radius_min=_THINNEST, opacity_min=0.1)
        return refine_layered(to_tiles(target), self._weight, self._filled, strokes, how)

    def _add(
        self,
        strokes: Float32,
        scale: float,
        target: Float32,
        count: int,
        place: Callable[..., Float32],
        brush: Brush,
        part: IllustrationPart,
        number: int,
    ) -> Float32:
        """Return strokes with up to `count` more, placed on a canvas `scale` times as large."""
        height, width = self._study.labels.shape
        scale = min(max(scale, LEAST_SIDE / min(height, width)), 1.0)
        small = shrink(target, scale)
        labels = _shrunk_labels(self._study.labels, small.shape[0], small.shape[1])
        grid = make_grid(small.shape[0], small.shape[1])
        base = Layers.blank(grid, make_clip(labels.astype(np.uint8), grid), np.ones(3, np.float32))
        base.lay(scale_strokes(np.concatenate([self._flats, strokes]), scale))
        seed = illustration_seed(self._seed, part, number)
        placed = place(
            to_tiles(small), base.colour, grid, structure_tensor(small), count, brush, self._effort.search, seed
        )
        if len(placed):
            placed[:, LAYER], placed[:, REGION] = COLOUR, stroke_regions(placed, labels)
        return np.concatenate([strokes, scale_strokes(placed, 1 / scale)])


def _shadows(target: Float32, canvas: Float32, *how: object) -> Float32:
    """Return strokes that multiply; see `search.place_marks` for the arguments."""
    marks, absorbance = place_marks(target, canvas, *how)  # type: ignore[arg-type]
    strokes = _blended(marks, MULTIPLY)
    strokes[:, RED : BLUE + 1] = 1 - absorbance / _strongest(absorbance)
    return strokes


def _lights(target: Float32, canvas: Float32, *how: object) -> Float32:
    """Return strokes that screen: shadows on the negative."""
    one = np.float32(1)
    marks, absorbance = place_marks(one - target, one - canvas, *how)  # type: ignore[arg-type]
    strokes = _blended(marks, SCREEN)
    strokes[:, RED : BLUE + 1] = absorbance / _strongest(absorbance)
    return strokes


def _paint(target: Float32, canvas: Float32, *how: object) -> Float32:
    """Return strokes that cover; see `search.place_strokes` for the arguments."""
    return _blended(place_strokes(target, canvas, *how), OVER)  # type: ignore[arg-type]


def _strongest(absorbance: Float32) -> Float32:
    return np.asarray(np.maximum(absorbance.max(axis=1, initial=0), 1e-6)[:, None], np.float32)


def _blended(placed: Float32, blend: int) -> Float32:
    strokes = np.zeros((len(placed), len(LAYERED_COLUMNS)), np.float32)
    strokes[:, : len(COLUMNS)], strokes[:, BLEND] = placed, blend
    return strokes


def _shrunk_labels(labels: Int32, height: int, width: int) -> Int32:
    return np.asarray(Image.fromarray(labels).resize((width, height), Image.Resampling.NEAREST), np.int32)
