"""How near to people's a process goes: measures that stand a moving camera and changing light, and people's bands.

Frames count from the first one with marks on it: recorded processes begin there, so the blank sheet is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from underpaint.pipelines.evaluation.changes import Mask
from underpaint.pipelines.evaluation.pictures import blankness
from underpaint.pipelines.evaluation.progress import Curve, Frames, at_moments, nearest, share
from underpaint.pipelines.evaluation.steady import Float, forgiving_difference, steady

# A pixel has changed by more than paper, lamp and lens change it (a photographed sheet without paint: below .08).
THRESHOLD = 0.09
JOINED = 0.012  # of the longer side: marks that are no farther apart belong to one place
IDLE = 0.002  # of the canvas: a step that changes less works nowhere
COARSE = 1 / 24  # of the longer side, the blur (sigma) that leaves the coarse of a picture
BLANK = 0.02  # spatial deviation of a first frame without marks: a ground, or paper with its grain
FRAMES = 8  # as many as recorded processes have: all measures but `lag` depend on how finely a process is cut
_NEIGHBOURS = np.ones((3, 3), bool)

# Smallest and largest of eight recorded processes, in five media; the last three are set wider by judgement.
BANDS: Mapping[str, tuple[float, float]] = {
    "pace": (0.30, 0.63),
    "place": (0.58, 0.91),
    "away": (0.03, 0.23),
    "twice": (0.15, 0.70),
    "bare": (0.05, 0.70),
}
# By medium, the measures that its invariant keeps out of their bands: what only darkens hardly moves away.
WITHOUT: Mapping[str, frozenset[str]] = {"ink": frozenset({"away"}), "pencil": frozenset({"away"})}


def of_people(frames: Frames, count: int | None = None) -> dict[str, float]:
    """Return the measures by name, of uint8 (n, H, W, 3) whose first frame has marks on it.

    - `pace`: mean over time of the share of the way that is done; .5 is even, more a quick start.
    - `place`: the largest connected share of what a step changes, mean over the steps.
    - `away`: of what is changed, the share that gets farther from its final value.
    - `twice`: of what is painted at all, the share that is painted in two steps or more.
    - `bare`: of what will be painted, the share that isn't yet at half time.
    - `lag`: how much earlier the coarse of the picture is there than its detail, mean over time.

    Args:
        frames: of one process.
        count: so many of them, at even steps, if there are more: all but `lag` depend on how finely a process is cut.
    """
    if count is not None and count < len(frames):
        frames = nearest(frames, count)
    canvases = steady(frames)
    masks = [_changed(before, after) for before, after in pairwise(canvases)]
    distances = np.stack([forgiving_difference(canvas, canvases[-1]) for canvas in canvases])
    return {
        "pace": _mean_over_time(_done(distances)),
        "place": _place(masks),
        "away": _away(distances, masks),
        "twice": _twice(masks),
        "bare": _bare(masks),
        "lag": _lag(canvases),
    }


def marked(frames: Frames) -> Frames:
    """Return frames, uint8 (n, H, W, 3), from the first one that may have marks on it."""
    return frames[1:] if blankness(frames[0]) < BLANK else frames


def is_human(values: Mapping[str, float], without: frozenset[str] = frozenset()) -> bool:
    """Return whether all measures that have a band, `without` some, are inside theirs."""
    return all(low <= values[name] <= high for name, (low, high) in BANDS.items() if name not in without)


def _changed(before: Float, after: Float) -> Mask:
    """Return where a step paints: specks of a pixel are the camera's noise."""
    return np.asarray(ndimage.binary_opening(forgiving_difference(before, after) > THRESHOLD), bool)


def _done(distances: NDArray[np.float32]) -> Curve:
    means = distances.mean(axis=(1, 2), dtype=np.float64)
    return 1.0 - means / means[0] if means[0] > 0 else np.ones_like(means)


def _mean_over_time(curve: Curve) -> float:
    return float(at_moments(curve).mean())


def _place(masks: list[Mask]) -> float:
    shares = [_largest_place(mask) for mask in masks if mask.mean() >= IDLE]
    return float(np.mean(shares)) if shares else 0.0


def _largest_place(mask: Mask) -> float:
    joined = ndimage.binary_dilation(mask, iterations=max(1, round(JOINED * max(mask.shape))))
    labels, _ = ndimage.label(joined, _NEIGHBOURS)
    sizes = np.bincount(labels[mask])
    return float(sizes.max() / sizes.sum())


def _away(distances: NDArray[np.float32], masks: list[Mask]) -> float:
    away = int((np.diff(distances, axis=0) > THRESHOLD).sum())
    return share(away, int(np.sum(masks)))


def _twice(masks: list[Mask]) -> float:
    visits = np.sum(masks, axis=0)
    return share(int((visits > 1).sum()), int((visits > 0).sum()))


def _bare(masks: list[Mask]) -> float:
    """Between two frames at half time, the mean of both."""
    ever = np.any(masks, axis=0)
    middle = {len(masks) // 2, -(-len(masks) // 2)}
    begun = [np.any(masks[:steps], axis=0) if steps else np.zeros_like(ever) for steps in middle]
    return float(np.mean([share(int((ever & ~there).sum()), int(ever.sum())) for there in begun]))


def _lag(canvases: Float) -> float:
    sigma = COARSE * max(canvases.shape[1:3])
    coarse = np.stack([ndimage.gaussian_filter(canvas, (sigma, sigma, 0)) for canvas in canvases])
    fine = canvases - coarse
    done = [_done(np.abs(part - part[-1]).mean(axis=3)) for part in (coarse, fine)]
    return _mean_over_time(done[0]) - _mean_over_time(done[1])
