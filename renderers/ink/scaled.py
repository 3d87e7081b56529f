"""The tones to reach, at one scale."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from PIL import Image

from underpaint.renderers.strokes.columns import A0, A1, BLUE, RED
from underpaint.renderers.strokes.kernels import paint_strokes
from underpaint.renderers.strokes.structure import structure_tensor
from underpaint.renderers.strokes.tiles import TILE_PIXELS, Float32, Grid, make_grid, to_tiles

# A thousand marks cannot say more than a canvas of 512 px holds; more marks earn a larger one.
_WORKING_SIDE, _WORKING_STROKES = 512, 1000
# Coarser canvases say nothing: long side and short side in pixels.
_LEAST_LONG_SIDE, _LEAST_SHORT_SIDE = 32, 8


def working_picture(
    image: npt.NDArray[np.uint8], strokes: int, side: float = _WORKING_SIDE, narrowest: int = 2 * _LEAST_SHORT_SIDE
) -> npt.NDArray[np.uint8]:
    """Return the picture, uint8 (H, W, 3), as small as `strokes` marks allow.

    Args:
        image: uint8 (H, W, 3).
        strokes: the budget, at least 1.
        side: the longer side, px, on which a thousand marks or fewer are fitted.
        narrowest: the least that the shorter side may be, px.
    """
    height, width = image.shape[:2]
    longest = side * math.sqrt(max(strokes / _WORKING_STROKES, 1.0))
    scale = min(1.0, max(longest / max(height, width), narrowest / min(height, width)))
    if scale == 1.0:
        return image
    size = round(width * scale), round(height * scale)
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BOX))


def light(grid: Grid, channels: int) -> Float32:
    """Return bare paper: tiles float32 (rows, columns, channels, 64) of ones."""
    return np.ones((len(grid.y_TP), len(grid.x_TP), channels, TILE_PIXELS), np.float32)


class ScaledTones:
    """The tones of a picture at one scale.

    Attributes:
        scale: its size as a share of the picture's.
        grid: its pixel centres.
        tones: tiles float32 (rows, columns, 3, 64), the share of the paper's light to let through, per channel.
        tone: tiles float32 (rows, columns, 1, 64), how far ink alone may go: to the lightest channel, since colour
            can't lighten the others again.
        tensor: float32 (3, h, w), their structure tensor.
    """

    def __init__(self, tones: Float32, scale: float) -> None:
        """`tones` is float32 (H, W, 3), 0..1; a `scale` too small to show anything is raised."""
        height, width = tones.shape[:2]
        least = max(_LEAST_LONG_SIDE / max(height, width), _LEAST_SHORT_SIDE / min(height, width))
        self.scale = min(1.0, max(scale, least))
        tones = shrink(tones, self.scale)
        self.grid = make_grid(*tones.shape[:2])
        self.tones = to_tiles(tones)
        self.tone: Float32 = np.ascontiguousarray(self.tones.max(axis=2, keepdims=True))
        self.tensor = structure_tensor(tones)

    def paint_smooth(self, shapes: Float32, absorbance: Float32 | None = None) -> Float32:
        """Return the light that shapes (N, 13), in pixels of this scale, let through as smooth brushes.

        `absorbance` (N,) stands in for their opacities. Returns tiles float32 (rows, columns, 1, 64).
        """
        black = shapes.copy()
        black[:, RED : BLUE + 1] = 0
        if absorbance is not None:
            black[:, A0 : A1 + 1] = absorbance[:, None]
        canvas = light(self.grid, 3)
        paint_strokes(canvas, self.grid.x_TP, self.grid.y_TP, black)
        return np.ascontiguousarray(canvas[:, :, :1])


def shrink(planes: Float32, scale: float) -> Float32:
    """Return float32 (H, W, 3) at `scale` of its size, each pixel the mean of those it stands for."""
    height, width = (max(1, round(side * scale)) for side in planes.shape[:2])
    if (height, width) == planes.shape[:2]:
        return planes
    channels = [Image.fromarray(np.ascontiguousarray(planes[..., channel])) for channel in range(3)]
    return np.stack([np.asarray(channel.resize((width, height), Image.Resampling.BOX)) for channel in channels], axis=2)
