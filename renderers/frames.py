"""Frame schedules: which moments of the replay become the stored frames."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

SCHEDULES = ("error", "log", "strokes")


def stroke_counts(error_curve: npt.NDArray[np.float64], n: int, schedule: str = "error") -> npt.NDArray[np.int64]:
    """After how many strokes each of `n` frames is taken.

    Args:
        error_curve: float64 (N + 1,), the mean squared error before and after each stroke.
        n: number of frames, at least 2.
        schedule: `error` takes equal steps of PSNR: layout, shapes and detail get about equal shares. (Equal steps of
            the error itself would spend three quarters of the frames on covering the paper.) `log` takes stroke counts
            in geometric steps, `strokes` in equal steps.

    Returns:
        int64 (n,), from 0 to N, strictly increasing if n <= N + 1; otherwise moments repeat.

    Raises:
        ValueError: for an unknown schedule or fewer than two frames.
    """
    total = len(error_curve) - 1
    if n < 2:
        raise ValueError(f"frames={n}: a process needs at least 2, the blank ground and the finished picture")
    steps = np.linspace(0.0, 1.0, n)
    if schedule == "error":
        # A stroke may raise the error for a moment, to be covered later; the best so far only falls.
        best = np.minimum.accumulate(np.maximum(error_curve, 1e-12))
        progress = np.log(best[0] / best)
        counts = np.searchsorted(progress, progress[-1] * steps, side="left")
    elif schedule == "log":
        counts = np.round((total + 1.0) ** steps - 1.0).astype(np.int64)
    elif schedule == "strokes":
        counts = np.round(total * steps).astype(np.int64)
    else:
        raise ValueError(f"unknown schedule {schedule!r}; use one of {', '.join(SCHEDULES)}")
    counts[0], counts[-1] = 0, total
    return _spread(counts.astype(np.int64), total)


def _spread(counts: npt.NDArray[np.int64], total: int) -> npt.NDArray[np.int64]:
    """Make the counts strictly increasing if there are enough strokes: one big stroke must not fill several frames."""
    n = len(counts)
    if n > total + 1:
        return np.round(np.linspace(0, total, n)).astype(np.int64)
    order = np.arange(n)
    spread = np.maximum.accumulate(counts - order) + order
    return np.minimum(spread, total - order[::-1])
