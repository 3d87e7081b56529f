"""Which part of a picture one looks at first: robust background detection (Zhu et al., CVPR 2014).

What touches the picture's border over a long stretch, for its size, is background. What differs from the background
nearby is salient. A quadratic cost joins both and makes alike neighbours equal.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from underpaint.renderers.segment.classic import WORKING_SIDE, Hierarchy, picture_hierarchy
from underpaint.renderers.segment.lab import to_lab
from underpaint.renderers.segment.working_size import shrink
from underpaint.renderers.strokes.tiles import Float32

Float64 = npt.NDArray[np.float64]

# From the paper: the scale of colour differences (CIELAB), of distances (share of the picture's side), of boundary
# connectivity; and the least pull between neighbours.
_COLOUR_SCALE = 10.0
_NEARBY = 0.25
_CONNECTIVITY_SCALE = 1.0
_LEAST_PULL = 0.1
# Objects stand on the lower edge (busts, animals), so touching it says half as much.
_LOWER_EDGE = 0.5
# Standard deviation, in sides of the picture, of where photographers and painters put their object.
_CENTRE_SCALE = 0.3
# The two cuts of the region hierarchy whose means make parts of one object equal.
_DETAILS = (1.0, 3.0)
# Merged to so many superpixels, the map is as good as from all 500.
_NODES = 200
# Raw saliency of at least this much is more likely object than not; and how steeply certainty grows from there.
_THRESHOLD = 0.4
_STEEPNESS = 12.0


def saliency(image: npt.NDArray[np.uint8], hierarchy: Hierarchy | None = None) -> Float32:
    """Return how likely each pixel belongs to the salient object.

    Args:
        image: uint8 (H, W, 3), any size; large ones are seen at a reduced size.
        hierarchy: `picture_hierarchy(image)`, where it is already known.

    Returns:
        float32 (H, W), 0..1; 0 everywhere for a picture of one colour.
    """
    height, width = image.shape[:2]
    hierarchy = hierarchy or picture_hierarchy(image)
    if len(hierarchy.graph) == 1:
        return np.zeros((height, width), np.float32)
    certainty = _superpixel_saliency(shrink(image, WORKING_SIDE), hierarchy).astype(np.float32)[hierarchy.labels]
    enlarged = Image.fromarray(certainty).resize((width, height), Image.Resampling.BILINEAR)
    return np.clip(np.asarray(enlarged, np.float32), 0, 1)


def _superpixel_saliency(image: npt.NDArray[np.uint8], hierarchy: Hierarchy) -> Float64:
    """Return the saliency of each superpixel, float64 (R,), 0..1."""
    parents = hierarchy.coarse(_NODES)
    labels, graph = parents[hierarchy.labels], hierarchy.graph.joined(parents)
    colours, places = _means(image, labels)
    areas = graph.areas_R.astype(np.float64)
    touching = graph.lengths_RR > 0
    differences = _distances(colours)
    background = _background(labels, areas, touching, differences)
    # Equation 8: contrast with the background, by nearness.
    nearby = np.exp(-(_distances(places) ** 2) / (2 * _NEARBY**2))
    shares = areas / areas.sum()
    foreground = _stretch((differences * nearby * (background * shares)).sum(axis=1))
    centre = np.exp(-((places - 0.5) ** 2).sum(axis=1) / (2 * _CENTRE_SCALE**2))
    foreground = foreground * centre / max((foreground * centre).max(), 1e-9)
    raw = _stretch(_optimise(background, foreground, shares, touching, differences))
    first = np.unique(parents, return_index=True)[1]
    parts = [hierarchy.cut(detail)[first] for detail in _DETAILS]
    means = [(np.bincount(part, raw * areas) / np.bincount(part, areas))[part] for part in parts]
    smooth = _stretch(np.mean(means, axis=0))
    if not smooth.any():
        return smooth[parents]
    certainty: Float64 = 1 / (1 + np.exp(-_STEEPNESS * (smooth - _THRESHOLD)))
    return certainty[parents]


def _means(image: npt.NDArray[np.uint8], labels: npt.NDArray[np.int32]) -> tuple[Float64, Float64]:
    """Return mean CIELAB colour (R, 3) and place (R, 2), 0..1 of the picture, of each superpixel."""
    height, width = labels.shape
    y, x = np.mgrid[0:height, 0:width]
    fields = [*to_lab(image), (y + 0.5) / height, (x + 0.5) / width]
    flat = labels.ravel()
    means = np.stack([np.bincount(flat, field.ravel()) for field in fields], axis=1) / np.bincount(flat)[:, None]
    return means[:, :3], means[:, 3:]


def _distances(points: Float64) -> Float64:
    return np.asarray(np.sqrt(((points[:, None] - points) ** 2).sum(axis=2)))


def _stretch(values: Float64) -> Float64:
    """Return the values stretched to 0..1; all 0 if they are equal."""
    return np.asarray((values - values.min()) / max(float(np.ptp(values)), 1e-9))


def _background(
    labels: npt.NDArray[np.int32], areas: Float64, touching: npt.NDArray[np.bool_], differences: Float64
) -> Float64:
    """Return how likely each superpixel is background, (R,), by its boundary connectivity (equations 1 to 6)."""
    count = len(areas)
    sides = ((labels[0], 1.0), (labels[:, 0], 1.0), (labels[:, -1], 1.0), (labels[-1], _LOWER_EDGE))
    border = np.sum([weight * np.bincount(side, minlength=count) for side, weight in sides], axis=0)
    outer = border > 0
    # All of the border is one: what lies behind the object continues outside the picture.
    linked = touching | (outer[:, None] & outer)
    np.fill_diagonal(linked, False)
    # As in the authors' code: steps smaller than the usual one to the most alike neighbour are free.
    usual = np.where(touching, differences, np.inf).min(axis=1).mean()
    # A sparse matrix takes 0 for no link.
    steps = np.where(linked, np.maximum(differences - usual, 0) + 1e-6, 0)
    alike = np.exp(-(dijkstra(csr_matrix(steps)) ** 2) / (2 * _COLOUR_SCALE**2))
    connectivity = (alike @ border) / np.sqrt(alike @ areas)
    return np.asarray(1 - np.exp(-(connectivity**2) / (2 * _CONNECTIVITY_SCALE**2)))


def _optimise(
    background: Float64,
    foreground: Float64,
    shares: Float64,
    touching: npt.NDArray[np.bool_],
    differences: Float64,
) -> Float64:
    """Return the saliency of least cost (equation 9): 0 in the background, 1 in the foreground, smooth between."""
    pulls = np.where(touching, np.exp(-(differences**2) / (2 * _COLOUR_SCALE**2)) + _LEAST_PULL, 0)
    # The paper's superpixels are equally large; these are not.
    weights = shares * len(shares)
    system = np.diag(pulls.sum(axis=1) + (background + foreground) * weights) - pulls
    return np.asarray(np.linalg.solve(system, foreground * weights))
