"""How far a process is from its last frame, over time."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from underpaint.pipelines.evaluation.pictures import l1

Frames = NDArray[np.uint8]
Curve = NDArray[np.float64]

# Curves are compared at so many moments, start and end included. 100 steps are more than most processes have.
MOMENTS = 101


def profile(frames: Frames) -> Curve:
    """Return the distance of each frame to the last one: float64 (n,) of uint8 (n, H, W, 3), 0 to 1, the last one 0.

    The idea of the Perceptual Distance Profile (Loomis Painter, arXiv 2511.17344), with the mean absolute difference in
    the place of a learned distance.
    """
    return np.array([l1(frame, frames[-1]) for frame in frames])


def progress(distances: Curve) -> Curve:
    """Return the share of the way that is done at each frame, from its distances to the last: 1 - d[t] / d[0].

    Starts at 0 and ends at 1; negative while a frame is further away than the first. A process that starts with its
    last frame has 1 everywhere.
    """
    if distances[0] == 0:
        return np.ones_like(distances)
    done: Curve = 1.0 - distances / distances[0]
    return done


def at_moments(curve: Curve, moments: int = MOMENTS) -> Curve:
    """Return a curve of n frames, evenly spread over the process, at other moments: linear between, (moments,)."""
    return np.interp(np.linspace(0, 1, moments), np.linspace(0, 1, len(curve)), curve)


def curve_distance(curve: Curve, other: Curve) -> float:
    """Return the mean absolute difference of two curves over the time from 0 to 1, whatever number of frames each has.

    By the trapezoidal rule over 101 moments.
    """
    return _over_time(np.abs(at_moments(curve) - at_moments(other)))


def mean_progress(frames: Frames) -> float:
    """Return the mean of `progress` over time; 0.5 is an even pace, more is a quick start, 1 at most."""
    return _over_time(at_moments(progress(profile(frames))))


def _over_time(values: Curve) -> float:
    return float((values[:-1] + values[1:]).mean() / 2)


def steps_towards(frames: Frames) -> float:
    """Return the share of steps that bring the canvas nearer to the last frame, of those that change anything.

    From 0 to 1.
    """
    distances = profile(frames)
    moved = [bool(np.any(a != b)) for a, b in pairwise(frames)]
    return share(int(np.sum((np.diff(distances) < 0) & moved)), sum(moved))


def share(part: int, whole: int) -> float:
    """Return part / whole; 0 if there is nothing to count, so that an empty process earns nothing."""
    return part / whole if whole else 0.0


def nearest(frames: Frames, count: int) -> Frames:
    """Return `count` of n frames, evenly spread over the process, first and last included; never a mixture of two."""
    assert 2 <= count <= len(frames), f"{count} of {len(frames)} frames can't be picked"
    picked: Frames = frames[np.linspace(0, len(frames) - 1, count).round().astype(int)]
    return picked
