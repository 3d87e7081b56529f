"""The marks that the hairs of a brush leave: procedural, seeded by the stroke, the same at every resolution.

Across the brush lie a fixed number of bristles, and along the stroke each changes slowly: value noise on a lattice in
the stroke's own frame, with lengths in brush radii. Nothing is copied from a picture of a brush.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from underpaint.renderers.strokes.kernels import INLINE, ONE, TWO, ZERO

_THREE = np.float32(3)
# Multipliers of a small integer hash (the finaliser of MurmurHash3), cut to 32 bits after every product.
_MIX_1, _MIX_2 = 0x85EBCA6B, 0xC2B2AE35
_ACROSS, _ALONG = 0x9E3779B1, 0x27D4EB2F
_32_BITS = 0xFFFFFFFF
_TO_UNIT = np.float32(1.0 / 16777216.0)
# Lattice points across the whole brush: strands, and the hairs in them.
_STRANDS, _HAIRS = np.float32(5), np.float32(13)
# How long a bristle's trace keeps its strength, in brush radii.
_TRACE = np.float32(6)
# Hairs thinner than this many pixels would only alias.
_FINEST = np.float32(1.25)


@njit(**INLINE)
def grain_seed(grain: Any) -> Any:
    """Return the integer seed, 24 bits, of a stroke's `grain`, float32 in [0, 1)."""
    return np.int64(grain * np.float32(16777216.0))


@njit(**INLINE)
def hash_unit(across: Any, along: Any, seed: Any) -> Any:
    """Return a number in [0, 1) that depends on two int64 lattice coordinates and a seed, and looks random."""
    h = (across * _ACROSS + along * _ALONG + seed * _MIX_1) & _32_BITS
    h = ((h ^ (h >> 16)) * _MIX_1) & _32_BITS
    h = ((h ^ (h >> 13)) * _MIX_2) & _32_BITS
    return np.float32((h ^ (h >> 16)) >> 8) * _TO_UNIT


@njit(**INLINE)
def value_noise(across: Any, along: Any, seed: Any) -> Any:
    """Return smooth noise in [0, 1) over float32 lattice coordinates: value noise (Perlin's fade, cubic)."""
    i, j = np.int64(math.floor(across)), np.int64(math.floor(along))
    u, v = across - np.float32(i), along - np.float32(j)
    u, v = u * u * (_THREE - TWO * u), v * v * (_THREE - TWO * v)
    near, far = hash_unit(i, j, seed), hash_unit(i + 1, j, seed)
    near_next, far_next = hash_unit(i, j + 1, seed), hash_unit(i + 1, j + 1, seed)
    first = near + (far - near) * u
    second = near_next + (far_next - near_next) * u
    return first + (second - first) * v


@njit(**INLINE)
def bristle(across: Any, along: Any, radius: Any, seed: Any) -> Any:
    """Return how much of its paint the bristle here carries, [0, 1), mean a half.

    Args:
        across: place across the brush, -1..1.
        along: distance travelled, in radii.
        radius: of the brush, in pixels of the canvas; hairs that it has no pixels for fade out.
        seed: of the stroke, from `grain_seed`.
    """
    strands = value_noise((across + ONE) * (_STRANDS / TWO), along / _TRACE, seed)
    hairs = value_noise((across + ONE) * (_HAIRS / TWO), along / (TWO * _TRACE), seed + 1)
    share = np.float32(0.55) * max(min(TWO * radius / (_HAIRS * _FINEST) - ONE, ONE), ZERO)
    return strands + (hairs - strands) * share
