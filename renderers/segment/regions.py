"""Label maps: connected components, and small regions joined to the neighbour they resemble."""

from __future__ import annotations

import heapq

import numpy as np
import numpy.typing as npt
from numba import njit
from skimage.measure import label

from underpaint.renderers.segment.graph import Int32
from underpaint.renderers.strokes.kernels import EXACT


def consecutive(labels: npt.NDArray[np.integer]) -> Int32:
    """Number labels >= 0 anew, 0..R-1, in the order in which they first appear, row by row; (H, W) -> int32 (H, W)."""
    numbered = np.empty(labels.shape, np.int32)
    _number(labels, np.full(int(labels.max()) + 1, -1, np.int32), numbered)
    return numbered


@njit(**EXACT)
def _number(labels: npt.NDArray[np.integer], numbers: Int32, numbered: Int32) -> None:
    """Write the new numbers; `numbers` holds the one of each label met so far, and -1 for the rest."""
    height, width = labels.shape
    count = 0
    for y in range(height):
        for x in range(width):
            label = labels[y, x]
            if numbers[label] < 0:
                numbers[label] = count
                count += 1
            numbered[y, x] = numbers[label]


def components(labels: npt.NDArray[np.integer]) -> Int32:
    """Give each 4-connected piece of each region a label of its own, 0.., in the order of first appearance."""
    return consecutive(label(labels, connectivity=1, background=-1))


def adjacency(labels: Int32) -> list[dict[int, int]]:
    """Return for each region its neighbours and the number of pixel edges that they share."""
    count = int(labels.max()) + 1
    pairs = np.concatenate(
        [
            np.stack([labels[:, :-1].ravel(), labels[:, 1:].ravel()], axis=1),
            np.stack([labels[:-1].ravel(), labels[1:].ravel()], axis=1),
        ]
    )
    pairs = pairs[pairs[:, 0] != pairs[:, 1]].astype(np.int64)
    keys, lengths = np.unique(pairs.min(axis=1) * count + pairs.max(axis=1), return_counts=True)
    neighbours: list[dict[int, int]] = [{} for _ in range(count)]
    for key, length in zip(keys.tolist(), lengths.tolist(), strict=True):
        first, second = divmod(key, count)
        neighbours[first][second] = length
        neighbours[second][first] = length
    return neighbours


def tidy(labels: npt.NDArray[np.integer], image: npt.NDArray[np.uint8], min_pixels: int) -> Int32:
    """Make a partition of any label map: split regions that are not connected, join specks to their surroundings.

    Args:
        labels: integers >= 0, (H, W).
        image: the picture, uint8 (H, W, 3): a speck joins the neighbour of the most similar mean colour.
        min_pixels: regions of fewer pixels are specks, dealt with from the smallest up.

    Returns:
        int32 (H, W), labels 0..R-1 in the order in which they first appear, each 4-connected.
    """
    pieces = components(labels)
    sizes = np.bincount(pieces.ravel())
    if len(sizes) == 1 or sizes.min() >= min_pixels:
        return pieces
    flat = pieces.ravel()
    colours = np.stack([np.bincount(flat, image[:, :, c].ravel()) for c in range(3)], axis=1, dtype=np.float64)
    return consecutive(_join_specks(adjacency(pieces), sizes, colours, min_pixels)[pieces])


def _join_specks(
    neighbours: list[dict[int, int]],
    sizes: npt.NDArray[np.int_],
    colour_sums: npt.NDArray[np.float64],
    min_pixels: int,
) -> Int32:
    """Return the region that each region ends up in, int32 (R,)."""
    parent = np.arange(len(sizes), dtype=np.int32)
    queue = [(int(size), region) for region, size in enumerate(sizes) if size < min_pixels]
    heapq.heapify(queue)
    while queue:
        size, speck = heapq.heappop(queue)
        if size != sizes[speck] or parent[speck] != speck or not neighbours[speck]:
            continue
        around = sorted(neighbours[speck])
        means = colour_sums[around] / sizes[around, None]
        host = around[int(np.argmin(((means - colour_sums[speck] / size) ** 2).sum(axis=1)))]
        parent[speck] = host
        sizes[host] += size
        colour_sums[host] += colour_sums[speck]
        for other, length in neighbours[speck].items():
            del neighbours[other][speck]
            if other != host:
                neighbours[host][other] = neighbours[other][host] = neighbours[host].get(other, 0) + length
        if sizes[host] < min_pixels:
            heapq.heappush(queue, (int(sizes[host]), host))
    while (parent[parent] != parent).any():
        parent = parent[parent]
    return parent
