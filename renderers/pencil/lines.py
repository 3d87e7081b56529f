"""Lines: the construction that a drawing begins with, straight, overlong and faint, and the contours over it."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from underpaint.renderers.ink.contours import Lines, contour_strokes
from underpaint.renderers.ink.edges import find_edges, split_chains
from underpaint.renderers.order.overlaps import Int32, Under
from underpaint.renderers.order.scene import Scene
from underpaint.renderers.order.schedule import schedule
from underpaint.renderers.pencil.sheet import PencilSheet
from underpaint.renderers.pencil.surface import FADE, GRAIN, PENCIL_COLUMNS, TOOTH
from underpaint.renderers.strokes.columns import A0, A1, BOW, COLUMNS, CX, CY, LENGTH, R0, R1, THETA
from underpaint.renderers.strokes.tiles import Float32

Segments = npt.NDArray[np.float64]

# Contours of a pencil: thinner than those of a brush, and nearer to each other. Lengths in px of 512.
_CONTOURS = Lines(thin=0.6, thick=1.35, faintest=0.35, darkest=0.85, gap=2.5, shortest=7.0)
# A line that is drawn twice leaves the first by so many px of 512, and is so much fainter.
_RESTATED_BY, _RESTATED = 1.3, 0.6
# Construction: blur of the flat regions, steps in their tone that count, how far a side of the polygon may leave its
# edge, the shortest side; lengths in px of 512.
_BLUR, _STEP, _LEAVE, _SHORTEST = 3.0, 0.002, 7.0, 26.0
# How much longer than its edge a side is at each end: a share and px of 512.
_OVERLONG, _BEYOND = 0.09, 5.0
_RADIUS, _OPACITY = 0.75, (0.13, 0.26)


def by_distance(marks: Float32, side: int, group: Int32 | None = None) -> Float32:
    """Return marks, float32 (N, 20), in the order of a hand that goes to the nearest next, group by group.

    Args:
        marks: in pixels of a canvas whose longer side has `side`.
        side: in pixels.
        group: int32 (N,), 0 and up; all are in one if it isn't given.
    """
    group = np.zeros(len(marks), np.int32) if group is None else group
    centres = np.ascontiguousarray(marks[:, [CX, CY]] / np.float32(side))
    # None must follow another: they don't overlap much, or multiply.
    return np.asarray(marks[schedule(centres, group, Under.none(len(marks)))])


def contour_marks(
    outline: Float32, tone: Float32, budget: int, restated: float, random: np.random.Generator
) -> Float32:
    """Return contours, float32 (<= budget, 20), in drawing order; some are drawn twice.

    Args:
        outline: float32 (H, W), the plane whose edges are drawn, 0..1.
        tone: float32 (H, W), the share of light that the finished drawing should give back.
        budget: how many strokes at most.
        restated: the share of the strokes that go over another.
        random: for their luck.
    """
    first = contour_strokes(outline, tone, round(budget * (1 - restated)), _CONTOURS, random)
    marks = np.zeros((len(first), len(PENCIL_COLUMNS)), np.float32)
    marks[:, : len(COLUMNS)] = first[:, : len(COLUMNS)]
    marks[:, TOOTH], marks[:, GRAIN] = 0.45, random.random(len(marks), np.float32)
    again = min(budget - len(marks), round(restated * len(marks)))
    if again <= 0:
        return marks
    longest = np.sort(np.argsort(-marks[:, LENGTH], kind="stable")[:again])
    twice = marks[longest]
    unit = max(tone.shape) / 512
    moved = (random.random((again, 3)).astype(np.float32) - np.float32(0.5)) * 2
    twice[:, CX : CY + 1] += moved[:, :2] * np.float32(_RESTATED_BY * unit)
    twice[:, THETA] += moved[:, 2] * np.float32(0.05)
    twice[:, LENGTH] *= np.float32(1.12)
    twice[:, A0 : A1 + 1] *= np.float32(_RESTATED)
    twice[:, R0 : R1 + 1] *= np.float32(0.8)
    twice[:, FADE] = 0.3
    return np.insert(marks, longest + 1, twice, axis=0)


def construction_marks(sheet: PencilSheet, budget: int, random: np.random.Generator) -> Float32:
    """Return construction lines, float32 (<= budget, 20): the regions as polygons, axes and a box of the subject.

    Args:
        sheet: what is drawn.
        budget: how many at most.
        random: for their luck.
    """
    unit = sheet.side / 512
    guides = _subject_segments(sheet.scene, sheet.tone.shape, unit)[: budget // 3]
    segments = np.concatenate([guides, _polygon_segments(sheet.flat, unit, budget - len(guides))])
    marks = np.zeros((len(segments), len(PENCIL_COLUMNS)), np.float32)
    if not len(marks):
        return marks
    luck = random.random((len(segments), 5))
    for mark, (x0, y0, x1, y1), drawn in zip(marks, segments, luck, strict=True):
        length = math.hypot(x1 - x0, y1 - y0)
        before, after = (length * _OVERLONG * 2 * drawn[k] + _BEYOND * unit for k in (0, 1))
        dx, dy = (x1 - x0) / length, (y1 - y0) / length
        mark[CX] = (x0 + x1 + dx * (after - before)) / 2
        mark[CY] = (y0 + y1 + dy * (after - before)) / 2
        mark[LENGTH], mark[THETA] = length + before + after, math.atan2(y1 - y0, x1 - x0)
        mark[BOW] = (drawn[2] - 0.5) * 0.02 * length
        mark[A0] = _OPACITY[0] + (_OPACITY[1] - _OPACITY[0]) * drawn[3]
        mark[A1] = mark[A0] * 0.8
        mark[GRAIN] = drawn[4]
    marks[:, R0 : R1 + 1] = max(_RADIUS * unit, 0.4)
    marks[:, FADE], marks[:, TOOTH] = 0.2, 0.5
    # The box and the axes first, as one places the subject on the sheet.
    return by_distance(marks, sheet.side, (np.arange(len(marks)) >= len(guides)).astype(np.int32))


def _polygon_segments(flat: Float32, unit: float, budget: int) -> Segments:
    """Return the sides of polygons along the edges of flat regions, (<= budget, 4): x0, y0, x1, y1."""
    scale = max(unit, 0.5)
    chains = find_edges(flat, _BLUR * scale, _STEP / scale)
    if budget < 1 or len(chains.points) == 0:
        return np.zeros((0, 4))
    runs = split_chains(chains, _LEAVE * scale, 0.1)
    ends = np.concatenate([chains.points[runs[:, 1]], chains.points[runs[:, 2]]], axis=1).astype(np.float64)
    strength = np.array([chains.strength[a : b + 1].mean() for _, a, b in runs])
    length = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
    worth = np.where(length >= _SHORTEST * scale, length * np.sqrt(strength), 0)
    best = np.argsort(-worth, kind="stable")[:budget]
    return np.asarray(ends[best[worth[best] > 0]])


def _subject_segments(scene: Scene, shape: tuple[int, ...], unit: float) -> Segments:
    """Return the axes of the subject's largest region and the box around the subject, (<= 6, 4)."""
    inside = scene.subject[scene.labels]
    rows, columns = np.nonzero(inside)
    scale = max(shape) / max(inside.shape)
    if len(rows) == 0 or len(rows) > 0.8 * inside.size:
        return np.zeros((0, 4))
    x, y = columns * scale, rows * scale
    left, right, top, bottom = float(x.min()), float(x.max()), float(y.min()), float(y.max())
    mean_x, mean_y = float(x.mean()), float(y.mean())
    xx, yy, xy = float(x.var()), float(y.var()), float(((x - mean_x) * (y - mean_y)).mean())
    angle = 0.5 * math.atan2(2 * xy, xx - yy)
    spread = math.hypot(xx - yy, 2 * xy)
    segments = []
    for turn, variance in ((0.0, (xx + yy + spread) / 2), (math.pi / 2, (xx + yy - spread) / 2)):
        reach = 1.7 * math.sqrt(max(variance, 1.0))
        dx, dy = math.cos(angle + turn) * reach, math.sin(angle + turn) * reach
        segments.append((mean_x - dx, mean_y - dy, mean_x + dx, mean_y + dy))
    margin = 0.03 * max(shape)
    # Sides of the box that would lie on the edge of the sheet are left out.
    if left > margin:
        segments.append((left, top, left, bottom))
    if right < shape[1] - margin:
        segments.append((right, top, right, bottom))
    if top > margin:
        segments.append((left, top, right, top))
    if bottom < shape[0] - margin:
        segments.append((left, bottom, right, bottom))
    return np.array([s for s in segments if math.hypot(s[2] - s[0], s[3] - s[1]) > _SHORTEST * unit]).reshape(-1, 4)
