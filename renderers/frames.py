"""Frame schedules: which moments of the replay become the stored frames."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from underpaint.renderers.limits import check_frames

SCHEDULES = ("error", "time", "change", "log", "strokes")
# Those that take equal steps of a curve that differs from program to program.
CURVED = frozenset(("error", "time", "change"))


def psnr_progress(error_curve: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return how far a painting has come, as the best PSNR so far.

    Layout, shapes and detail get about equal shares of it.

    By the error itself, three quarters of the way would be covering the paper.

    Args:
        error_curve: float64 (N + 1,), the mean squared error before and after each stroke.

    Returns:
        float64 (N + 1,), from 0, never falling: a stroke may raise the error for a moment, to be covered later.
    """
    best = np.minimum.accumulate(np.maximum(error_curve, 1e-12))
    return np.asarray(np.log(best[0] / best), np.float64)


def progress_by_phase(
    phase: npt.NDArray[np.integer], work: npt.NDArray[np.float64], shares: Sequence[float]
) -> npt.NDArray[np.float64]:
    """Return how far a painting has come, float64 (N + 1,), of which each phase is a fixed share.

    Args:
        phase: int (N,), which phase each stroke belongs to.
        work: float64 (N,), at least 0, what each stroke counts within its phase.
        shares: of the phases, in a unit of their own. A phase without strokes has none.
    """
    steps = np.zeros(len(work))
    for number, share in enumerate(shares):
        here = phase == number
        # A stroke that does nothing is a step as well.
        weight = work[here] + 1e-9
        steps[here] = share * weight / max(weight.sum(), 1e-9)
    return np.concatenate([[0.0], np.cumsum(steps)])


def stroke_counts(curve: npt.NDArray[np.float64], n: int, schedule: str = "error") -> npt.NDArray[np.int64]:
    """Return after how many strokes each of `n` frames is taken.

    Args:
        curve: float64 (N + 1,), from 0, never falling: how far the painting has come by the schedule, see
            `Process.stroke_counts`. `log` and `strokes` look at nothing but its length.
        n: number of frames, at least 2.
        schedule: `error`, `time` and `change` take equal steps of their curve, `log` geometric steps of the stroke
            count, `strokes` equal ones.

    Returns:
        int64 (n,), from 0 to N, strictly increasing if n <= N + 1; otherwise moments repeat.

    Raises:
        ValueError: for an unknown schedule or fewer than two frames.
    """
    total = len(curve) - 1
    check_frames(n)
    steps = np.linspace(0.0, 1.0, n)
    if schedule in CURVED:
        counts = np.searchsorted(curve, curve[-1] * steps, side="left")
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
