"""Places: where strokes lie, which region each belongs to, and large regions cut into what a hand reaches."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from underpaint.renderers.order.overlaps import Int32
from underpaint.renderers.strokes.columns import CX, CY, THETA
from underpaint.renderers.strokes.kernels import EXACT, ZERO, cos_sin, coverage, geometry, tile_range, touches
from underpaint.renderers.strokes.tiles import TILE, TILE_PIXELS, Float32, make_grid

Indices = npt.NDArray[np.intp]

# One place is finished in a look: more strokes take the schedule too long, too.
MOST_IN_PLACE = 2000


def stroke_regions(strokes: Float32, labels: Int32) -> Int32:
    """Return the region in which most of each stroke's paint lies, int32 (N,); see `regions_and_shares`."""
    return regions_and_shares(strokes, labels)[0]


def regions_and_shares(strokes: Float32, labels: Int32) -> tuple[Int32, Float32]:
    """Return the region in which most of each stroke's paint lies, int32 (N,), and how much of it, float32 (N,).

    Args:
        strokes: float32 (N, 13 or more), in pixels of the label map.
        labels: int32 (H, W), 0..R-1.
    """
    height, width = labels.shape
    grid = make_grid(height, width)
    padded = np.pad(labels, ((0, -height % TILE), (0, -width % TILE)), mode="edge")
    rows, columns = padded.shape[0] // TILE, padded.shape[1] // TILE
    tiles = padded.reshape(rows, TILE, columns, TILE).transpose(0, 2, 1, 3).reshape(rows, columns, TILE_PIXELS)
    found, inside = np.empty(len(strokes), np.int32), np.ones(len(strokes), np.float32)
    _assign(strokes, grid.x_TP, grid.y_TP, np.ascontiguousarray(tiles), int(labels.max()) + 1, found, inside)
    # A stroke that leaves no paint on the canvas belongs where its centre is.
    lost = found < 0
    x = np.clip(strokes[lost, CX].astype(np.int64), 0, width - 1)
    y = np.clip(strokes[lost, CY].astype(np.int64), 0, height - 1)
    found[lost] = labels[y, x]
    return found, inside


@njit(**EXACT)
def _assign(
    strokes: Float32, x_TP: Float32, y_TP: Float32, labels: Int32, regions: int, found: Int32, inside: Float32
) -> None:
    rows, columns = len(y_TP), len(x_TP)
    paint = np.zeros(regions, np.float32)
    for n in range(len(strokes)):
        stroke = strokes[n]
        cos, sin = cos_sin(stroke[THETA])
        geo = geometry(stroke, cos, sin)
        top, bottom, left, right = tile_range(stroke, cos, sin, rows, columns)
        paint[:] = ZERO
        most, best, whole = ZERO, -1, ZERO
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                if not touches(stroke, cos, sin, row, column):
                    continue
                for i in range(TILE_PIXELS):
                    share = coverage(x_TP[column, i], y_TP[row, i], geo)[0]
                    if share > ZERO:
                        region = labels[row, column, i]
                        paint[region] += share
                        whole += share
                        if paint[region] > most:
                            most, best = paint[region], region
        found[n] = best
        if best >= 0:
            inside[n] = most / whole


def cut_into_places(centres: Float32, region: Int32, size: float) -> Int32:
    """Return the place of each stroke, int32 (N,): regions that are larger than `size` are halved until none is.

    Each half gets as many strokes as the other, along the longer side of where they lie. Places of a region follow
    each other by number, and those of region r come before those of r + 1.

    Args:
        centres: float32 (N, 2), in sides of the canvas.
        region: int32 (N,).
        size: the longest side of a place, in sides of the canvas, above 0.
    """
    place = np.empty(len(region), np.int32)
    count = 0
    for number in np.unique(region):
        for members in _halved(np.flatnonzero(region == number), centres, size):
            place[members] = count
            count += 1
    return place


def in_turn(place: Int32) -> Int32:
    """Return places numbered as they come, int32 (N,): 0 is that of the first stroke."""
    _, first, inverse = np.unique(place, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first)).astype(np.int32)[inverse]


def _halved(members: Indices, centres: Float32, size: float) -> list[Indices]:
    extent = np.ptp(centres[members], axis=0)
    axis = int(np.argmax(extent))
    if (extent[axis] <= size and len(members) <= MOST_IN_PLACE) or len(members) < 2:
        return [members]
    along = members[np.argsort(centres[members, axis], kind="stable")]
    half = len(along) // 2
    return [*_halved(along[:half], centres, size), *_halved(along[half:], centres, size)]
