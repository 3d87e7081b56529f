"""What a step changes: which pixels, how far they hang together, and what happens to the others.

All of these see a process as uint8 (n, H, W, 3). A pixel has changed when one of its channels has by more than a
threshold, in 0..1.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from underpaint.pipelines.evaluation.progress import Frames, nearest, share

Mask = NDArray[np.bool_]

# Pixels that touch at a corner hang together: a thin slanted line is one mark.
_NEIGHBOURS = np.ones((3, 3), bool)


def differs(a: NDArray[np.uint8], b: NDArray[np.uint8], threshold: float) -> Mask:
    """Return where two uint8 (H, W, 3) differ by more than the threshold in a channel: bool (H, W)."""
    return distance(a, b) > threshold * 255.0


def distance(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Return the largest difference of the channels, 0 to 255: int16 (H, W) of two uint8 (H, W, 3)."""
    difference = np.abs(a.astype(np.int16) - b)
    # Ten times as fast as to reduce the last axis.
    largest: NDArray[np.int16] = np.maximum(np.maximum(difference[..., 0], difference[..., 1]), difference[..., 2])
    return largest


def changed(frames: Frames, threshold: float) -> Iterator[Mask]:
    """Return where each of the n - 1 steps changes the canvas: bool (H, W)."""
    for before, after in pairwise(frames):
        yield differs(before, after, threshold)


def changed_share(frames: Frames, threshold: float) -> float:
    """Return the share of the canvas that a step changes, mean over the steps; 0 to 1."""
    return float(np.mean([mask.mean() for mask in changed(frames, threshold)]))


def idle_share(frames: Frames, threshold: float) -> float:
    """Return the share of the steps that change no pixel; 0 to 1."""
    return float(np.mean([not mask.any() for mask in changed(frames, threshold)]))


def compactness(frames: Frames, threshold: float) -> float:
    """Return the largest connected share of what a step changes, mean over the steps that change anything.

    From 0 to 1, where each step works on one place. Pixels that share a side or a corner are connected. 0 if nothing
    ever changes.
    """
    shares = [largest_share(mask) for mask in changed(frames, threshold) if mask.any()]
    return float(np.mean(shares)) if shares else 0.0


def largest_share(mask: Mask) -> float:
    """Return the size of the largest connected part of a mask over the size of the mask; 0 of an empty one."""
    labels, count = ndimage.label(mask, _NEIGHBOURS)
    if count == 0:
        return 0.0
    sizes = np.bincount(labels.ravel())[1:]
    return float(sizes.max() / sizes.sum())


def spread(frames: Frames, threshold: float) -> float:
    """Return how far a step's changes are scattered over the canvas, mean over the steps that change anything.

    From 0 to 1.73. Root mean square distance of the changed pixels from their centroid, over that of all pixels of the
    canvas: 0 is one point, 1 the whole canvas evenly, 1.73 its corners alone. 0 if nothing ever changes.
    """
    spreads = [_scatter(mask) for mask in changed(frames, threshold) if mask.any()]
    return float(np.mean(spreads)) / _scatter(np.ones(frames.shape[1:3], bool)) if spreads else 0.0


def _scatter(mask: Mask) -> float:
    rows, columns = np.nonzero(mask)
    return float(np.sqrt(rows.var() + columns.var()))


def flicker(frames: Frames, threshold: float) -> float:
    """Return the mean absolute difference between frames of the pixels that a step doesn't change.

    From 0 to the threshold. Counted over all such pixels of all steps. What is below the threshold is no mark: it is
    noise of a decoder or of a network, or paint too thin to tell from it. 0 if every step changes every pixel.
    """
    total = count = 0
    for before, after in pairwise(frames):
        untouched = ~differs(before, after, threshold)
        difference = np.abs(before.astype(np.int16) - after).sum(axis=2, dtype=np.int64)
        total += int(difference[untouched].sum())
        count += 3 * int(untouched.sum())
    return share(total, count) / 255.0


def overlap(a: Mask, b: Mask) -> float:
    """Return the intersection over union of two masks (H, W); 1 if both are empty: they agree that nothing changes."""
    union = int((a | b).sum())
    return int((a & b).sum()) / union if union else 1.0


def changed_iou(frames: Frames, reference: Frames, threshold: float) -> float:
    """Return the intersection over union of what is changed, step by step, mean over the steps; 0 to 1.

    Inverse Painting's protocol (arXiv 2409.20556), with a threshold on the pixels in the place of LPIPS > 0.2. Of the
    longer process as many frames are picked as the shorter has, at even steps.
    """
    assert frames.shape[1:] == reference.shape[1:], "process and reference are brought to one size before"
    count = min(len(frames), len(reference))
    steps = zip(changed(nearest(frames, count), threshold), changed(nearest(reference, count), threshold), strict=True)
    return float(np.mean([overlap(ours, theirs) for ours, theirs in steps]))
