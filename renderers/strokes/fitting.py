"""Coarse to fine: place strokes on ever larger canvases, replace what turned out useless, refine all together."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from underpaint.renderers.seeds import stage_seed
from underpaint.renderers.strokes.adam import Refinement, refine_strokes
from underpaint.renderers.strokes.columns import BLUE, COLUMNS, RED, scale_strokes
from underpaint.renderers.strokes.importance import removal_change
from underpaint.renderers.strokes.kernels import paint_strokes
from underpaint.renderers.strokes.search import Search, place_strokes
from underpaint.renderers.strokes.shapes import Brush
from underpaint.renderers.strokes.structure import structure_tensor
from underpaint.renderers.strokes.tiles import Float32, Grid, blank_tiles, make_grid, to_tiles

# A thousand strokes cannot say more than a canvas of 512 px holds; more strokes earn a larger one. A handful is best
# spent on a few large shapes.
_WORKING_SIDE = 512
_WORKING_STROKES = 1000
_SIDE_PER_STROKE = 4
# Coarser canvases say nothing: long side and short side in pixels.
_LEAST_LONG_SIDE, _LEAST_SHORT_SIDE = 32, 8
# From this short side on (px) the structure tensor is taken at half resolution.
_HALVE_FROM = 256
# Weights of red, green and blue in brightness (ITU-R BT.601).
_BRIGHTNESS = np.array([0.299, 0.587, 0.114], np.float32)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Stage:
    """One step of the fit, on the canvas scaled to `scale` of the working size."""

    scale: float
    # Share of the stroke budget to place here (of the sum over all stages).
    share: float = 0.0
    # Share of the strokes so far to take out first, the least useful ones; as many are placed anew.
    replace: float = 0.0
    # Put the strokes so far in order from dark to light first, as painters block in.
    dark_to_light: bool = False
    brush: Brush = Brush()
    search: Search = Search()
    refinement: Refinement | None = None


class ScaledTarget:
    """The target at one scale, with everything that is computed from it once."""

    def __init__(self, image: npt.NDArray[np.uint8], scale: float) -> None:
        height, width = (max(1, round(side * scale)) for side in image.shape[:2])
        if (height, width) != image.shape[:2]:
            image = np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BOX))
        values: Float32 = image.astype(np.float32) / np.float32(255)
        self.grid: Grid = make_grid(height, width)
        self.target: Float32 = to_tiles(values)
        # Strokes need no finer directions than half the canvas' pixels give.
        half = values[::2, ::2] if min(height, width) >= _HALVE_FROM else values
        self.tensor: Float32 = structure_tensor(half)


def working_scale(scale: float, strokes: int, height: int, width: int) -> float:
    """Return the factor from the picture's size, (height, width), to the canvas of a stage with this `scale`."""
    long_side, short_side = max(height, width), min(height, width)
    working = _WORKING_SIDE * math.sqrt(max(strokes / _WORKING_STROKES, 1.0))
    working = min(working, long_side, _LEAST_LONG_SIDE + _SIDE_PER_STROKE * strokes)
    return min(1.0, max(scale * working / long_side, _LEAST_LONG_SIDE / long_side, _LEAST_SHORT_SIDE / short_side))


class ScaledTargets:
    """The target at the scales that stages ask for, each made once."""

    def __init__(self, image: npt.NDArray[np.uint8], budget: int) -> None:
        """`image` is uint8 (H, W, 3); `budget`, of strokes, decides the working size."""
        self._image, self._budget = image, budget
        self._made: dict[float, ScaledTarget] = {}

    def at(self, stage_scale: float) -> tuple[float, ScaledTarget]:
        """Return the factor from the picture's size to the canvas of a stage with this scale, and its target."""
        scale = working_scale(stage_scale, self._budget, *self._image.shape[:2])
        if scale not in self._made:
            self._made[scale] = ScaledTarget(self._image, scale)
        return scale, self._made[scale]


def fit_strokes(
    image: npt.NDArray[np.uint8], ground: Float32, strokes: int, stages: Sequence[Stage], seed: int
) -> tuple[Float32, npt.NDArray[np.int64]]:
    """Fit up to `strokes` strokes to a picture.

    Args:
        image: uint8 (H, W, 3).
        ground: float32 (3,), 0..1, the blank canvas.
        strokes: the budget, at least 1.
        stages: the recipe, coarse to fine.
        seed: the same seed gives the same bytes.

    Returns:
        float32 (N, 13) in painting order and in pixels of `image`, N < strokes if no more could be found that lower
        the error; and int64 (N,), never falling, the number of the stage in which each was placed (of those that were
        reordered, as many as were placed in each).
    """
    fitted, placed_in = np.zeros((0, len(COLUMNS)), np.float32), np.zeros(0, np.int64)
    shares = np.cumsum([stage.share for stage in stages])
    targets = ScaledTargets(image, strokes)
    for number, stage in enumerate(stages):
        scale, level = targets.at(stage.scale)
        fitted = scale_strokes(fitted, scale)
        budget = round(strokes * float(shares[number] / shares[-1]))
        if stage.replace:
            kept = most_useful(level, ground, fitted, stage.replace)
            fitted, placed_in = fitted[kept], placed_in[kept]
        if stage.dark_to_light:
            # Written out: each processor's BLAS sums a product in its own order.
            red, green, blue = (fitted[:, RED : BLUE + 1] * _BRIGHTNESS).T
            fitted = fitted[np.argsort(red + green + blue, kind="stable")]
        if len(fitted) < budget:
            placed = place_more(
                level, ground, fitted, budget - len(fitted), stage, stage_seed(seed, number, len(stages))
            )
            fitted = np.concatenate([fitted, placed])
            placed_in = np.concatenate([placed_in, np.full(len(placed), number)])
        if stage.refinement is not None and len(fitted):
            fitted = refine_strokes(level.target, level.grid, ground, fitted, stage.refinement)
        fitted = scale_strokes(fitted, 1.0 / scale)
    return fitted, placed_in


def most_useful(
    level: ScaledTarget, ground: Float32, strokes: Float32, share: float, held: npt.NDArray[np.bool_] | None = None
) -> npt.NDArray[np.int64]:
    """Return the indices of strokes without the `share` whose absence would raise the error least, in order.

    Strokes that are `held`, bool (N,), stay; the share is one of the others.
    """
    change = removal_change(level.target, level.grid, ground, strokes)
    if held is not None:
        change[held] = np.inf
    count = len(strokes) if held is None else int((~held).sum())
    return np.sort(np.argsort(change, kind="stable")[int(count * share) :])


def place_more(level: ScaledTarget, ground: Float32, strokes: Float32, count: int, stage: Stage, seed: int) -> Float32:
    """Return up to `count` strokes, float32 (<= count, 13), that belong on top of those there are.

    All strokes are in pixels of the level's canvas.
    """
    canvas = blank_tiles(level.grid, ground)
    paint_strokes(canvas, level.grid.x_TP, level.grid.y_TP, strokes)
    return place_strokes(level.target, canvas, level.grid, level.tensor, count, stage.brush, stage.search, seed)
