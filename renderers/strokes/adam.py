"""Joint refinement: Adam over all numbers of all strokes at once, down the exact gradient.

Neural painters learn a renderer to get this gradient; ours is written out (`gradient.py`). Each step sees an
interleaved subset of the canvas' tiles: as with mini-batches, more and cheaper steps get further in the same time.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from underpaint.renderers.strokes.columns import A0, BOW, EDGE, LENGTH, MAX_BOW, R0, R1, RED, THETA
from underpaint.renderers.strokes.gradient import error_gradient
from underpaint.renderers.strokes.kernels import FAST, HALF, ONE, ZERO
from underpaint.renderers.strokes.tiles import Float32, Grid

_MAX_BOW = np.float32(MAX_BOW)
# The largest step of each parameter at rate 1: lengths in pixels for a stroke of 3 px radius, angle in radians for one
# of 3 px length, opacity and colour in 0..1. Halving or doubling all of them costs about 0.2 dB.
STEP = np.array([0.25, 0.25, 0.03, 0.4, 0.2, 0.12, 0.12, 0.02, 0.02, 0.015, 0.015, 0.015, 0.0], np.float32)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Descent:
    """How far, and how fast, strokes go down the gradient."""

    steps: int = 100
    # Each step looks at one tile in `stride`. Measured at equal time: 4 beats 2 by 0.15 dB and 1 by 0.35 dB.
    stride: int = 4
    rate: float = 1.0
    # The rate falls along a cosine to this share of itself. Near 0.3 when another stage follows, near 0 at the end.
    rate_end: float = 0.05
    # Less than the usual 0.9: each step sees other tiles, and only a few dozen steps are taken. Worth 0.1 dB.
    momentum: float = 0.8
    # Shorter memory than the usual 0.999: a hundred steps must suffice.
    second_moment: float = 0.95

    def biases(self, step: int) -> tuple[np.float32, np.float32]:
        """Return what Adam's two averages, which start at 0, are divided by after step number `step`, from 0."""
        return np.float32(1 - self.momentum ** (step + 1)), np.float32(1 - self.second_moment ** (step + 1))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Refinement(Descent):
    """How strokes of paint are refined."""

    # In pixels of the canvas. Under half a pixel a stroke is a hair that only anti-aliasing shows.
    radius_min: float = 0.5
    opacity_min: float = 0.2


def descend(
    target: Float32,
    grid: Grid,
    ground: Float32,
    strokes: Float32,
    descent: Descent,
    move: Callable[[Float32, int, np.float32], None],
) -> None:
    """Take all steps of a descent down the exact gradient of the painting's error.

    Args:
        target: tiles float32 (rows, columns, 3, 64), 0..1.
        grid: the target's pixel centres.
        ground: float32 (3,), the blank canvas.
        strokes: float32 (N, 13), in pixels of the target; changed by `move`, in place.
        descent: how many steps, and how large.
        move: takes one step; called with the gradient, float32 (N, 13), the number of the step, and the rate.
    """
    gradient = np.zeros_like(strokes)
    for step in range(descent.steps):
        error_gradient(target, grid, ground, strokes, gradient, descent.stride, step % descent.stride)
        cosine = 0.5 * (1 + math.cos(math.pi * step / descent.steps))
        rate = descent.rate * (descent.rate_end + (1 - descent.rate_end) * cosine)
        move(gradient, step, np.float32(rate))


@njit(**FAST)
def _adam_step(
    strokes: Float32,
    gradient: Float32,
    mean: Float32,
    variance: Float32,
    step_size: Float32,
    rate: Any,
    momentum: Any,
    second_moment: Any,
    mean_bias: Any,
    variance_bias: Any,
) -> None:
    """Take a step of Adam (Kingma & Ba 2015) that grows with the stroke: big brushes may move far, small ones not."""
    for n in range(len(strokes)):
        scale = min(max(max(strokes[n, R0], strokes[n, R1]) / np.float32(3), np.float32(0.3)), np.float32(3))
        turn = min(max(np.float32(3) / max(strokes[n, LENGTH], ONE), np.float32(0.3)), np.float32(2))
        for j in range(strokes.shape[1]):
            g = gradient[n, j]
            mean[n, j] = momentum * mean[n, j] + (ONE - momentum) * g
            variance[n, j] = second_moment * variance[n, j] + (ONE - second_moment) * g * g
            move = rate * step_size[j] * (mean[n, j] / mean_bias)
            move /= math.sqrt(variance[n, j] / variance_bias) + np.float32(1e-9)
            if j == THETA:
                move *= turn
            elif j < A0:
                move *= scale
            strokes[n, j] -= move


@njit(**FAST)
def _clip_strokes(strokes: Float32, radius_min: Any, radius_max: Any, longest: Any, opacity_min: Any) -> None:
    for n in range(len(strokes)):
        s = strokes[n]
        s[LENGTH] = min(max(s[LENGTH], HALF), longest)
        s[BOW] = min(max(s[BOW], -_MAX_BOW * s[LENGTH]), _MAX_BOW * s[LENGTH])
        for j in range(R0, R1 + 1):
            s[j] = min(max(s[j], radius_min), radius_max)
        # An edge wider than the brush would leave no full paint anywhere, and its radius no gradient.
        s[EDGE] = min(s[EDGE], np.float32(2) * min(s[R0], s[R1]))
        for j in range(A0, RED):
            s[j] = min(max(s[j], opacity_min), ONE)
        for j in range(RED, EDGE):
            s[j] = min(max(s[j], ZERO), ONE)


def refine_strokes(
    target: Float32,
    grid: Grid,
    ground: Float32,
    strokes: Float32,
    refinement: Refinement,
    held: npt.NDArray[np.bool_] | None = None,
    paint: tuple[Float32, Float32] | None = None,
) -> Float32:
    """Move all strokes of paint together towards the target.

    Args:
        target: tiles float32 (rows, columns, 3, 64), 0..1.
        grid: the target's pixel centres.
        ground: float32 (3,), the blank canvas.
        strokes: float32 (N, 13), in pixels of the target; not changed.
        refinement: how.
        held: bool (N,), strokes that stay as they are.
        paint: the least and the most that opacities and colours may be, float32 (N, 5) each.

    Returns:
        float32 (N, 13), same order.
    """
    strokes = strokes.copy()
    given = strokes.copy()
    mean, variance = np.zeros_like(strokes), np.zeros_like(strokes)
    longest = np.float32(2 * max(grid.height, grid.width))
    radius_max = np.float32(max(grid.height, grid.width) / 2)
    momentum, second_moment = np.float32(refinement.momentum), np.float32(refinement.second_moment)
    radius_min, opacity_min = np.float32(refinement.radius_min), np.float32(refinement.opacity_min)

    def move(gradient: Float32, step: int, rate: np.float32) -> None:
        biases = refinement.biases(step)
        _adam_step(strokes, gradient, mean, variance, STEP, rate, momentum, second_moment, *biases)
        _clip_strokes(strokes, radius_min, radius_max, longest, opacity_min)
        if paint is not None:
            np.clip(strokes[:, A0:EDGE], *paint, out=strokes[:, A0:EDGE])
        if held is not None:
            strokes[held] = given[held]

    descend(target, grid, ground, strokes, refinement, move)
    return strokes
