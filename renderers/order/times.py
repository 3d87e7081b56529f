"""How long a painter takes for each stroke of a program: what two timed sketches by people say.

A stroke takes a moment to set down, the way of the brush, the more the broader it is (paint is loaded and spread), and
the way of the hand to it. In the sketches (DifferSketching, Xiao et al. 2022) it is .13 s and 1.1 to 3.4 s a side of
drawing, and three quarters of the time the pen is up.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from underpaint.renderers.program import ProgramData
from underpaint.renderers.strokes.columns import CX, CY, LENGTH, R0, R1

Float64 = npt.NDArray[np.float64]

# Shares of one unit, the time of a stroke of a side's length and a quarter of it wide.
SET_DOWN, ALONG, SPREAD, HOP = 0.02, 0.25, 4.0, 0.1
# One steps back, looks, and mixes the next colour.
PAUSE = 0.08


def stroke_times(program: ProgramData, place: npt.NDArray[np.integer] | None = None) -> Float64:
    """Return how long each stroke takes, float64 (N,), above 0, in a unit of its own.

    A stroke of length L and width W, in sides of the canvas, a way h from the one before, takes
    .02 + .25 L + 4 L W + .1 h, and .08 more where the place changes. Phases that the program gives a share of the time,
    in its array `time` (float32, one a phase, 0 leaves it to the strokes), take that share.

    Args:
        program: the strokes; `size` is what their numbers refer to.
        place: int (N,), the place or region where each stroke belongs; the program's array `place` if not given, and
            if there is none, there are no pauses.
    """
    strokes, side = program.strokes.astype(np.float64), max(program.size)
    length = (strokes[:, LENGTH] + strokes[:, R0] + strokes[:, R1]) / side
    width = 2 * np.maximum(strokes[:, R0], strokes[:, R1]) / side
    times = SET_DOWN + ALONG * length + SPREAD * length * width
    if len(times) > 1:
        x, y = np.diff(strokes[:, CX]) / side, np.diff(strokes[:, CY]) / side
        times[1:] += HOP * np.sqrt(x * x + y * y)
        place = program.arrays.get("place") if place is None else place
        if place is not None:
            times[1:] += PAUSE * (np.diff(place) != 0)
    return _in_shares(times, program)


def _in_shares(times: Float64, program: ProgramData) -> Float64:
    """Stretch the times of each phase that has a share of the whole so that it has; the others share what is left."""
    shares = program.arrays.get("time")
    if shares is None or not len(times):
        return times
    assert program.phase is not None
    assert shares.shape == (len(program.phases),)
    assert (shares >= 0).all()
    present = np.bincount(program.phase, minlength=len(shares)) > 0
    shares = np.where(present, shares, 0).astype(np.float64)
    free = ~(shares > 0)[program.phase]
    rest = times[free].sum()
    whole = rest / (1 - shares.sum()) if rest > 0 and shares.sum() < 1 else times.sum() / shares.sum()
    for number, share in enumerate(shares):
        if share > 0:
            here = program.phase == number
            times[here] *= share * whole / times[here].sum()
    return times
