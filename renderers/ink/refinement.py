"""Joint refinement of ink marks.

A mark of absorbance A leaves C (1 - A): ink is paint of colour black. So the exact gradient of layered paint
(renderers/strokes/gradient.py) is that of ink, as long as every colour is zero; only the shapes and opacities move.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from underpaint.renderers.strokes.adam import Descent, descend
from underpaint.renderers.strokes.columns import A0, A1, BOW, EDGE, LENGTH, MAX_BOW, R0, R1, THETA
from underpaint.renderers.strokes.tiles import Float32, Grid

# The largest step of each parameter at rate 1, as in `underpaint.renderers.strokes.adam`; colours don't move.
_STEP = np.array([0.25, 0.25, 0.03, 0.4, 0.2, 0.12, 0.12, 0.03, 0.03, 0, 0, 0, 0], np.float32)


@dataclasses.dataclass(frozen=True, kw_only=True)
class InkRefinement(Descent):
    """How ink marks are refined. Radii are in pixels of the canvas."""

    steps: int = 40
    rate_end: float = 0.1
    radius_min: float = 0.8
    radius_max: float = 60.0
    # In radii.
    shortest: float = 1.2
    absorbance_min: float = 0.03


def refine_ink(
    target: Float32,
    grid: Grid,
    strokes: Float32,
    fixed: npt.NDArray[np.bool_],
    densest: Float32,
    refinement: InkRefinement,
) -> Float32:
    """Move all marks together towards the target, Adam down the exact gradient (Kingma & Ba 2015).

    Args:
        target: tiles float32 (rows, columns, 1, 64), 0..1, the light to let through.
        grid: its pixel centres.
        strokes: float32 (N, 13), black; their opacities are the absorbances. Not changed.
        fixed: bool (N,), marks that stay as they are, but are reckoned with.
        densest: float32 (N,), the most that each mark may take away.
        refinement: how.

    Returns:
        float32 (N, 13), same order.
    """
    strokes, target = strokes.copy(), np.ascontiguousarray(np.repeat(target, 3, axis=2))
    mean, variance = np.zeros_like(strokes), np.zeros_like(strokes)
    free, longest = ~fixed, 2.0 * max(grid.height, grid.width)

    def move(gradient: Float32, step: int, rate: np.float32) -> None:
        mean[:] += (1 - refinement.momentum) * (gradient - mean)
        variance[:] += (1 - refinement.second_moment) * (gradient * gradient - variance)
        mean_bias, variance_bias = refinement.biases(step)
        change = _step_size(strokes) * (mean / mean_bias)
        change /= np.sqrt(variance / variance_bias) + np.float32(1e-9)
        strokes[free] -= rate * change[free]
        _clip(strokes, free, densest, refinement, longest)

    descend(target, grid, np.ones(3, np.float32), strokes, refinement, move)
    return strokes


def _step_size(strokes: Float32) -> Float32:
    """Return the largest step of each parameter, (N, 13): big marks may move far, small ones must not."""
    size = np.repeat(_STEP[None], len(strokes), axis=0)
    size[:, :A0] *= np.clip(strokes[:, R0 : R1 + 1].max(axis=1) / 3, 0.3, 3)[:, None]
    size[:, THETA] = _STEP[THETA] * np.clip(3 / np.maximum(strokes[:, LENGTH], 1), 0.3, 2)
    return size


def _clip(
    strokes: Float32, free: npt.NDArray[np.bool_], densest: Float32, refinement: InkRefinement, longest: float
) -> None:
    s = strokes[free]
    s[:, R0 : R1 + 1] = np.clip(s[:, R0 : R1 + 1], refinement.radius_min, refinement.radius_max)
    s[:, LENGTH] = np.clip(s[:, LENGTH], refinement.shortest * s[:, R0 : R1 + 1].max(axis=1), longest)
    s[:, BOW] = np.clip(s[:, BOW], -MAX_BOW * s[:, LENGTH], MAX_BOW * s[:, LENGTH])
    s[:, EDGE] = np.minimum(s[:, EDGE], 2 * s[:, R0 : R1 + 1].min(axis=1))
    s[:, A0 : A1 + 1] = np.clip(s[:, A0 : A1 + 1], refinement.absorbance_min, densest[free, None])
    strokes[free] = s
