"""Edges of a picture as chains of points."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit
from skimage.feature import canny
from skimage.filters import sobel_h, sobel_v

from underpaint.renderers.strokes.blur import blurred
from underpaint.renderers.strokes.kernels import FAST, INLINE
from underpaint.renderers.strokes.tiles import Float32

# The eight neighbours in the order of their direction.
_STEPS = np.array([(0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1)], np.int64)
# Points that a chain is smoothed over, to either side: takes the staircase out.
_SMOOTHING = 3


class Chains(NamedTuple):
    """Edges, each a run of neighbouring points; chain j is `slice(start[j], start[j + 1])`.

    `points` is float32 (P, 2), x and y in pixels; `strength` float32 (P,), how steep the edge is; `light` float32
    (P, 2), the unit vector towards its light side; `start` int64 (J + 1,).
    """

    points: Float32
    strength: Float32
    light: Float32
    start: npt.NDArray[np.int64]


@njit(**INLINE)
def _degree(mask: Any, y: int, x: int) -> int:
    found = 0
    for k in range(8):
        row, column = y + _STEPS[k, 0], x + _STEPS[k, 1]
        if 0 <= row < mask.shape[0] and 0 <= column < mask.shape[1] and mask[row, column]:
            found += 1
    return found


@njit(**INLINE)
def _walk(left: Any, y: int, x: int, out: Any, count: int) -> int:
    """Follow the edge from (y, x) as straight as possible, taking its pixels away; returns the new count."""
    heading, going = -1, True
    while going:
        out[count, 0], out[count, 1] = y, x
        left[y, x] = False
        count += 1
        best, best_turn = -1, 9
        for k in range(8):
            row, column = y + _STEPS[k, 0], x + _STEPS[k, 1]
            if 0 <= row < left.shape[0] and 0 <= column < left.shape[1] and left[row, column]:
                turn = 0 if heading < 0 else abs((k - heading + 4) % 8 - 4)
                # A straight neighbour before a diagonal one, so that no corner pixel is left over.
                cost = 2 * turn + k % 2
                if turn <= 2 and (best < 0 or cost < best_turn):
                    best, best_turn = k, cost
        going = best >= 0
        if going:
            y, x, heading = y + _STEPS[best, 0], x + _STEPS[best, 1], best
    return count


@njit(**FAST)
def _trace(mask: Any, out: Any, start: Any) -> int:
    """Write chains of a mask's pixels -> `out` int64 (P, 2), `start`; return the number of chains."""
    left, count, chains = mask.copy(), 0, 0
    # Open ends first: what remains are loops.
    for ends in (1, 0):
        for y in range(mask.shape[0]):
            for x in range(mask.shape[1]):
                if left[y, x] and (ends == 0 or _degree(mask, y, x) == 1):
                    count = _walk(left, y, x, out, count)
                    chains += 1
                    start[chains] = count
    return chains


@njit(**FAST)
def _smooth(values: Float32, start: Any, radius: int, out: Float32) -> None:
    """Write the mean of up to `radius` neighbours to either side, as many on the left as on the right: ends stay."""
    for j in range(len(start) - 1):
        for i in range(start[j], start[j + 1]):
            reach = min(radius, i - start[j], start[j + 1] - 1 - i)
            for c in range(values.shape[1]):
                total = np.float32(0)
                for k in range(i - reach, i + reach + 1):
                    total += values[k, c]
                out[i, c] = total / np.float32(2 * reach + 1)


def find_edges(luma: Float32, sigma: float, least: float) -> Chains:
    """Return Canny's edges (1986) of a picture's brightness, linked into chains.

    Args:
        luma: float32 (H, W), 0..1.
        sigma: the blur before, in pixels.
        least: steps in brightness, per pixel of the blurred picture, below which an edge isn't followed.
    """
    smooth = blurred(luma, sigma)
    # canny() would blur once more: sigma 0 leaves the picture as it is. Its Sobel filter gives 8 times the slope.
    mask = canny(smooth, sigma=0, low_threshold=8 * least, high_threshold=20 * least, mode="nearest")
    dx, dy = sobel_v(smooth), sobel_h(smooth)
    pixels = np.empty((int(mask.sum()), 2), np.int64)
    start = np.zeros(len(pixels) + 1, np.int64)
    start = start[: _trace(mask, pixels, start) + 1]
    rows, columns = pixels[:, 0], pixels[:, 1]
    gradient = np.stack([dx[rows, columns], dy[rows, columns]], axis=1).astype(np.float32)
    points, slope = np.empty((len(pixels), 2), np.float32), np.empty((len(pixels), 2), np.float32)
    _smooth((pixels[:, ::-1] + 0.5).astype(np.float32), start, _SMOOTHING, points)
    _smooth(gradient, start, _SMOOTHING, slope)
    strength = np.hypot(slope[:, 0], slope[:, 1])
    return Chains(points, strength, slope / np.maximum(strength, np.float32(1e-6))[:, None], start)


@njit(**INLINE)
def _fit_bow(points: Float32, first: int, last: int) -> tuple[Any, Any, Any, int]:
    """Return length, bow, largest deviation of points first..last from the bowed stroke, and where it is."""
    x0, y0 = points[first]
    dx, dy = points[last, 0] - x0, points[last, 1] - y0
    length = max(math.sqrt(dx * dx + dy * dy), np.float32(1e-3))
    dx, dy = dx / length, dy / length
    num = den = np.float32(0)
    for i in range(first, last + 1):
        s = ((points[i, 0] - x0) * dx + (points[i, 1] - y0) * dy) / length
        v, w = (points[i, 1] - y0) * dx - (points[i, 0] - x0) * dy, np.float32(4) * s * (np.float32(1) - s)
        num += v * w
        den += w * w
    bow = num / max(den, np.float32(1e-6))
    worst, where = np.float32(0), (first + last) // 2
    for i in range(first, last + 1):
        s = ((points[i, 0] - x0) * dx + (points[i, 1] - y0) * dy) / length
        v = (points[i, 1] - y0) * dx - (points[i, 0] - x0) * dy
        off = abs(v - bow * np.float32(4) * s * (np.float32(1) - s))
        # Points behind the ends: the run turns back.
        off += length * max(max(-s, s - np.float32(1)), np.float32(0))
        if off > worst:
            worst, where = off, i
    return length, bow, worst, where


@njit(**FAST)
def _split(points: Float32, start: Any, tolerance: Any, most_bow: Any, ends: Any) -> int:
    """Cut chains into runs that a bowed stroke fits; `ends` (M, 3) gets chain, first and last point of each."""
    count = 0
    stack = np.empty((64, 2), np.int64)
    for j in range(len(start) - 1):
        stack[0, 0], stack[0, 1] = start[j], start[j + 1] - 1
        depth = 1
        while depth > 0:
            depth -= 1
            first, last = stack[depth]
            length, bow, worst, where = _fit_bow(points, first, last)
            if last - first > 4 and (worst > tolerance or abs(bow) > most_bow * length) and depth < 62:
                where = min(max(where, first + (last - first) // 4), last - (last - first) // 4)
                stack[depth, 0], stack[depth, 1] = where, last
                stack[depth + 1, 0], stack[depth + 1, 1] = first, where
                depth += 2
            elif last > first:
                ends[count, 0], ends[count, 1], ends[count, 2] = j, first, last
                count += 1
    return count


def split_chains(chains: Chains, tolerance: float, most_bow: float) -> npt.NDArray[np.int64]:
    """Cut chains into runs that one bowed stroke follows to within `tolerance` pixels.

    Returns:
        int64 (M, 3): the chain, the first and the last point of each run, in the order of the chains. Runs of a chain
        share their end points.
    """
    ends = np.empty((2 * len(chains.points) + 1, 3), np.int64)
    return ends[: _split(chains.points, chains.start, np.float32(tolerance), np.float32(most_bow), ends)]


def bow_of_run(points: Float32) -> float:
    """Return the bow, in pixels, of the stroke from the first to the last of `points`, float32 (K, 2)."""
    return float(_fit_bow(points, 0, len(points) - 1)[1])
