"""Frames of a film brought to one place and one light, and a difference that forgives what is left of the camera.

A process that was photographed step by step moves by pixels and changes its light from frame to frame, where nobody
painted. Small rotations are within what the difference forgives. Light that changes unevenly stays: fitted as a
gradient, it takes real paint for light. docs/evaluation.md has the figures.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import ndimage
from skimage.registration import phase_cross_correlation

from underpaint.pipelines.evaluation.progress import Frames

Float = NDArray[np.float32]

# A camera on a stand moves by less; a larger shift is two pictures that have little in common.
FARTHEST = 0.05  # of the longer side
EDGE_BLUR = 1.5  # px, the scale of the edges that are aligned
# Of the pixels, those that agree best are taken for untouched: people leave more than that bare in most steps.
UNTOUCHED = 0.4
FIT_STEPS = 8
GAINS = (0.8, 1.25)  # a lamp or a cloud; more is paint
SMALLEST_VARIANCE = 1e-4  # below, there is nothing to fit a gain to
FORGIVEN = 2  # px of displacement


def steady(frames: Frames) -> Float:
    """Return frames in the place and the light of the last one: float32 (n, H, W, 3), 0 to 1, of uint8 (n, H, W, 3).

    From the end to the start, each frame is shifted by whole pixels onto its successor (phase correlation of their
    gradient magnitudes), and its channels get the gain and offset that bring its untouched pixels to the successor's.
    """
    places = [np.zeros(2, int)]
    for before, after in reversed(list(pairwise(frames))):
        places.append(places[-1] + shift_onto(_grey(after), _grey(before)))
    found = [frames[-1].astype(np.float32) / 255]
    for frame, place in zip(frames[-2::-1], places[1:], strict=True):
        moved = ndimage.shift(frame, (*place, 0), order=0, mode="nearest").astype(np.float32) / 255
        found.append(relit(found[-1], moved))
    return np.stack(found[::-1])


def shift_onto(reference: Float, moved: Float) -> NDArray[np.int_]:
    """Return the (rows, columns) by which `moved` must be shifted to lie on `reference`, both float32 (H, W).

    0 where the best shift is farther than a camera moves, or brings the edges no nearer to each other.
    """
    edges, others = _edges(reference), _edges(moved)
    if not edges.any() or not others.any():
        return np.zeros(2, int)
    shift = phase_cross_correlation(edges, others, normalization="phase")[0].astype(int)
    if np.abs(shift).max() > FARTHEST * max(reference.shape):
        return np.zeros(2, int)
    nearer = np.abs(edges - ndimage.shift(others, shift, order=0)).mean() < np.abs(edges - others).mean()
    return shift if nearer else np.zeros(2, int)


def _edges(grey: Float) -> Float:
    """Return the gradient magnitude, fading out towards the border, which a shift moves out of sight."""
    edges = ndimage.gaussian_gradient_magnitude(grey, EDGE_BLUR)
    window = np.outer(*(np.hanning(side) for side in grey.shape))
    return np.asarray((edges - edges.mean()) * window, np.float32)


def _grey(frame: NDArray[np.uint8]) -> Float:
    return np.asarray(frame.mean(axis=2), np.float32)


def relit(reference: Float, frame: Float) -> Float:
    """Return a frame in the light of another, both float32 (H, W, 3): a gain and an offset for each channel.

    Trimmed least squares (Rousseeuw 1984): fitted to the pixels that agree best, which are chosen anew after each fit.
    """
    return np.stack([_relit(reference[..., c], frame[..., c]) for c in range(frame.shape[2])], axis=2)


def _relit(reference: Float, channel: Float) -> Float:
    gain, offset = 1.0, 0.0
    residual = np.abs(channel - reference)
    for _ in range(FIT_STEPS):
        untouched = residual <= np.quantile(residual, UNTOUCHED)
        x, y = channel[untouched], reference[untouched]
        if (variance := float(x.var())) > SMALLEST_VARIANCE:
            gain = float(np.clip(((x - x.mean()) * (y - y.mean())).mean() / variance, *GAINS))
        offset = float(y.mean() - gain * x.mean())
        residual = np.abs(gain * channel + offset - reference)
    return np.asarray(gain * channel + offset, np.float32)


def forgiving_difference(a: Float, b: Float) -> Float:
    """Return the difference of two frames that forgives displacements up to `FORGIVEN` px: float32 (H, W), 0 to 1.

    At each pixel the largest difference of the channels to the most similar pixel of the other frame nearby; of both
    directions the larger one, so that a mark that only one of them has is seen.
    """
    found: Float = np.maximum(_to_nearest(a, b), _to_nearest(b, a))
    return found


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _to_nearest(a: Float, b: Float) -> Float:
    height, width, channels = a.shape
    found = np.empty((height, width), np.float32)
    for y in range(height):
        for x in range(width):
            nearest = np.float32(np.inf)
            for row in range(max(y - FORGIVEN, 0), min(y + FORGIVEN + 1, height)):
                for column in range(max(x - FORGIVEN, 0), min(x + FORGIVEN + 1, width)):
                    if (row - y) ** 2 + (column - x) ** 2 <= FORGIVEN**2:
                        largest = np.float32(0)
                        for channel in range(channels):
                            largest = max(largest, abs(a[y, x, channel] - b[row, column, channel]))
                        nearest = min(nearest, largest)
            found[y, x] = nearest
    return found
