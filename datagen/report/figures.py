"""What the charts of a page show, computed from its rows and films."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from underpaint.datagen.report.rows import Row, by_group

# As many points as a chart can show apart; processes of other lengths are read at the nearest frame.
POINTS = 33
BINS = 28


@dataclass(frozen=True, kw_only=True)
class Band:
    """A curve of many: the median of a group, and what holds the middle 80 % of it; infinite where it has no value.

    Attributes:
        group: name of the group.
        x: progress, 0 to 1, float64 (n,).
        low, middle, high: 10, 50 and 90 % at each x.
    """

    group: str
    x: NDArray[np.float64]
    low: NDArray[np.float64]
    middle: NDArray[np.float64]
    high: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Histogram:
    """Counts by group over bins that all groups share.

    Attributes:
        name: what is counted, with its unit.
        edges: limits of the bins, float64 (b + 1,).
        counts: samples of each group in each bin, int64 (b,).
    """

    name: str
    edges: NDArray[np.float64]
    counts: Mapping[str, NDArray[np.int64]]


def psnr_bands(rows: Sequence[Row]) -> list[Band]:
    """Return PSNR over progress, in dB, for each group."""
    return [
        _band(name, [[np.inf if psnr is None else psnr for psnr in row.curve] for row in members])
        for name, members in by_group(rows).items()
    ]


def change_bands(changes: Mapping[str, Sequence[Sequence[float]]]) -> list[Band]:
    """Return the change from frame to frame, in percent of the range, for each group; see `films.changes`."""
    percent = {name: [[100 * change for change in curve] for curve in curves] for name, curves in changes.items()}
    return [_band(name, curves) for name, curves in percent.items()]


def _band(group: str, curves: Sequence[Sequence[float]]) -> Band:
    longest = max(len(curve) for curve in curves)
    x = np.linspace(0, 1, max(2, min(longest, POINTS)))
    # The nearest frame and not a value in between: halfway to infinity there is none.
    table = np.array([[curve[round(at * (len(curve) - 1))] for at in x] for curve in curves if curve])
    # "lower" takes a value that is there, where interpolating would meet infinity minus infinity.
    low, middle, high = np.quantile(table, (0.1, 0.5, 0.9), axis=0, method="lower")
    return Band(group=group, x=x, low=low, middle=middle, high=high)


def histograms(rows: Sequence[Row]) -> list[Histogram]:
    """Count final PSNR, strokes and sizes in bins; a quantity that no row has is left out."""
    quantities: tuple[tuple[str, Callable[[Row], float | None]], ...] = (
        ("final PSNR, dB", lambda row: row.psnr),
        ("strokes", lambda row: row.strokes or None),  # recorded processes have none
        ("kB a sample", lambda row: row.bytes / 1000),
    )
    drawn = (_histogram(name, rows, value) for name, value in quantities)
    return [each for each in drawn if each is not None]


def _histogram(name: str, rows: Sequence[Row], value: Callable[[Row], float | None]) -> Histogram | None:
    columns = {
        group: [number for number in map(value, members) if number is not None]
        for group, members in by_group(rows).items()
    }
    every = [number for numbers in columns.values() for number in numbers]
    if not every:
        return None
    edges = np.histogram_bin_edges(every, BINS)
    counts = {group: np.histogram(numbers, edges)[0].astype(np.int64) for group, numbers in columns.items() if numbers}
    return Histogram(name=name, edges=edges, counts=counts)
