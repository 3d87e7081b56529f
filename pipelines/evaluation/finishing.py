"""Which pixels have their final value, and whether they keep it.

A pixel's distance is the largest difference of its channels from the last frame, 0..1. It is finished at a frame where
this is at most the threshold.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from underpaint.pipelines.evaluation.changes import changed, distance
from underpaint.pipelines.evaluation.progress import Frames, share


def moving_away(frames: Frames, threshold: float) -> float:
    """Return the share of changed pixels that move away from their final value; 0 for a monotone process.

    From 0 to 1. A pixel moves away when a step makes its distance to the last frame larger by more than the threshold,
    and it can't without changing by more than that. Counted over all steps; 0 if nothing ever changes.
    """
    limit = threshold * 255.0
    distances = [distance(frame, frames[-1]) for frame in frames]
    away = sum(int((after - before > limit).sum()) for before, after in pairwise(distances))
    return share(away, sum(int(mask.sum()) for mask in changed(frames, threshold)))


def kept(frames: Frames, threshold: float) -> float:
    """Return the share of pixels that stay finished, of those finished in some frame before the last; 0 to 1.

    1: no finished place is painted over. Pixels that have the colour of the ground in the end are finished from the
    start. 0 if no pixel is finished before the last frame: a process that jumps to its end finishes nothing.
    """
    limit = threshold * 255.0
    once = np.zeros(frames.shape[1:3], bool)
    lost = np.zeros(frames.shape[1:3], bool)
    for frame in frames[:-1]:
        finished = distance(frame, frames[-1]) <= limit
        lost |= once & ~finished
        once |= finished
    return share(int((once & ~lost).sum()), int(once.sum()))
