"""Shapes to try while strokes are placed: drawn along the picture's structure, kept within the brush's limits."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
from numba import njit

from underpaint.renderers.strokes.columns import BOW, CX, CY, EDGE, LENGTH, MAX_BOW, R0, R1, THETA
from underpaint.renderers.strokes.kernels import HALF, INLINE, ONE, TWO, ZERO
from underpaint.renderers.strokes.sampling import normal, uniform
from underpaint.renderers.strokes.tiles import Float32

_MAX_BOW = np.float32(MAX_BOW)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Brush:
    """What strokes may look like while they are placed. Radii are in pixels of the canvas being painted."""

    radius_min: float = 1.0
    radius_max: float = 5.0
    # Mean length in radii: strokes are drawn with 0 to 2 * stretch radii. 3 gives dabs and short strokes, not hairs.
    stretch: float = 3.0
    # Least length in radii.
    shortest: float = 0.0
    # Width of the soft edge in radii.
    softness: float = 0.0
    # For ink, the palest and the densest that a mark may be; the opacity of paint has no other limit than 1.
    opacity_min: float = 0.3
    opacity_max: float = 1.0


@njit(**INLINE)
def draw_dab(
    stroke: Float32, angle: Any, coherence: Any, radius_min: Any, radius_max: Any, stretch: Any, softness: Any,
    state: Any,
) -> None:  # fmt: skip
    """Draw a random shape for paint at the stroke's place: radius log-uniform, mostly along the structure."""
    radius = radius_min * np.float32(math.exp(np.float32(math.log(radius_max / radius_min)) * uniform(state)))
    if uniform(state) < np.float32(0.75):
        spread = np.float32(0.25) + np.float32(1.2) * (ONE - coherence)
        stroke[THETA] = angle + normal(state) * spread
    else:
        stroke[THETA] = uniform(state) * np.float32(math.pi)
    stroke[LENGTH] = radius * stretch * TWO * uniform(state) + HALF
    stroke[BOW] = stroke[LENGTH] * normal(state) * np.float32(0.12)
    stroke[R0] = radius
    stroke[R1] = radius * (np.float32(0.6) + np.float32(0.8) * uniform(state))
    stroke[EDGE] = softness * radius


@njit(**INLINE)
def draw_mark(
    stroke: Float32, angle: Any, coherence: Any, radius_min: Any, radius_max: Any, stretch: Any, softness: Any,
    state: Any,
) -> None:  # fmt: skip
    """Draw a random shape for ink: as `draw_dab`, but longer and more often along the structure."""
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
def mutate(stroke: Float32, kind: int, step: Any, state: Any) -> None:
    """Make one hill-climbing move: shift, turn and bend, lengthen, or widen."""
    if kind == 0:
        radius = max(stroke[R0], stroke[R1])
        stroke[CX] += normal(state) * radius * np.float32(0.7) * step
        stroke[CY] += normal(state) * radius * np.float32(0.7) * step
    elif kind == 1:
        stroke[THETA] += normal(state) * np.float32(0.25) * step
        stroke[BOW] += normal(state) * np.float32(0.15) * stroke[LENGTH] * step
    elif kind == 2:
        stroke[LENGTH] *= np.float32(math.exp(normal(state) * np.float32(0.35) * step))
    else:
        factor = np.float32(math.exp(normal(state) * np.float32(0.3) * step))
        stroke[R0] *= factor * np.float32(math.exp(normal(state) * np.float32(0.15)))
        stroke[R1] *= factor
        stroke[EDGE] *= factor


@njit(**INLINE)
def clip(stroke: Float32, height: int, width: int, least: Any, most: Any, shortest: Any, longest: Any) -> None:
    """Keep the stroke on the canvas and within the brush's limits."""
    stroke[CX] = min(max(stroke[CX], ZERO), np.float32(width))
    stroke[CY] = min(max(stroke[CY], ZERO), np.float32(height))
    stroke[R0] = min(max(stroke[R0], least), most)
    stroke[R1] = min(max(stroke[R1], least), most)
    stroke[LENGTH] = min(max(stroke[LENGTH], max(HALF, shortest * max(stroke[R0], stroke[R1]))), longest)
    bow = _MAX_BOW * stroke[LENGTH]
    stroke[BOW] = min(max(stroke[BOW], -bow), bow)
