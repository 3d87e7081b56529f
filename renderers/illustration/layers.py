"""The layers of a digital illustration, and strokes that are blended with them.

Strokes have the thirteen columns of renderers/strokes/columns.py and four more.

    BLEND   OVER, MULTIPLY, SCREEN or ERASE, as in any program for drawing
    LAYER   SKETCH, COLOUR or LINE: the colours lie undermost, the sketch on them, the clean line on top
    REGION  the region that the stroke is clipped to, -1 for none
    UNDER   0: the stroke stays in its region; 1: it also runs on under the regions of higher numbers, which come later

The colour layer is opaque. Over it sketch and line are transparent sheets, on which overlapping strokes don't add up:
the denser one shows, so that the pieces of a line join without a dot. ERASE clears these two.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numba import njit

from underpaint.renderers.illustration.clip import Clip, clip_share
from underpaint.renderers.strokes.columns import A0, A1, COLUMNS, RED, THETA
from underpaint.renderers.strokes.kernels import (
    EXACT,
    INLINE,
    ONE,
    ZERO,
    cos_sin,
    coverage,
    geometry,
    tile_range,
    touches,
)
from underpaint.renderers.strokes.tiles import TILE_PIXELS, Float32, Grid, blank_tiles, from_tiles

LAYERED_COLUMNS = (*COLUMNS, "blend", "layer", "region", "under")
BLEND, LAYER, REGION, UNDER = range(len(COLUMNS), len(LAYERED_COLUMNS))
BLENDS = ("over", "multiply", "screen", "erase")
OVER, MULTIPLY, SCREEN, ERASE = range(len(BLENDS))
LAYERS = ("sketch", "colour", "line")
SKETCH, COLOUR, LINE = range(len(LAYERS))


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Layers:
    """A canvas: `colour` is tiles float32 (rows, columns, 3, 64); `sheets` the two transparent ones, float32 (2, rows,
    columns, 4, 64), sketch and line: colour times opacity, and opacity.
    """

    grid: Grid
    clip: Clip
    colour: Float32
    sheets: Float32

    @classmethod
    def blank(cls, grid: Grid, clip: Clip, ground: Float32) -> Layers:
        """Return blank layers over a ground, float32 (3,)."""
        sheets = np.zeros((2, len(grid.y_TP), len(grid.x_TP), 4, TILE_PIXELS), np.float32)
        return cls(grid=grid, clip=clip, colour=blank_tiles(grid, ground), sheets=sheets)

    def lay(self, strokes: Float32) -> None:
        """Lay strokes, float32 (N, 17) in pixels of the canvas, in order."""
        _lay(self.colour, self.sheets, self.grid.x_TP, self.grid.y_TP, *self.clip, strokes)

    def image(self) -> Float32:
        """Return what one sees, float32 (H, W, 3)."""
        return from_tiles(self.seen(slice(None), slice(None)), self.grid.height, self.grid.width)

    def seen(self, rows: slice, columns: slice) -> Float32:
        """Return what one sees in these rows and columns of tiles, float32 (rows, columns, 3, 64)."""
        seen = self.colour[rows, columns]
        for sheet in self.sheets[:, rows, columns]:
            seen = seen * (np.float32(1) - sheet[:, :, 3:]) + sheet[:, :, :3]
        return seen


@njit(**INLINE)
def mixing(blend: Any, colour: Any) -> tuple[Any, Any]:
    """Return p and q of a blend with one channel of a colour: opacity A leaves C + A (p + q C - C) of canvas C."""
    if blend == MULTIPLY:
        return ZERO, colour
    if blend == SCREEN:
        return colour, ONE - colour
    return colour, ZERO


@njit(**EXACT)
def _lay(
    colour: Float32, sheets: Float32, x_TP: Float32, y_TP: Float32, first: Any, second: Any, share: Float32,
    strokes: Float32,
) -> None:  # fmt: skip
    K = np.empty(TILE_PIXELS, np.float32)
    for n in range(len(strokes)):
        stroke = strokes[n]
        cos, sin = cos_sin(stroke[THETA])
        geo = geometry(stroke, cos, sin)
        a0, da = stroke[A0], stroke[A1] - stroke[A0]
        blend, layer, region, under = int(stroke[BLEND]), int(stroke[LAYER]), int(stroke[REGION]), stroke[UNDER] > ZERO
        top, bottom, left, right = tile_range(stroke, cos, sin, colour.shape[0], colour.shape[1])
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                if not touches(stroke, cos, sin, row, column):
                    continue
                x, y = x_TP[column], y_TP[row]
                for i in range(TILE_PIXELS):
                    k, t = coverage(x[i], y[i], geo)
                    K[i] = (a0 + da * t) * k
                if region >= 0:
                    A, B, S = first[row, column], second[row, column], share[row, column]
                    for i in range(TILE_PIXELS):
                        K[i] *= clip_share(A[i], B[i], S[i], region, under)
                if layer == COLOUR:
                    for channel in range(3):
                        p, q = mixing(blend, stroke[RED + channel])
                        C = colour[row, column, channel]
                        for i in range(TILE_PIXELS):
                            C[i] += K[i] * (p + (q - ONE) * C[i])
                    continue
                sheet = sheets[layer // 2, row, column]
                opacity = sheet[3]
                if blend == ERASE:
                    for channel in range(4):
                        for i in range(TILE_PIXELS):
                            sheet[channel, i] *= ONE - K[i]
                    continue
                for i in range(TILE_PIXELS):
                    # What is missing to this stroke's own opacity.
                    K[i] = (K[i] - opacity[i]) / (ONE - opacity[i]) if K[i] > opacity[i] else ZERO
                for channel in range(3):
                    c = stroke[RED + channel]
                    for i in range(TILE_PIXELS):
                        sheet[channel, i] += K[i] * (c - sheet[channel, i])
                for i in range(TILE_PIXELS):
                    opacity[i] += K[i] * (ONE - opacity[i])
