"""The canvas as 8x8 tiles: the memory layout that lets every kernel run in vector registers.

A picture (H, W, 3) becomes tiles (H/8, W/8, 3, 64), so that one tile's channel is 64 floats in a row and the inner
loop of every kernel has the constant trip count 64. Pixel (row, column) has its centre at (column + 0.5, row + 0.5);
a picture scaled by s has all its coordinates multiplied by s, with no half-pixel offsets.

Tiles that hang over the right or lower border are filled up with pixels that lie `FAR` away. No stroke reaches them, so
they are neither painted nor counted and no kernel needs a border case.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

TILE = 8
TILE_PIXELS = TILE * TILE
# Far enough that no stroke covers it, near enough that its square is exact enough in float32.
FAR = np.float32(1e6)

Float32 = npt.NDArray[np.float32]


class Grid(NamedTuple):
    """Pixel centres of a tiled canvas.

    `x_TP` is (tile columns, 64), `y_TP` is (tile rows, 64), both float32 in pixels; `height` and `width` are those of
    the picture.
    """

    x_TP: Float32
    y_TP: Float32
    height: int
    width: int


def make_grid(height: int, width: int) -> Grid:
    """Return the pixel centres of a (height, width) canvas in tile order."""
    rows, columns = -(-height // TILE), -(-width // TILE)
    x = np.arange(columns * TILE, dtype=np.float32) + np.float32(0.5)
    y = np.arange(rows * TILE, dtype=np.float32) + np.float32(0.5)
    x[width:] = FAR
    y[height:] = FAR
    x_TP = np.broadcast_to(x.reshape(columns, 1, TILE), (columns, TILE, TILE)).reshape(columns, TILE_PIXELS)
    y_TP = np.broadcast_to(y.reshape(rows, TILE, 1), (rows, TILE, TILE)).reshape(rows, TILE_PIXELS)
    return Grid(np.ascontiguousarray(x_TP), np.ascontiguousarray(y_TP), height, width)


def to_tiles(image_HWC: Float32) -> Float32:
    """Return the tiles of an image, float32 (H, W, 3) -> (ceil(H/8), ceil(W/8), 3, 64).

    Pixels over the border repeat the edge."""
    height, width, _ = image_HWC.shape
    padded = np.pad(image_HWC, ((0, -height % TILE), (0, -width % TILE), (0, 0)), mode="edge")
    rows, columns = padded.shape[0] // TILE, padded.shape[1] // TILE
    tiles = padded.reshape(rows, TILE, columns, TILE, 3).transpose(0, 2, 4, 1, 3)
    return np.ascontiguousarray(tiles.reshape(rows, columns, 3, TILE_PIXELS))


def from_tiles(tiles: Float32, height: int, width: int) -> Float32:
    """Return the image of tiles with C channels: float32 (rows, columns, C, 64) -> (height, width, C)."""
    rows, columns, channels = tiles.shape[:3]
    image = tiles.reshape(rows, columns, channels, TILE, TILE).transpose(0, 3, 1, 4, 2)
    return np.ascontiguousarray(image.reshape(rows * TILE, columns * TILE, channels)[:height, :width])


def to_bytes(image: Float32) -> npt.NDArray[np.uint8]:
    """Return light as pixels, rounded: float32, clipped to 0..1 -> uint8, same shape."""
    pixels: npt.NDArray[np.uint8] = (np.clip(image, 0.0, 1.0) * np.float32(255) + np.float32(0.5)).astype(np.uint8)
    return pixels


def blank_tiles(grid: Grid, ground: Float32) -> Float32:
    """Return a canvas of one colour: `ground` float32 (3,) in 0..1 -> tiles float32 (rows, columns, 3, 64)."""
    tiles = np.empty((len(grid.y_TP), len(grid.x_TP), 3, TILE_PIXELS), np.float32)
    tiles[:] = ground[None, None, :, None]
    return tiles
