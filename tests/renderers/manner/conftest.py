"""What the tests of the painter's manner share: made scenes, and where strokes lie."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from tests.pictures import load_picture
from underpaint.renderers.order.scene import Scene, look
from underpaint.renderers.strokes.columns import BLUE, RED
from underpaint.renderers.strokes.kernels import paint_strokes
from underpaint.renderers.strokes.tiles import Float32, blank_tiles, from_tiles, make_grid

UInt8 = npt.NDArray[np.uint8]
Lay = Callable[..., Float32]


def scene_of(labels: npt.NDArray[np.integer], order: list[int], salient: int | None = None) -> Scene:
    """A scene of known regions, from the back to the front; one of them may be salient."""
    saliency = (labels == salient).astype(np.float32)
    subject = np.arange(len(order)) == (order[-1] if salient is None else salient)
    return Scene(labels=labels.astype(np.int32), order=np.array(order, np.int32), subject=subject, saliency=saliency)


def laid(strokes: Float32, height: int, width: int, ground: tuple[float, float, float] = (0, 0, 0)) -> Float32:
    """The canvas under strokes, float32 (H, W, 3)."""
    grid = make_grid(height, width)
    tiles = blank_tiles(grid, np.array(ground, np.float32))
    paint_strokes(tiles, grid.x_TP, grid.y_TP, strokes)
    return from_tiles(tiles, height, width)


def covered(strokes: Float32, height: int, width: int) -> npt.NDArray[np.bool_]:
    """Where strokes cover more than half of a pixel, whatever their colour, bool (H, W)."""
    white = strokes.copy()
    white[:, RED : BLUE + 1] = 1
    return np.asarray(laid(white, height, width)[..., 0] > 0.5)


def disc(height: int, width: int, y: float, x: float, radius: float) -> npt.NDArray[np.bool_]:
    rows, columns = np.mgrid[:height, :width] + 0.5
    return np.asarray(np.hypot(rows - y, columns - x) < radius)


def landscape(height: int, width: int) -> tuple[UInt8, npt.NDArray[np.int32]]:
    """A sky over a meadow, on which stands a yellow sun: picture, and regions 0, 1 and 2."""
    labels = np.zeros((height, width), np.int32)
    labels[height * 3 // 5 :] = 1
    labels[disc(height, width, 0.6 * height, width / 2, 0.22 * height)] = 2
    colours = np.array([(120, 160, 220), (60, 120, 50), (240, 210, 90)], np.uint8)
    return colours[labels], labels


@pytest.fixture(scope="session")
def photo() -> UInt8:
    """96 x 128 px."""
    return load_picture("flower", (96, 128))


@pytest.fixture(scope="session")
def scene(photo: UInt8) -> Scene:
    """What a painter sees in the photo."""
    return look(photo)
