"""What is background, inferred from what touches the picture's border (Zhu et al., CVPR 2014)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from underpaint.renderers.strokes.kernels import EXACT

Float64 = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

# From the paper: the scale of colour differences (CIELAB) and of boundary connectivity; the least pull between
# neighbours.
_COLOUR_SCALE = 10.0
_CONNECTIVITY_SCALE = 1.0
_LEAST_PULL = 0.1


def falloff(exponent: Float64) -> Float64:
    """Return nearly exp(-exponent), for 0 and more, by arithmetic that gives the same numbers on every machine."""
    value = np.maximum(1 - exponent / 16, 0)
    for _ in range(4):
        value = value * value
    return np.asarray(value)


def path_lengths(touching: Bools, steps: Float64, outer: Bools) -> Float64:
    """Return the shortest paths between all nodes, (R, R), inf where there is none.

    Args:
        touching: bool (R, R), which nodes are neighbours.
        steps: how unlike each pair is. Steps smaller than the usual one to the most alike neighbour are free, as in
            the authors' code.
        outer: bool (R,): these are neighbours of each other: what lies behind the object goes on outside the picture.
    """
    usual = np.where(touching, steps, np.inf).min(axis=1).mean()
    paths = np.where(touching | (outer[:, None] & outer), np.maximum(steps - usual, 0), np.inf)
    np.fill_diagonal(paths, 0)
    _shorten(paths)
    return np.asarray(paths)


@njit(**EXACT)
def _shorten(paths: Float64) -> None:
    """Make steps shortest paths, in place (Floyd 1962): with hundreds of nodes faster than from each node anew."""
    count = len(paths)
    for k in range(count):
        through = paths[k]
        for i in range(count):
            row, first = paths[i], paths[i, k]
            for j in range(count):
                row[j] = min(row[j], first + through[j])


def connectivity(paths: Float64, border: Float64, areas: Float64) -> Float64:
    """Return how likely each node is background, (R,), 0..1, by its boundary connectivity (equations 1 to 6).

    Args:
        paths: (R, R), `path_lengths` of colours.
        border: (R,), pixels of each node on the border.
        areas: (R,), pixels.
    """
    alike = falloff(paths**2 / (2 * _COLOUR_SCALE**2))
    connected = (alike @ border) / np.sqrt(alike @ areas)
    return 1 - falloff(connected**2 / (2 * _CONNECTIVITY_SCALE**2))


def least_cost(
    background: Float64, foreground: Float64, shares: Float64, touching: Bools, differences: Float64
) -> Float64:
    """Return the saliency (R,) that is 0 in the background, 1 in the foreground, smooth between (equation 9)."""
    pulls = np.where(touching, falloff(differences**2 / (2 * _COLOUR_SCALE**2)) + _LEAST_PULL, 0)
    # The paper's superpixels are equally large; these are not.
    weights = shares * len(shares)
    system = np.diag(pulls.sum(axis=1) + (background + foreground) * weights + 1e-9) - pulls
    return np.asarray(np.linalg.solve(system, foreground * weights))
