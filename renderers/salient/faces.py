"""Faces: where people look first in a picture of people, found by a boosted cascade (Viola & Jones 2001) of LBP."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from underpaint.renderers.segment.working_size import shrink

Bool = npt.NDArray[np.bool_]

# Faces are looked for in a copy of this longer side, px, from the least size on: smaller ones are no subject. Steps of
# scale and the number of findings that agree: of a hundred photographs without a face four have one by these.
_SIDE, _LEAST, _STEP, _AGREE = 128, 20, 1.25, 3


def faces(image: npt.NDArray[np.uint8]) -> Bool:
    """Return where faces that look at the painter are, bool (H, W): ellipses, a little larger than from brow to chin.

    Args:
        image: uint8 (H, W, 3).
    """
    height, width = image.shape[:2]
    small = shrink(image, _SIDE)
    found = np.zeros((height, width), np.bool_)
    if min(small.shape[:2]) <= _LEAST:
        return found
    y, x = np.ogrid[:height, :width]
    for face in _cascade().detect_multi_scale(
        img=small, scale_factor=_STEP, step_ratio=1, min_size=(_LEAST, _LEAST), max_size=(_SIDE, _SIDE),
        min_neighbor_number=_AGREE,
    ):  # fmt: skip
        down, right = height / small.shape[0], width / small.shape[1]
        tall, wide = face["height"] * down / 2, face["width"] * right / 2
        middle_y, middle_x = face["r"] * down + tall, face["c"] * right + wide
        found |= ((y + 0.5 - middle_y) / (1.05 * tall)) ** 2 + ((x + 0.5 - middle_x) / (0.8 * wide)) ** 2 <= 1
    return found


@cache
def _cascade() -> Any:
    """Return scikit-image's detector, which it ships as a file; a process reads it once."""
    from skimage.data import lbp_frontal_face_cascade_filename
    from skimage.feature import Cascade

    return Cascade(lbp_frontal_face_cascade_filename())
