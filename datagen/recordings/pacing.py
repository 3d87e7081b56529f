"""Which moments of a recording to keep, so that each changes the picture about equally."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from skimage.color import rgb2lab

# Differences in CIELAB (CIE 1976). Below this, compression and a trembling camera look like paint.
NOISE = 6.0
# Share of the thumbnail that must change for a moment to count as a new one: less adds up until it is enough.
NEWS = 0.001
# What covers the picture for less than this many of the frames on either side, such as a hand, isn't painted.
REACH = 4
# Recordings with fewer frames than this times the reach are sequences of steps, each of which may stand alone.
FRAMES_PER_REACH = 16
# A moment may be exchanged for a clearer one within this share of a step; below a half, so that none meets the next.
LEEWAY = 0.4
# As clear as can be asked for: the last strokes differ from the median too.
CLEAR = 0.02

Thumbnails = Sequence[NDArray[np.uint8]]


def progress(frames: Thumbnails) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Measure how far the painting is at each frame, and how much of it something covers that comes and goes.

    The temporal median over `2 * REACH + 1` frames removes what covers a pixel for less than half of them. Of the rest,
    a pixel has changed when its colour is more than `NOISE` away from what it last was; so slow changes count in full,
    and smaller noise never adds up.

    Args:
        frames: thumbnails, uint8 (H, W, 3), n of them.

    Returns:
        Two float64 (n,): the sum over all changes so far, mean over pixels, in units of CIELAB, which never falls; and
        the share of pixels that differ from the median.
    """
    reach = min(REACH, len(frames) // FRAMES_PER_REACH)
    done, covered = np.zeros(len(frames)), np.zeros(len(frames))
    before = None
    for index, frame in enumerate(frames):
        lasting = _lasting(frames, index, reach)
        colours = rgb2lab(lasting)
        if reach:
            covered[index] = np.mean(_distance(rgb2lab(frame), colours) > NOISE)
        if before is None:
            before = colours
            continue
        distance = _distance(colours, before)
        changed = distance > NOISE
        news = changed.mean() > NEWS
        done[index] = done[index - 1] + (np.mean(distance * changed) if news else 0.0)
        if news:
            before[changed] = colours[changed]
    return done, covered


def _lasting(frames: Thumbnails, index: int, reach: int) -> NDArray[np.uint8]:
    """Return the temporal median; towards the ends, of fewer frames, as many before as after."""
    reach = min(reach, index, len(frames) - 1 - index)
    if reach == 0:
        return frames[index]
    around = np.stack(frames[index - reach : index + reach + 1])
    median: NDArray[np.uint8] = np.partition(around, reach, axis=0)[reach]
    return median


def _distance(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    distance: NDArray[np.float64] = np.sqrt(((a - b) ** 2).sum(axis=2))
    return distance


def choose(done: NDArray[np.float64], covered: NDArray[np.float64], count: int) -> list[int]:
    """Choose `count` moments, first and last included, with steps as even as can be; fewer if fewer are distinct.

    Args:
        done: float64 (n,), how far the painting is; never falls.
        covered: float64 (n,), how much of it is covered: near a chosen moment, the clearest one is taken.
        count: at least 2.

    Returns:
        Rising indices; only one if nothing changes.
    """
    new = np.flatnonzero(np.diff(done, prepend=-1.0) > 0)
    if len(new) < 2:
        return [0]
    chosen = [int(new[i]) for i in _evenly(done[new], count)]
    steps = np.diff(done[chosen])
    clear = [0]
    for before, index, after in zip(steps, chosen[1:-1], steps[1:], strict=False):
        near = np.flatnonzero(np.abs(done - done[index]) <= LEEWAY * min(before, after))
        clear.append(int(min(near, key=lambda i: (max(covered[i], CLEAR), abs(i - index)))))
    return [*clear, len(done) - 1]


def _evenly(done: NDArray[np.float64], count: int) -> list[int]:
    """Return the choice with the least sum of squared steps, by dynamic programming; first and last included."""
    if count >= len(done):
        return list(range(len(done)))
    squares = np.where(done[:, None] < done[None, :], (done[None, :] - done[:, None]) ** 2, np.inf)
    cost, came_from = squares[0], []
    for _ in range(count - 2):
        through = cost[:, None] + squares
        came_from.append(through.argmin(axis=0))
        cost = through.min(axis=0)
    path = [len(done) - 1]
    for table in reversed(came_from):
        path.append(int(table[path[-1]]))
    return [0, *reversed(path)]
