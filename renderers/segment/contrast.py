"""How strongly a picture changes at each pixel: colour and texture of two discs that touch there.

The boundary detector of Martin, Fowlkes & Malik (PAMI 2004), also in Arbeláez et al. (PAMI 2011), compares histograms
of the two halves of a disc in several directions. Here two whole discs lie side by side, so that every histogram is one
blurred map that all directions share: that costs a fraction and finds the same edges.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit
from skimage.color import rgb2lab

from underpaint.renderers.strokes.kernels import FAST, ZERO
from underpaint.renderers.strokes.tiles import Float32

# First and last centre and number of the soft bins of lightness, a and b (CIELAB) and edge energy. Eight units of
# lightness or ten of chroma, a bin's width, are a difference that one notices at a glance.
_BINS = ((0.0, 100.0, 12), (-50.0, 60.0, 12), (-50.0, 60.0, 12), (0.0, 1.0, 6))
CHANNEL_STARTS = np.cumsum([0] + [count for _, _, count in _BINS])
# Directions in half a turn; and distances from a pixel to the centres of its two discs, in pixels: fine lines, edges,
# and borders between textures.
_DIRECTIONS = 8
_REACHES = (2, 5, 10)


def soft_histograms(image: npt.NDArray[np.uint8]) -> Float32:
    """Return for each pixel its share in the bins of lightness, a, b and edge energy.

    Args:
        image: uint8 (H, W, 3).

    Returns:
        float32 (B, H, W), 0..1: a value is shared by the nearest two bins, so that each channel's bins, those from
        CHANNEL_STARTS[c] to CHANNEL_STARTS[c + 1], sum to 1.
    """
    lab = rgb2lab(image).astype(np.float32).transpose(2, 0, 1)
    padded = np.pad(lab[0], 1, mode="edge")
    slope = np.hypot(padded[1:-1, 2:] - padded[1:-1, :-2], padded[2:, 1:-1] - padded[:-2, 1:-1]) / np.float32(2)
    # The logarithm brings slopes of 0 to 30 units of lightness a pixel to 0..1.
    energy = np.log1p(slope) / np.float32(3.4)
    histograms = np.empty((CHANNEL_STARTS[-1], *image.shape[:2]), np.float32)
    for channel, (low, high, count) in enumerate(_BINS):
        field = energy if channel == 3 else lab[channel]
        place = np.clip((field - np.float32(low)) * np.float32((count - 1) / (high - low)), 0, count - 1)
        for k in range(count):
            histograms[CHANNEL_STARTS[channel] + k] = np.maximum(1 - np.abs(place - np.float32(k)), 0)
    return histograms


@njit(**FAST)
def _box_columns(source: Float32, target: Float32, radius: int) -> None:
    """Write the running mean down the columns of (H, W), edges repeated."""
    height, width = source.shape
    share = np.float32(1.0 / (2 * radius + 1))
    total = np.zeros(width, np.float32)
    for y in range(-radius, radius + 1):
        row = source[min(max(y, 0), height - 1)]
        for x in range(width):
            total[x] += row[x]
    for y in range(height):
        enters, leaves = source[min(y + radius + 1, height - 1)], source[max(y - radius, 0)]
        for x in range(width):
            target[y, x] = total[x] * share
            total[x] += enters[x] - leaves[x]


def blur(field: Float32, radius: int) -> Float32:
    """Return two passes of a box of this radius in both directions, edges repeated; float32 (H, W) -> (H, W)."""
    once, twice = np.empty_like(field), np.empty_like(field)
    _box_columns(np.ascontiguousarray(field), once, radius)
    _box_columns(once, twice, radius)
    turned = np.ascontiguousarray(twice.T)
    once, twice = np.empty_like(turned), np.empty_like(turned)
    _box_columns(turned, once, radius)
    _box_columns(once, twice, radius)
    return np.ascontiguousarray(twice.T)


@njit(**FAST)
def _add_differences(padded: Float32, starts: npt.NDArray[np.int64], reach: int, strength: Float32) -> None:
    """Add the Hellinger distances between the histograms on both sides of every pixel to strength (directions, H, W).

    Args:
        padded: square roots of the histograms, (B, H + 2 reach, W + 2 reach).
        starts: first bin of each channel, and the end of the last.
        reach: distance from a pixel to either place compared.
        strength: changed in place.
    """
    directions, height, width = strength.shape
    row = np.empty(width, np.float32)
    for k in range(directions):
        angle = math.pi * k / directions
        dy, dx = round(reach * math.sin(angle)), round(reach * math.cos(angle))
        for y in range(height):
            sums = strength[k, y]
            for channel in range(len(starts) - 1):
                row[:] = ZERO
                for b in range(starts[channel], starts[channel + 1]):
                    one = padded[b, y + reach - dy, reach - dx : reach - dx + width]
                    other = padded[b, y + reach + dy, reach + dx : reach + dx + width]
                    for x in range(width):
                        difference = one[x] - other[x]
                        row[x] += difference * difference
                for x in range(width):
                    sums[x] += math.sqrt(row[x] * np.float32(0.5))


def contrast(histograms: Float32) -> Float32:
    """Return the strength of the boundary through each pixel in its best direction.

    Args:
        histograms: float32 (B, H, W), from `soft_histograms`.

    Returns:
        float32 (H, W), from 0 (the same on both sides) to 12 (nothing in common, in 4 channels at 3 scales).
    """
    strength = np.zeros((_DIRECTIONS, *histograms.shape[1:]), np.float32)
    for reach in _REACHES:
        # Discs of about the size of their distance; the running sums may end just below zero.
        rooted = np.stack([np.sqrt(np.maximum(blur(layer, max(1, reach // 2)), 0)) for layer in histograms])
        padded = np.pad(rooted, ((0, 0), (reach, reach), (reach, reach)), mode="edge")
        _add_differences(padded, CHANNEL_STARTS, reach, strength)
    return np.asarray(strength.max(axis=0), np.float32)
