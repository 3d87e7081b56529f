"""Contour lines: long thin strokes along the edges, in the order in which a painter would draw them."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from underpaint.renderers.ink.edges import Chains, bow_of_run, find_edges, split_chains
from underpaint.renderers.ink.surface import DRY, GRAIN, INK_COLUMNS
from underpaint.renderers.strokes.blur import blurred
from underpaint.renderers.strokes.columns import A0, A1, BOW, CX, CY, LENGTH, MAX_BOW, R0, R1, THETA
from underpaint.renderers.strokes.kernels import FAST
from underpaint.renderers.strokes.tiles import Float32


@dataclasses.dataclass(frozen=True, kw_only=True)
class Lines:
    """How contours are found and drawn. Lengths are in pixels of a canvas whose longer side has 512 px."""

    # Blur before edges are sought: hair and grass are no contours.
    sigma: float = 1.7
    # Steps in tone per pixel that are followed.
    least: float = 0.006
    # How far a stroke may leave its edge.
    tolerance: float = 1.2
    # Chains shorter than this are texture.
    shortest: float = 8.0
    # Radius of the middle of a line along a weak and along the strongest edge.
    thin: float = 0.8
    thick: float = 2.8
    # A line's tone is that of the dark side of its edge, but at least this dark, so that it is seen from the start.
    faintest: float = 0.45
    darkest: float = 0.85
    # Mean over which edges compete with their surroundings, and how strongly: an outline stands alone, texture doesn't.
    surround: float = 12.0
    inhibition: float = 0.8
    # Lines keep this far from each other.
    gap: float = 3.0


@njit(**FAST)
def _choose(
    points: Float32, start: Any, order: Any, pieces: Any, budget: int, gap: Any, taken: Any, chosen: Any
) -> int:
    """Take chains in `order` until their pieces use up the budget, leaving out those that run beside one taken."""
    used = count = 0
    reach = math.ceil(gap)
    for j in order:
        if used + pieces[j] > budget:
            continue
        beside = 0
        for i in range(start[j], start[j + 1]):
            beside += taken[int(points[i, 1]), int(points[i, 0])]
        if 2 * beside > start[j + 1] - start[j]:
            continue
        for i in range(start[j], start[j + 1]):
            x, y = int(points[i, 0]), int(points[i, 1])
            for row in range(max(y - reach, 0), min(y + reach + 1, taken.shape[0])):
                for column in range(max(x - reach, 0), min(x + reach + 1, taken.shape[1])):
                    taken[row, column] = 1
        used += pieces[j]
        chosen[count] = j
        count += 1
    return count


@njit(**FAST)
def _tour(ends: Float32, worth: Float32, reach: Any, order: Any, turned: Any) -> None:
    """Return which line is drawn after which: the one that is worth most for its distance from where the brush is."""
    done = np.zeros(len(worth), np.bool_)
    x = y = np.float32(-1)
    for k in range(len(worth)):
        best, best_gain, backwards = -1, np.float32(-1), False
        for j in range(len(worth)):
            if done[j]:
                continue
            gain = worth[j]
            turn = False
            if k > 0:
                here = math.sqrt((ends[j, 0] - x) ** 2 + (ends[j, 1] - y) ** 2)
                there = math.sqrt((ends[j, 2] - x) ** 2 + (ends[j, 3] - y) ** 2)
                turn = there < here
                gain /= np.float32(1) + min(here, there) / reach
            if gain > best_gain:
                best, best_gain, backwards = j, gain, turn
        done[best], order[k], turned[k] = True, best, backwards
        x, y = (ends[best, 0], ends[best, 1]) if backwards else (ends[best, 2], ends[best, 3])


def _swell(share: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the pressure along a line, 0..1 of its length: the brush is set down, swells, and is lifted off."""
    rise = np.clip(share / 0.15, 0, 1)
    fall = np.clip((1 - share) / 0.6, 0, 1)
    return np.asarray(0.35 + 0.65 * np.sin(0.5 * np.pi * np.minimum(rise, fall)))


def contour_strokes(outline: Float32, tone: Float32, budget: int, lines: Lines, random: np.random.Generator) -> Float32:
    """Return lines along the edges of a picture.

    Args:
        outline: float32 (H, W), the plane whose edges are drawn, 0..1.
        tone: float32 (H, W), the share of light that the finished ink should let through, 0..1.
        budget: how many strokes at most.
        lines: how they look.
        random: for the grain of each.

    Returns:
        float32 (<= budget, 17) in drawing order, in pixels of `tone`. Their tone is the opacity; their colour is black.
    """
    unit = max(tone.shape) / 512
    scale = max(unit, 0.5)
    chains = find_edges(outline, lines.sigma * scale, lines.least / scale)
    if budget < 1 or len(chains.points) == 0:
        return np.zeros((0, len(INK_COLUMNS)), np.float32)
    runs = split_chains(chains, lines.tolerance * scale, MAX_BOW)
    chosen, worth = _best_chains(chains, runs, budget, lines, scale, tone.shape)
    if len(chosen) == 0:
        return np.zeros((0, len(INK_COLUMNS)), np.float32)
    first, last = chains.start[chosen], chains.start[chosen + 1] - 1
    ends = np.concatenate([chains.points[first], chains.points[last]], axis=1)
    order, turned = np.empty(len(chosen), np.int64), np.empty(len(chosen), np.bool_)
    _tour(ends, worth, np.float32(40 * scale), order, turned)
    strength = chains.strength / max(float(np.quantile(chains.strength, 0.98)), 1e-6)
    strokes = []
    for k, backwards in zip(order, turned, strict=True):
        rows = runs[runs[:, 0] == chosen[k], 1:]
        strokes += _draw_line(tone, chains, strength, rows, bool(backwards), lines, scale)
    drawn = np.array(strokes, np.float32)
    drawn[:, GRAIN] = random.random(len(drawn), np.float32)
    return drawn


def _best_chains(
    chains: Chains, runs: npt.NDArray[np.int64], budget: int, lines: Lines, scale: float, shape: tuple[int, ...]
) -> tuple[npt.NDArray[np.int64], Float32]:
    """Return the chains worth drawing and what each is worth."""
    edges = np.zeros(shape, np.float32)
    x, y = chains.points[:, 0].astype(np.int64), chains.points[:, 1].astype(np.int64)
    edges[y, x] = chains.strength
    # An outline on its own fills about one pixel in `surround` of its neighbourhood.
    crowd = blurred(edges, lines.surround * scale) * np.float32(lines.surround * scale)
    clear = np.maximum(chains.strength - np.float32(lines.inhibition) * crowd[y, x], chains.strength * 0.2)
    summed = np.add.reduceat(clear, chains.start[:-1])
    length = np.diff(chains.start)
    pieces = np.bincount(runs[:, 0], minlength=len(length))
    worth = np.where(length >= lines.shortest * scale, summed, 0)
    order = np.argsort(-worth / np.sqrt(np.maximum(pieces, 1)), kind="stable")
    order = order[worth[order] > 0]
    chosen = np.empty(len(order), np.int64)
    taken = np.zeros(shape, np.uint8)
    count = _choose(chains.points, chains.start, order, pieces, budget, np.float32(lines.gap * scale), taken, chosen)
    return chosen[:count], worth[chosen[:count]].astype(np.float32)


def _draw_line(
    tone: Float32,
    chains: Chains,
    strength: Float32,
    runs: npt.NDArray[np.int64],
    backwards: bool,
    lines: Lines,
    scale: float,
) -> list[list[float]]:
    """Return the strokes of one chain, joined end to end, from the runs (first, last) it was cut into."""
    begin, end = int(runs[0, 0]), int(runs[-1, 1])
    span = max(end - begin, 1)
    steepness = float(np.clip(strength[begin : end + 1].mean(), 0, 1))
    # Long lines are heavier than short ones.
    weight = min(1.0, 0.4 + span / (80 * scale))
    radius = (lines.thin + (lines.thick - lines.thin) * steepness * weight) * scale
    points = chains.points - chains.light * np.float32(0.8 * radius)
    strokes = []
    for first, last in runs[::-1] if backwards else runs:
        run = points[first : last + 1]
        share = np.array([first - begin, last - begin]) / span
        if backwards:
            run, share = run[::-1], 1 - share[::-1]
        (x0, y0), (x1, y1) = run[0], run[-1]
        r0, r1 = radius * _swell(share)
        middle = run[len(run) // 2] - chains.light[(first + last) // 2] * np.float32(radius)
        row = min(max(int(middle[1]), 0), tone.shape[0] - 1)
        column = min(max(int(middle[0]), 0), tone.shape[1] - 1)
        dark = 1 - float(tone[row, column])
        opacity = min(max(dark, lines.faintest + 0.25 * steepness), lines.darkest)
        stroke = [0.0] * len(INK_COLUMNS)
        stroke[CX], stroke[CY], stroke[THETA] = (x0 + x1) / 2, (y0 + y1) / 2, math.atan2(y1 - y0, x1 - x0)
        length = math.hypot(x1 - x0, y1 - y0)
        stroke[LENGTH], stroke[BOW] = length, min(max(bow_of_run(run), -MAX_BOW * length), MAX_BOW * length)
        stroke[R0], stroke[R1] = r0, r1
        # The brush pales as it gives its ink away.
        stroke[A0], stroke[A1] = (opacity * (1.1 - 0.3 * float(s)) for s in share)
        stroke[DRY] = 0.1 + 0.4 * float(share[1])
        strokes.append(stroke)
    return strokes
