"""Picture -> partition: every pixel belongs to exactly one connected region."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from underpaint.renderers.segment.classic import WORKING_SIDE, Hierarchy, picture_hierarchy
from underpaint.renderers.segment.graph import Int32
from underpaint.renderers.segment.regions import tidy
from underpaint.renderers.segment.sam import SamOptions, sam_labels
from underpaint.renderers.segment.working_size import enlarge_labels, shrink

SEGMENTERS = ("classic", "sam")


def partition(
    image: npt.NDArray[np.uint8],
    segmenter: str = "classic",
    *,
    detail: float = 1.0,
    min_area: float = 0.002,
    sam: SamOptions | None = None,
    hierarchy: Hierarchy | None = None,
) -> Int32:
    """Cut a picture into connected regions that cover it.

    Args:
        image: uint8 (H, W, 3), any size.
        segmenter: `classic` (superpixels merged up a hierarchy, needs nothing) or `sam` (Segment Anything, needs a
            checkpoint).
        detail: how finely `classic` cuts: 1 as people do when asked for objects and parts, 2 into about twice as many
            regions.
        min_area: regions of less than this share of the picture join a neighbour.
        sam: the checkpoint, device and settings of `sam`.
        hierarchy: `picture_hierarchy(image)`, for `classic`, where it is already known.

    Returns:
        int32 (H, W): labels 0..R-1 in the order in which they first appear, each a 4-connected region. The same input
        gives the same labels.

    Raises:
        ValueError: for an unknown segmenter, a bad `detail` or `min_area`, a missing or wrong checkpoint.
        ImportError: for `sam` without torch and segment-anything.
    """
    if segmenter not in SEGMENTERS:
        raise ValueError(f"unknown segmenter {segmenter!r}; there are: {', '.join(SEGMENTERS)}")
    if not (detail > 0 and math.isfinite(detail)):
        raise ValueError(f"detail is {detail}; it must be above 0 (1 is usual, larger is finer)")
    # 0.002 of 512 x 512 is a patch of 23 px: smaller ones look like dirt when they are filled one by one.
    if not 0 <= min_area < 1:
        raise ValueError(f"min_area is {min_area}; it is a share of the picture, at least 0 and below 1, such as 0.002")
    if segmenter == "sam":
        labels = sam_labels(image, sam or SamOptions())
    else:
        hierarchy = hierarchy or picture_hierarchy(image)
        labels = enlarge_labels(hierarchy.cut(detail)[hierarchy.labels], shrink(image, WORKING_SIDE), image)
    return tidy(labels, image, math.ceil(min_area * labels.size))
