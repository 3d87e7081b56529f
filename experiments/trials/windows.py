"""Windows on a picture of the small world: square parts at all places, in several sizes, as the readers see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage.feature import hog

Floats = NDArray[np.float64]

SIDE = 64  # px at which pictures are looked at: all things can be told, and little else
_CELL, _CELLS = 5, 8  # px of a window's cells, and their number along its side
_WINDOW = _CELL * _CELLS
SIZES = (23.0, 27.0, 32.0, 38.0, 45.0)  # px of windows in a picture of `SIDE`; things in `scenes` are between
HEIGHTS = (0.23, 0.85)  # of the middles of things, from above; what is higher is sun or moon


@dataclass(eq=False)
class SceneWindow:
    """A square part of a picture: its middle and side in px of `SIDE`, edges, and the colours of its 8 x 8 cells."""

    x: float
    y: float
    side: float
    edges: Floats
    colours: Floats
    kind: int = 0
    score: float = 0.0

    def covered(self, other: SceneWindow) -> float:
        """Return the share of the smaller of two windows that lies in the other."""
        both = shared_area((self.x, self.y, self.side), (other.x, other.y, other.side))
        return both / min(self.side, other.side) ** 2


def small_picture(picture: NDArray[np.uint8]) -> Floats:
    """Return a picture, uint8 (H, W, 3), as it is looked at: (SIDE, SIDE, 3), 0..1."""
    image = Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    return np.asarray(image, np.float64) / 255


def whole_of(small: Floats) -> Floats:
    """Return the mean colours of 8 x 8 parts, flat."""
    whole: Floats = small.reshape(8, SIDE // 8, 8, SIDE // 8, 3).mean(axis=(1, 3)).reshape(-1)
    return whole


def cut_window(small: Floats, x: float, y: float, side: float) -> SceneWindow:
    """Cut one window; beyond the edges of the picture its border goes on."""
    reach = SIDE
    wide = np.pad(small, ((reach, reach), (reach, reach), (0, 0)), "edge")
    box = (x - side / 2 + reach, y - side / 2 + reach, x + side / 2 + reach, y + side / 2 + reach)
    image = Image.fromarray((wide * 255 + 0.5).astype(np.uint8))
    cut = image.resize((_WINDOW, _WINDOW), Image.Resampling.BICUBIC, box=box)
    pixels = np.asarray(cut, np.float64) / 255
    return SceneWindow(x, y, side, _edges(pixels)[0, 0], _colours(pixels))


def all_windows(small: Floats, side: float) -> list[SceneWindow]:
    """Cut windows of a side from all over a picture, half a cell apart."""
    scale = _WINDOW / side
    wide = round(SIDE * scale)
    image = Image.fromarray((small * 255 + 0.5).astype(np.uint8)).resize((wide, wide), Image.Resampling.BICUBIC)
    reach = _WINDOW // 4
    pixels = np.pad(np.asarray(image, np.float64) / 255, ((reach, reach), (reach, reach), (0, 0)), "edge")
    windows = []
    for down, across in ((0, 0), (0, 3), (3, 0), (3, 3)):
        part = pixels[down:, across:]
        edges = _edges(part)
        for row, column in np.ndindex(*edges.shape[:2]):
            top, left = row * _CELL, column * _CELL
            x, y = ((start + _WINDOW / 2 - reach) / scale for start in (left + across, top + down))
            if HEIGHTS[0] < y / SIDE < HEIGHTS[1]:
                cells = _colours(part[top : top + _WINDOW, left : left + _WINDOW])
                windows.append(SceneWindow(x, y, side, edges[row, column], cells))
    return windows


def _edges(pixels: Floats) -> Floats:
    """Return the histograms of oriented gradients of all windows, a cell apart: (rows, columns, features)."""
    found = hog(
        pixels,
        orientations=9,
        pixels_per_cell=(_CELL, _CELL),
        cells_per_block=(_CELLS, _CELLS),
        block_norm="L1-sqrt",
        feature_vector=False,
        channel_axis=-1,
    )
    edges: Floats = found.reshape(*found.shape[:2], -1)
    return edges


def _colours(pixels: Floats) -> Floats:
    colours: Floats = pixels.reshape(_CELLS, _CELL, _CELLS, _CELL, 3).mean(axis=(1, 3))
    return colours


def shared_area(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the area that two squares (x, y, side) have in common."""
    across, down = (
        min(first[n] + first[2] / 2, second[n] + second[2] / 2)
        - max(first[n] - first[2] / 2, second[n] - second[2] / 2)
        for n in (0, 1)
    )
    return max(0.0, across) * max(0.0, down)
