"""In which order regions are painted: a rank map decides, and the painting spreads through neighbours."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Int32 = npt.NDArray[np.int32]
Float32 = npt.NDArray[np.float32]

ORDERS = ("saliency", "background-first", "depth")
# What the regions before and after the break are called, for each order.
PHASES = {
    "saliency": ("subject", "background"),
    "background-first": ("background", "subject"),
    "depth": ("foreground", "background"),
    "back-to-front": ("background", "subject"),
}


def region_means(labels: Int32, values: Float32) -> npt.NDArray[np.float64]:
    """Return the mean of `values` (H, W) over each of the regions 0..R-1 of `labels` (H, W) -> float64 (R,)."""
    flat = labels.ravel()
    return np.asarray(np.bincount(flat, weights=values.ravel()) / np.bincount(flat), np.float64)


def neighbours(labels: Int32) -> npt.NDArray[np.bool_]:
    """Return which regions share a border of at least a pixel's side -> bool (R, R), symmetric."""
    count = int(labels.max()) + 1
    touching = np.zeros((count, count), np.bool_)
    for a, b in ((labels[:, :-1], labels[:, 1:]), (labels[:-1], labels[1:])):
        touching[a, b] = True
    touching |= touching.T
    np.fill_diagonal(touching, False)
    return touching


def prominent(labels: Int32, values: Float32) -> npt.NDArray[np.bool_]:
    """Return which regions stand out by their mean of `values` -> bool (R,), at least one.

    The break is the one that splits the picture's area into two classes of the least variance within (Otsu 1979).
    """
    means, areas = region_means(labels, values), np.bincount(labels.ravel()).astype(np.float64)
    order = np.argsort(-means, kind="stable")
    area, weighted = np.cumsum(areas[order]), np.cumsum((areas * means)[order])
    if len(order) == 1:
        return np.ones(1, np.bool_)
    upper, lower = area[:-1], area[-1] - area[:-1]
    between = upper * lower * (weighted[:-1] / upper - (weighted[-1] - weighted[:-1]) / lower) ** 2
    stands_out = np.zeros(len(order), np.bool_)
    stands_out[order[: int(np.argmax(between)) + 1]] = True
    return stands_out


def painting_order(labels: Int32, values: Float32, order: str) -> tuple[Int32, int]:
    """Return the regions in the order in which they are painted.

    It begins with the region of the highest mean value. From there it spreads: always to the region of the highest
    value among those that touch what is painted, all that stand out before all that don't; where none touches, to the
    highest of the rest. `background-first` is the same with the two groups exchanged, each in its own order.

    Args:
        labels: int32 (H, W), regions 0..R-1.
        values: float32 (H, W), saliency, or nearness for `depth`.
        order: one of ORDERS.

    Returns:
        int32 (R,), and how many of them come before the break between the two PHASES of the order.
    """
    assert order in ORDERS, order
    means, first = region_means(labels, values), prominent(labels, values)
    if order == "background-first":
        first = ~first if not first.all() else first
    touching = neighbours(labels)
    painted: list[int] = []
    near = np.zeros(len(means), np.bool_)
    left = np.ones(len(means), np.bool_)
    for group in (first, ~first):
        while (group & left).any():
            candidates = group & left & near if (group & left & near).any() else group & left
            region = int(np.argmax(np.where(candidates, means, -np.inf)))
            painted.append(region)
            left[region] = False
            near |= touching[region]
    return np.array(painted, np.int32), int(first.sum())
