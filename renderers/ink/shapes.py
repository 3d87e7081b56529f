"""Shapes to try while ink is placed: drawn along the picture's structure, kept within the brush's limits."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
from numba import njit

from underpaint.renderers.strokes.columns import BOW, CX, CY, EDGE, LENGTH, MAX_BOW, R0, R1, THETA
from underpaint.renderers.strokes.kernels import INLINE, ONE, ZERO
from underpaint.renderers.strokes.sampling import normal, uniform
from underpaint.renderers.strokes.tiles import Float32

_MOST_BOW = np.float32(MAX_BOW)


@dataclasses.dataclass(frozen=True, kw_only=True)
class InkBrush:
    """What marks may look like while they are placed. Radii are in pixels of the canvas being painted."""

    radius_min: float = 1.0
    radius_max: float = 5.0
    # Mean length in radii, and the least: a dab, not a dot.
    stretch: float = 3.0
    shortest: float = 1.2
    # Width of the soft edge in radii.
    softness: float = 0.5
    # The palest and the densest a mark may be.
    absorbance_min: float = 0.04
    absorbance_max: float = 0.9


@njit(**INLINE)
def draw_shape(
    stroke: Float32, angle: Any, coherence: Any, radius_min: Any, radius_max: Any, stretch: Any, softness: Any,
    state: Any,
) -> None:  # fmt: skip
    """A random shape at the stroke's place: radius log-uniform, mostly along the picture's structure."""
    radius = radius_min * np.float32(math.exp(np.float32(math.log(radius_max / radius_min)) * uniform(state)))
    stroke[THETA] = uniform(state) * np.float32(math.pi)
    if uniform(state) < np.float32(0.85):
        stroke[THETA] = angle + normal(state) * (np.float32(0.2) + np.float32(1.2) * (ONE - coherence))
    stroke[LENGTH] = radius * stretch * (np.float32(0.4) + np.float32(1.6) * uniform(state))
    stroke[BOW] = stroke[LENGTH] * normal(state) * np.float32(0.12)
    stroke[R0] = radius
    stroke[R1] = radius * (np.float32(0.5) + np.float32(0.8) * uniform(state))
    stroke[EDGE] = softness * radius


@njit(**INLINE)
def clip(stroke: Float32, height: int, width: int, least: Any, most: Any, shortest: Any, longest: Any) -> None:
    """Keep the stroke on the canvas and within the brush's limits."""
    stroke[CX] = min(max(stroke[CX], ZERO), np.float32(width))
    stroke[CY] = min(max(stroke[CY], ZERO), np.float32(height))
    stroke[R0] = min(max(stroke[R0], least), most)
    stroke[R1] = min(max(stroke[R1], least), most)
    stroke[LENGTH] = min(max(stroke[LENGTH], shortest * max(stroke[R0], stroke[R1])), longest)
    bow = _MOST_BOW * stroke[LENGTH]
    stroke[BOW] = min(max(stroke[BOW], -bow), bow)
