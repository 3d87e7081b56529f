"""What colours strokes may have: painters mix what they see, while a descent hides any colour under later strokes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit
from PIL import Image

from underpaint.renderers.strokes.columns import BOW, CX, CY, LENGTH, R0, R1, THETA
from underpaint.renderers.strokes.kernels import EXACT, ONE, ZERO, cos_sin
from underpaint.renderers.strokes.tiles import Float32

# Points of a stroke at which the picture is looked at, from end to end of its chord.
_POINTS = np.array([-0.4, -0.2, 0.0, 0.2, 0.4], np.float32)


def colour_bounds(image: npt.NDArray[np.uint8], strokes: Float32, stray: float) -> tuple[Float32, Float32]:
    """Return the least and the most that the colour of each stroke may be, float32 (N, 3), 0..1.

    Args:
        image, strokes: see `colours_below`.
        stray: how far each channel may be from the picture's.
    """
    seen, spare = colours_below(image, strokes), np.float32(stray)
    return np.clip(seen - spare, 0, 1), np.clip(seen + spare, 0, 1)


def colours_below(image: npt.NDArray[np.uint8], strokes: Float32) -> Float32:
    """Return the picture's mean colour where each stroke lies, about, float32 (N, 3), 0..1.

    Args:
        image: uint8 (H, W, 3).
        strokes: float32 (N, 13 or more), in its pixels.
    """
    # Seen in copies whose pixels are about as wide as the brush.
    widths = strokes[:, R0] + strokes[:, R1]
    colours = np.zeros((len(strokes), 3), np.float32)
    picture, size, least = Image.fromarray(image), 1, np.float32(0)
    while True:
        last = min(picture.size) < 2 * size
        most = np.float32(np.inf if last else 1.5 * size)
        wanted = np.flatnonzero((widths >= least) & (widths < most))
        _look(np.asarray(picture.reduce(size)), np.float32(size), strokes, wanted, _POINTS, colours)
        if last:
            return colours
        size, least = 2 * size, most


@njit(**EXACT)
def _look(
    seen: npt.NDArray[np.uint8],
    size: np.float32,
    strokes: Float32,
    wanted: npt.NDArray[np.int64],
    points: Float32,
    colours: Float32,
) -> None:
    height, width = seen.shape[0], seen.shape[1]
    for n in wanted:
        cos, sin = cos_sin(strokes[n, THETA])
        for t in points:
            along, across = t * strokes[n, LENGTH], strokes[n, BOW] * (ONE - np.float32(4) * t * t)
            x = (strokes[n, CX] + cos * along - sin * across) / size
            y = (strokes[n, CY] + sin * along + cos * across) / size
            column, row = int(min(max(x, ZERO), np.float32(width - 1))), int(min(max(y, ZERO), np.float32(height - 1)))
            for c in range(3):
                colours[n, c] += np.float32(seen[row, column, c]) / np.float32(255 * len(points))
