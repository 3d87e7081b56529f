"""Random numbers inside kernels: our own generator, so that no library update and no platform changes a painting."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from underpaint.renderers.strokes.kernels import INLINE, TWO, ZERO


def make_state(seed: int) -> npt.NDArray[np.uint64]:
    """Return the generator's state, uint64 (1,), for a seed of at least 0. Neighbouring seeds are spread far apart."""
    # xorshift must not start at zero, hence the odd state.
    return np.array([(seed * 0x9E3779B97F4A7C15 + 0xD1B54A32D192ED03) % 2**64 | 1], np.uint64)


@njit(**INLINE)
def uniform(state: Any) -> Any:
    """Return a number in [0, 1), float32: the upper 24 bits of xorshift64* (Vigna 2016), written out here."""
    s = state[0]
    s ^= s >> np.uint64(12)
    s ^= s << np.uint64(25)
    s ^= s >> np.uint64(27)
    state[0] = s
    return np.float32((s * np.uint64(0x2545F4914F6CDD1D)) >> np.uint64(40)) * np.float32(1.0 / 16777216.0)


@njit(**INLINE)
def normal(state: Any) -> Any:
    """Return a nearly normal number of variance 1: four uniforms summed, bounded and free of the C library's log."""
    four = uniform(state) + uniform(state) + uniform(state) + uniform(state)
    return (four - TWO) * np.float32(math.sqrt(3.0))


@njit(**INLINE)
def draw(weights: Any, total: Any, state: Any) -> int:
    """Return an index drawn in proportion to `weights`, which sum to `total`."""
    left = uniform(state) * total
    for i in range(len(weights)):
        left -= weights[i]
        if left < ZERO:
            return i
    return len(weights) - 1
