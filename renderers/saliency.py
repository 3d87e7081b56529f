"""Which part of a picture one looks at first: many weak cues, weighed by a logistic regression."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

from underpaint.renderers.salient.background import falloff
from underpaint.renderers.salient.cues import cues
from underpaint.renderers.salient.weights import CONSTANT, WEIGHTS
from underpaint.renderers.segment.classic import WORKING_SIDE, Hierarchy, picture_hierarchy
from underpaint.renderers.segment.lab import to_lab
from underpaint.renderers.segment.working_size import shrink
from underpaint.renderers.strokes.tiles import Float32

Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]

# The map is made on so many superpixels: more cost time and find no more.
_SUPERPIXELS = 200
# The two cuts of the region hierarchy whose regions lend their superpixels cues, and whose means make parts of one
# object equal.
_DETAILS = (1.5, 4.0)
# How much more certain the map is than the regression, which never is: regions are either painted last or not.
_STEEPNESS = 1.5


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
    parents, found, areas, parts = superpixel_cues(image, hierarchy)
    certainty = _certainty(found, areas, parts).astype(np.float32)[parents[hierarchy.labels]]
    enlarged = Image.fromarray(certainty).resize((width, height), Image.Resampling.BILINEAR)
    return np.clip(np.asarray(enlarged, np.float32), 0, 1)


def superpixel_cues(
    image: npt.NDArray[np.uint8], hierarchy: Hierarchy
) -> tuple[Int32, dict[str, Float64], Float64, tuple[Int32, Int32]]:
    """Return what the map is made of.

    Returns:
        int32 (R,): the superpixel, 0..S-1, that each one of the hierarchy is in; the cues of these, (S,) by name; their
        areas (S,), pixels; the region that each is in, int32 (S,), at a coarse and a fine cut.
    """
    parents = hierarchy.coarse(_SUPERPIXELS)
    graph = hierarchy.graph.joined(parents)
    first = np.unique(parents, return_index=True)[1]
    # A busy picture has more regions in a cut than superpixels here, and those that are in none leave gaps.
    coarse, fine = (
        np.unique(hierarchy.cut(detail)[first], return_inverse=True)[1].astype(np.int32) for detail in _DETAILS
    )
    lab = to_lab(shrink(image, WORKING_SIDE))
    return (
        parents,
        cues(lab, parents[hierarchy.labels], graph, (coarse, fine)),
        graph.areas_R.astype(np.float64),
        (coarse, fine),
    )


def _certainty(found: dict[str, Float64], areas: Float64, parts: tuple[Int32, Int32]) -> Float64:
    """Return the saliency of each superpixel, float64 (S,), 0..1."""
    margin = CONSTANT + sum(weight * found[name] for name, weight in WEIGHTS.items())
    doubt = falloff(np.abs(margin))
    likely = np.where(margin > 0, 1, doubt) / (1 + doubt)
    means = [(np.bincount(part, likely * areas) / np.bincount(part, areas))[part] for part in parts]
    smooth = likely / 2 + (means[0] + means[1]) / 4
    steep = np.clip(0.5 + _STEEPNESS * (smooth - 0.5), 0, 1)
    return np.asarray(steep * steep * (3 - 2 * steep))
