"""How far a painter's hand goes from one stroke to the next."""

from __future__ import annotations

import numpy as np

from underpaint.renderers.strokes.columns import CX, CY
from underpaint.renderers.strokes.tiles import Float32

# All pairs of more strokes than this don't fit in memory; so many are drawn instead, evenly over the program.
MOST_PAIRED = 2000


def hop_ratio(strokes: Float32) -> float:
    """Return the mean distance from a stroke to the next over that of the same strokes in a random order.

    1 is an order that knows nothing of place; two timed sketches by people have .34 and .35. Distances are those of the
    centres. Of a random order, the expected distance is the mean over all pairs.

    Args:
        strokes: float32 (N, 2 or more) in painting order, centres in the first two columns; N of 2 or more.
    """
    centres = strokes[:, [CX, CY]].astype(np.float64)
    hops = np.hypot(*np.diff(centres, axis=0).T)
    few = centres[np.linspace(0, len(centres) - 1, min(len(centres), MOST_PAIRED)).round().astype(int)]
    apart = np.hypot(*(few[:, None] - few[None]).transpose(2, 0, 1))
    expected = apart.sum() / (len(few) * (len(few) - 1))
    return float(hops.mean() / expected) if expected > 0 else 0.0
