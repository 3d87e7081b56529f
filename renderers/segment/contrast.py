"""How strongly a picture changes at each pixel: colour and texture of two discs that touch there.

The boundary detector of Martin, Fowlkes & Malik (PAMI 2004), also in Arbeláez et al. (PAMI 2011), compares histograms
of the two halves of a disc in several directions. Here two whole discs lie side by side, so that every histogram is one
blurred map that all directions share: that costs a fraction and finds the same edges.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from underpaint.renderers.segment.lab import to_lab
from underpaint.renderers.strokes.kernels import EXACT, HALF, INLINE, ZERO
from underpaint.renderers.strokes.tiles import Float32

# First and last centre and number of the soft bins of lightness, a and b (CIELAB) and edge energy. Eight units of
# lightness or ten of chroma, a bin's width, are a difference that one notices at a glance.
_BINS = ((0.0, 100.0, 12), (-50.0, 60.0, 12), (-50.0, 60.0, 12), (0.0, 1.0, 6))
CHANNEL_STARTS = np.cumsum([0] + [count for _, _, count in _BINS])
# Directions in half a turn; and distances from a pixel to the centres of its two discs, in pixels: fine lines, edges,
# and borders between textures.
_DIRECTIONS = 8
_REACHES = (2, 5, 10)
_LOG_30 = 3.4
# Side of a block of a transpose, in pixels.
_BLOCK = 4


def soft_histograms(image: npt.NDArray[np.uint8]) -> Float32:
    """Return for each pixel its share in the bins of lightness, a, b and edge energy.

    Args:
        image: uint8 (H, W, 3).

    Returns:
        float32 (B, H, W), 0..1: a value is shared by the nearest two bins, so that each channel's bins, those from
        CHANNEL_STARTS[c] to CHANNEL_STARTS[c + 1], sum to 1.
    """
    lab = to_lab(image)
    padded = np.pad(lab[0], 1, mode="edge")
    down, across = padded[2:, 1:-1] - padded[:-2, 1:-1], padded[1:-1, 2:] - padded[1:-1, :-2]
    slope = np.sqrt(down * down + across * across) / np.float32(2)
    fields = np.concatenate([lab, slope[None]])
    histograms = np.zeros((CHANNEL_STARTS[-1], *image.shape[:2]), np.float32)
    _share_out(fields, np.array(_BINS), CHANNEL_STARTS, histograms)
    return histograms


@njit(**EXACT)
def _share_out(
    fields: Float32, bins: npt.NDArray[np.float64], starts: npt.NDArray[np.int64], histograms: Float32
) -> None:
    """Write the shares of four fields (4, H, W) into `histograms`, which are 0."""
    channels, height, width = fields.shape
    for channel in range(channels):
        low, high, last = np.float32(bins[channel, 0]), np.float32(bins[channel, 1]), np.int64(bins[channel, 2]) - 1
        scale, start = np.float32(last) / (high - low), starts[channel]
        for y in range(height):
            for x in range(width):
                value = fields[channel, y, x]
                # The logarithm brings slopes of 0 to 30 units of lightness a pixel to 0..1.
                value = np.float32(math.log1p(value) / _LOG_30) if channel == 3 else value
                place = min(max((value - low) * scale, ZERO), np.float32(last))
                k = min(int(place), last - 1)
                share = place - np.float32(k)
                histograms[start + k, y, x] = np.float32(1) - share
                histograms[start + k + 1, y, x] = share


@njit(**INLINE)
def _box_columns(source: Any, target: Any, radius: int, total: Any) -> None:
    """Write the running mean down the columns of (H, W), edges repeated; `total` (W,) is scratch."""
    height, width = source.shape
    share = np.float32(1.0 / (2 * radius + 1))
    total[:] = ZERO
    for y in range(-radius, radius + 1):
        row = source[min(max(y, 0), height - 1)]
        for x in range(width):
            total[x] += row[x]
    for y in range(height):
        enters, leaves, means = source[min(y + radius + 1, height - 1)], source[max(y - radius, 0)], target[y]
        for x in range(width):
            means[x] = total[x] * share
            total[x] += enters[x] - leaves[x]


@njit(**INLINE)
def _turn(source: Any, target: Any) -> None:
    """Write the transpose of an array whose sides are multiples of _BLOCK."""
    for top in range(0, source.shape[0], _BLOCK):
        for left in range(0, source.shape[1], _BLOCK):
            for y in range(_BLOCK):
                for x in range(_BLOCK):
                    target[left + x, top + y] = source[top + y, left + x]


@njit(**EXACT)
def _blur(layers: Float32, radius: int, reach: int, rooted: bool, target: Float32) -> None:
    """Write `blur` of each layer of (B, H, W), or its root, with a rim of `reach` of its edge values."""
    count, height, width = layers.shape
    tall, wide = height + -height % _BLOCK, width + -width % _BLOCK
    # A running sum vectorises across columns, not along a row: hence the transposes.
    once, twice = np.zeros((tall, wide), np.float32), np.zeros((tall, wide), np.float32)
    turned, again = np.zeros((wide, tall), np.float32), np.zeros((wide, tall), np.float32)
    total = np.empty(max(tall, wide), np.float32)
    for b in range(count):
        _box_columns(layers[b], once[:height, :width], radius, total[:width])
        _box_columns(once[:height], twice[:height], radius, total[:wide])
        _turn(twice, turned)
        _box_columns(turned[:width], again[:width], radius, total[:tall])
        _box_columns(again[:width], turned[:width], radius, total[:tall])
        _turn(turned, twice)
        for y in range(height):
            line, inside = twice[y], target[b, reach + y, reach : reach + width]
            for x in range(width):
                # The running sums may end just below zero.
                inside[x] = math.sqrt(max(line[x], ZERO)) if rooted else line[x]
            target[b, reach + y, :reach] = inside[0]
            target[b, reach + y, reach + width :] = inside[width - 1]
        for y in range(reach):
            target[b, y] = target[b, reach]
            target[b, reach + height + y] = target[b, reach + height - 1]


def blur(field: Float32, radius: int) -> Float32:
    """Return two passes of a box of this radius in both directions, edges repeated; float32 (H, W) -> (H, W)."""
    blurred = np.empty((1, *field.shape), np.float32)
    _blur(np.ascontiguousarray(field)[None], radius, 0, False, blurred)
    return np.asarray(blurred[0])


@njit(**EXACT)
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
                    sums[x] += math.sqrt(row[x] * HALF)


def contrast(histograms: Float32) -> Float32:
    """Return the strength of the boundary through each pixel in its best direction.

    Args:
        histograms: float32 (B, H, W), from `soft_histograms`.

    Returns:
        float32 (H, W), from 0 (the same on both sides) to 12 (nothing in common, in 4 channels at 3 scales).
    """
    # Most pictures leave half of the bins of a and b empty, and these add nothing.
    used = np.asarray(histograms.any(axis=(1, 2)))
    layers, starts = histograms[used], np.array([used[:start].sum() for start in CHANNEL_STARTS], np.int64)
    height, width = histograms.shape[1:]
    strength = np.zeros((_DIRECTIONS, height, width), np.float32)
    # Allocated once: to get so much fresh memory from the system takes as long as to fill it.
    memory = np.empty(len(layers) * (height + 2 * max(_REACHES)) * (width + 2 * max(_REACHES)), np.float32)
    for reach in _REACHES:
        shape = len(layers), height + 2 * reach, width + 2 * reach
        padded = memory[: math.prod(shape)].reshape(shape)
        # Discs of about the size of their distance.
        _blur(layers, max(1, reach // 2), reach, True, padded)
        _add_differences(padded, starts, reach, strength)
    return np.asarray(strength.max(axis=0), np.float32)
