"""More frames than a motion module was trained with, painted as key frames first and then what lies between them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import pairwise

import numpy as np
from torch import Tensor

from underpaint.pipelines.windows import with_frames

# Clean latents (B, C, F, h, w) of as many frames as the module was trained with, the numbers of the conditioning frames
# among them, and whether this is the whole process rather than a stretch of it; gives the latents of all.
Paint = Callable[[Tensor, frozenset[int], bool], Tensor]


def paint_by_keys(paint: Paint, latents: Tensor, given: Collection[int], window: int, *, whole: bool = True) -> Tensor:
    """Paint key frames over the whole process, then each stretch conditioned on its two ends, as deep as it takes.

    Args:
        paint: paints as many frames as `window`.
        latents: (B, C, F, h, w), of the conditioning frames; what it holds elsewhere doesn't matter.
        given: numbers of the conditioning frames.
        window: frames of each painting, at least 3.
        whole: whether it is a whole process.

    Returns:
        Latents of all frames.

    Raises:
        ValueError: there are more conditioning frames than the window holds.
    """
    frames = latents.shape[2]
    if frames <= window:
        # A short stretch is painted with as many frames as in training, of which some are taken.
        places = spread(frames, window)
        stretched = latents.new_zeros((*latents.shape[:2], window, *latents.shape[3:]))
        stretched[:, :, places] = latents
        return paint(stretched, frozenset(places[number] for number in given), whole)[:, :, places]
    keys = list(with_frames(spread(window, frames), given))
    made = latents.clone()
    inside = frozenset(place for place, number in enumerate(keys) if number in given)
    made[:, :, keys] = paint(latents[:, :, keys], inside, whole)
    for start, end in pairwise(keys):
        if end - start > 1:
            stretch = made[:, :, start : end + 1]
            made[:, :, start : end + 1] = _between(paint, stretch, window)
    return made


def _between(paint: Paint, stretch: Tensor, window: int) -> Tensor:
    """Paint a stretch whose ends there are; they stay as they are."""
    last = stretch.shape[2] - 1
    painted = paint_by_keys(paint, stretch, (0, last), window, whole=False)
    painted[:, :, [0, last]] = stretch[:, :, [0, last]]
    return painted


def spread(count: int, places: int) -> list[int]:
    """Return `count` numbers out of 0..places-1, even, from the first to the last."""
    assert 2 <= count <= places, (count, places)
    return [int(place) for place in np.linspace(0, places - 1, count).round()]
