"""Flats: before the picture appears, each region gets one plane of colour, from the back to the front.

A flat runs a little under those that come after it, as painters lay them, so that no ground shows between.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.ndimage import distance_transform_edt

from underpaint.renderers.region.wipe import wipe_region
from underpaint.renderers.strokes.columns import BLUE, CX, CY, RED
from underpaint.renderers.strokes.tiles import Float32

UInt8 = npt.NDArray[np.uint8]
Int32 = npt.NDArray[np.int32]
Bool = npt.NDArray[np.bool_]

# How far a flat runs under the later ones, in sides of the picture: of .03, .06 and .1 the eye prefers it.
MARGIN = 0.06
# A region that spreads (variance, in squared sides) no more than this has half of its slope.
_DAMPING = MARGIN**2 / 4


class Flats(NamedTuple):
    """The flats of R regions, in the order in which they are laid.

    Attributes:
        wipes: of each, float32 (n, 13).
        regions: uint16 (R,), whose they are.
        planes: float32 (R, 3, 3), red, green and blue (0..1) in the middle of the picture, what they gain from there to
            the right by one side of the picture, and what they gain downwards.
    """

    wipes: list[Float32]
    regions: npt.NDArray[np.uint16]
    planes: Float32


def lay_flats(image: UInt8, tensor: Float32, labels: Int32, order: Int32, budgets: list[int]) -> Flats:
    """Return the flats of a picture's regions.

    Args:
        image: uint8 (H, W, 3).
        tensor: float32 (3, h, w), the picture's structure tensor.
        labels: int32 (H, W), regions 0..R-1.
        order: int32 (R,), the regions from the back to the front.
        budgets: how many wipes each may take, in that order, at least 1.
    """
    planes, turns = nearest_planes(image, labels)[order], turn_of_pixels(labels, order)
    parts = []
    for turn, budget in enumerate(budgets):
        wipes = wipe_region(_with_margin(turns, turn), image, tensor, budget)
        wipes[:, RED : BLUE + 1] = plane_colours(planes[turn], wipes[:, CX], wipes[:, CY], labels.shape)
        parts.append(wipes)
    return Flats(parts, order.astype(np.uint16), planes)


def turn_of_pixels(labels: npt.NDArray[np.integer], regions: npt.NDArray[np.integer]) -> Int32:
    """Return when each pixel's region is laid flat, int32 (H, W), if `regions` are laid in this order."""
    turns = np.empty(len(regions), np.int32)
    turns[regions] = np.arange(len(regions))
    of_pixels: Int32 = turns[labels]
    return of_pixels


def _with_margin(turns: Int32, turn: int) -> Bool:
    """Return where a flat is laid, bool (H, W): its region, and a margin of the regions that are laid later."""
    inside, reach = turns == turn, round(MARGIN * max(turns.shape))
    rows, columns = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
    box = tuple(slice(max(int(line[0]) - reach, 0), int(line[-1]) + reach + 1) for line in (rows, columns))
    laid: Bool = inside.copy()
    laid[box] |= (distance_transform_edt(~inside[box]) <= reach) & (turns[box] > turn)
    return laid


def plane_colours(plane: Float32, x: Float32, y: Float32, size: tuple[int, ...]) -> Float32:
    """Return a plane's colours at points of a canvas of `size` (height, width), float32 (..., 3), 0..1.

    `x` and `y` are float32 in pixels, of the points' shape or of one that broadcasts to it.
    """
    side = np.float32(max(size))
    right, down = (x - np.float32(size[1] / 2)) / side, (y - np.float32(size[0] / 2)) / side
    channels = [middle + right * to_right + down * downwards for middle, to_right, downwards in plane.T]
    return np.asarray(np.clip(np.stack(channels, axis=-1), 0, 1), np.float32)


def nearest_planes(image: UInt8, labels: Int32) -> Float32:
    """Return the plane of colour nearest to each region, float32 (R, 3, 3), see `Flats`: damped least squares."""
    height, width = labels.shape
    flat, side = labels.ravel(), max(height, width)
    y, x = ((np.arange(n) + 0.5 - n / 2) / side for n in (height, width))
    points = np.stack([np.tile(x, height), np.repeat(y, width)])
    area = np.bincount(flat).astype(np.float64)

    def mean(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.bincount(flat, weights=values) / area

    middle = np.stack([mean(axis) for axis in points])
    right, down = points - middle[:, flat]
    # Small regions have next to no slope: it would run away in their margins.
    xx, yy, xy = mean(right * right) + _DAMPING, mean(down * down) + _DAMPING, mean(right * down)
    determinant = xx * yy - xy * xy
    planes = np.empty((len(area), 3, 3))
    for channel in range(3):
        values = image[:, :, channel].ravel() / 255
        level, rx, ry = mean(values), mean(right * values), mean(down * values)
        planes[:, 1, channel] = (rx * yy - ry * xy) / determinant
        planes[:, 2, channel] = (ry * xx - rx * xy) / determinant
        planes[:, 0, channel] = level - planes[:, 1, channel] * middle[0] - planes[:, 2, channel] * middle[1]
    return planes.astype(np.float32)
