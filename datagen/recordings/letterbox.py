"""Black or white bars at the sides of a recording, which stay the same while everything else changes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from underpaint.datagen.pictures.picture import Box

# Compressed black and white; black also where a video says wrongly which range its values have (16 instead of 0).
# A sky can be nearly white.
BLACK, WHITE = 32, 244
# A row or column is part of a bar if that share of it is black, or white, all the time: noise does the rest.
BAR_SHARE = 0.99
# Beside a bar stands a picture with a straight edge, most of which is something else at one time or another. The margin
# of a sheet that is painted on is white too, but what is painted there begins with a few pixels.
EDGE_SHARE = 0.5
INSET = 1  # pixels more than the bar, where both are mixed


class Bars:
    """Collects what a recording shows, at a fixed size."""

    def __init__(self) -> None:
        self._brightest: NDArray[np.uint8] | None = None
        self._darkest: NDArray[np.uint8] | None = None

    def add(self, frame: NDArray[np.uint8]) -> None:
        """Count in a frame, uint8 (H, W, 3)."""
        red, green, blue = np.moveaxis(frame, 2, 0)  # ten times as fast as to reduce the last axis
        brightest, darkest = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
        if self._brightest is None or self._darkest is None:
            self._brightest, self._darkest = brightest, darkest
        else:
            np.maximum(self._brightest, brightest, out=self._brightest)
            np.minimum(self._darkest, darkest, out=self._darkest)

    def window(self) -> Box:
        """Return (left, top, right, bottom) of what lies within the bars, as shares of width and height."""
        assert self._brightest is not None, "no frame was added"
        assert self._darkest is not None
        height, width = self._brightest.shape
        left, top, right, bottom = 0, 0, width, height
        for bar in (self._brightest <= BLACK, self._darkest >= WHITE):  # white ones may lie within black ones
            x0, y0, x1, y1 = _within(bar[top:bottom, left:right])
            left, top, right, bottom = left + x0, top + y0, left + x1, top + y1
        return left / width, top / height, right / width, bottom / height


def _within(bar: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """Return (left, top, right, bottom) of what is left of (H, W) without rows and columns that belong to bars."""
    height, width = bar.shape
    top, bottom = _span(bar)
    left, right = _span(bar[top:bottom].T)
    inside = bar[top:bottom, left:right]
    if min(inside.shape) < 4:  # all is black, or nearly
        return 0, 0, width, height
    return (
        _kept(left, inside[:, INSET]),
        _kept(top, inside[INSET]),
        width - _kept(width - right, inside[:, -1 - INSET]),
        height - _kept(height - bottom, inside[-1 - INSET]),
    )


def _span(bar: NDArray[np.bool_]) -> tuple[int, int]:
    """Return the first row, and one after the last, that isn't part of a bar."""
    free = np.flatnonzero(bar.mean(axis=1) < BAR_SHARE)
    return (int(free[0]), int(free[-1]) + 1) if len(free) else (0, len(bar))


def _kept(thickness: int, beside: NDArray[np.bool_]) -> int:
    """Return the pixels to cut off: the bar if a picture with a straight edge lies beside it."""
    return thickness + INSET if thickness and beside.mean() <= EDGE_SHARE else 0
