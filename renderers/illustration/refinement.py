"""Joint refinement of blended, clipped strokes: Adam down the exact gradient, as renderers/strokes/adam.py does."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from underpaint.renderers.illustration.gradient import layered_gradient
from underpaint.renderers.illustration.layers import Layers
from underpaint.renderers.strokes.adam import STEP, Refinement
from underpaint.renderers.strokes.columns import A0, BOW, EDGE, LENGTH, MAX_BOW, R0, R1, RED, THETA
from underpaint.renderers.strokes.kernels import FAST, HALF, ONE, ZERO
from underpaint.renderers.strokes.tiles import Float32

_MAX_BOW = np.float32(MAX_BOW)


def refine_layered(target: Float32, weight: Float32, base: Layers, strokes: Float32, refinement: Refinement) -> Float32:
    """Move strokes on the colour layer together towards the target; blends, clips and edges stay.

    Args:
        target: tiles float32 (rows, columns, 3, 64), 0..1.
        weight: tiles float32 (rows, columns, 64), of each pixel's squared error.
        base: the canvas under the strokes.
        strokes: float32 (N, 17), in pixels of the target; not changed.
        refinement: how.

    Returns:
        float32 (N, 17), same order.
    """
    strokes = strokes.copy()
    gradient = np.zeros((len(strokes), len(STEP)), np.float32)
    mean, variance = np.zeros_like(gradient), np.zeros_like(gradient)
    momentum, second_moment = np.float32(refinement.momentum), np.float32(refinement.second_moment)
    longest = np.float32(max(base.grid.height, base.grid.width))
    for step in range(refinement.steps):
        layered_gradient(target, weight, base, strokes, gradient, refinement.stride, step % refinement.stride)
        cosine = 0.5 * (1 + math.cos(math.pi * step / refinement.steps))
        rate = np.float32(refinement.rate * (refinement.rate_end + (1 - refinement.rate_end) * cosine))
        _step(
            strokes, gradient, mean, variance, STEP, rate, momentum, second_moment, *refinement.biases(step),
            np.float32(refinement.radius_min), longest, np.float32(refinement.opacity_min),
        )  # fmt: skip
    return strokes


@njit(**FAST)
def _step(
    strokes: Float32, gradient: Float32, mean: Float32, variance: Float32, step_size: Float32, rate: Any, momentum: Any,
    second_moment: Any, mean_bias: Any, variance_bias: Any, radius_min: Any, longest: Any, opacity_min: Any,
) -> None:  # fmt: skip
    """Take a step of Adam (Kingma & Ba 2015) that grows with the stroke, and keep strokes within their limits."""
    for n in range(len(strokes)):
        s = strokes[n]
        scale = min(max(max(s[R0], s[R1]) / np.float32(3), np.float32(0.3)), np.float32(3))
        turn = min(max(np.float32(3) / max(s[LENGTH], ONE), np.float32(0.3)), np.float32(2))
        for j in range(gradient.shape[1]):
            g = gradient[n, j]
            mean[n, j] = momentum * mean[n, j] + (ONE - momentum) * g
            variance[n, j] = second_moment * variance[n, j] + (ONE - second_moment) * g * g
            move = rate * step_size[j] * (mean[n, j] / mean_bias)
            move /= math.sqrt(variance[n, j] / variance_bias) + np.float32(1e-9)
            if j == THETA:
                move *= turn
            elif j < A0:
                move *= scale
            s[j] -= move
        s[LENGTH] = min(max(s[LENGTH], HALF), longest)
        s[BOW] = min(max(s[BOW], -_MAX_BOW * s[LENGTH]), _MAX_BOW * s[LENGTH])
        for j in range(R0, R1 + 1):
            s[j] = min(max(s[j], radius_min), longest)
        # An edge wider than the brush would leave no full paint anywhere, and its radius no gradient.
        s[EDGE] = min(s[EDGE], np.float32(2) * min(s[R0], s[R1]))
        for j in range(A0, RED):
            s[j] = min(max(s[j], opacity_min), ONE)
        for j in range(RED, EDGE):
            s[j] = min(max(s[j], ZERO), ONE)
