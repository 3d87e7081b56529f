"""Which samples deserve a second look: the worst, and those unlike the others of their kind."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from underpaint.datagen.report.rows import Row, by_group

# From here on, as Iglewicz and Hoaglin advise, a value is taken for an outlier.
ODD = 3.5
# Below this many samples of a kind, nobody can say what is usual.
FEWEST = 8
# A spread below this share of the median counts as this share: what differs by a thousandth isn't odd.
_LEAST_SPREAD = 0.01


@dataclass(frozen=True)
class Oddity:
    """How far a sample is from the usual, and in what.

    Attributes:
        number: which row.
        score: modified z-score of the measure that stands out most.
        measure: name of what stands out most, for people.
        value: of this sample, as text.
        usual: the median of its kind, as text.
    """

    number: int
    score: float
    measure: str
    value: str
    usual: str

    @property
    def reason(self) -> str:
        """What is odd, in words."""
        return f"{self.measure} {self.value}, usually {self.usual}"


def half_way(row: Row) -> float | None:
    """Return the PSNR of the middle frame in dB."""
    return row.curve[len(row.curve) // 2] if row.curve else None


def largest_step(row: Row) -> float | None:
    """Return the largest rise of PSNR from one frame to the next in dB; None where no two neighbours have a PSNR."""
    steps = [b - a for a, b in pairwise(row.curve) if a is not None and b is not None]
    return max(steps, default=None)


def _decibel(value: float) -> str:
    return f"{value:.1f} dB"


# Name, value of a row, and how it is written.
MEASURES: tuple[tuple[str, Callable[[Row], float | None], Callable[[float], str]], ...] = (
    ("final PSNR", lambda row: row.psnr, _decibel),
    ("PSNR half-way", half_way, _decibel),
    ("largest step", largest_step, _decibel),
    ("strokes", lambda row: float(row.strokes), lambda value: f"{value:,.0f}"),
    ("bytes per pixel", lambda row: row.bytes / (row.canvas[0] * row.canvas[1]), lambda value: f"{value:.2f}"),
)


def modified_z(values: Sequence[float | None]) -> NDArray[np.float64]:
    """Return modified z-scores, 0.6745 (x - median) / MAD, float64 (n,); missing values have 0.

    Where more than half of the values are equal the mean absolute deviation takes the place of the median one
    (Iglewicz and Hoaglin, "How to detect and handle outliers", 1993).
    """
    array = np.array([np.nan if value is None else value for value in values], np.float64)
    there = np.isfinite(array)
    if there.sum() < FEWEST:
        return np.zeros(len(array))
    away = array - np.median(array[there])
    distances = np.abs(away[there])
    spread = np.median(distances) / 0.6745 or distances.mean() * math.sqrt(math.pi / 2)
    spread = max(spread, _LEAST_SPREAD * abs(float(np.median(array[there]))))
    return np.where(there, away / spread, 0.0) if spread > 0 else np.zeros(len(array))


def oddities(rows: Sequence[Row]) -> list[Oddity]:
    """Return one oddity a row, in their order: the measure in which it differs most from others of its renderer."""
    found: dict[int, Oddity] = {}
    numbers = {row.key: number for number, row in enumerate(rows)}
    for members in by_group(rows).values():
        values = [[value(row) for row in members] for _, value, _ in MEASURES]
        scores = np.stack([np.abs(modified_z(column)) for column in values])
        for place, row in enumerate(members):
            which = int(scores[:, place].argmax())
            name, _, written = MEASURES[which]
            there = [value for value in values[which] if value is not None]
            value = values[which][place]
            found[numbers[row.key]] = Oddity(
                number=numbers[row.key],
                score=float(scores[which, place]),
                measure=name,
                value="-" if value is None else written(value),
                usual=written(float(np.median(there))) if there else "-",
            )
    return [found[number] for number in range(len(rows))]


def oddest(odd: Sequence[Oddity], count: int) -> list[Oddity]:
    """Return up to `count` oddities from `ODD` on, the oddest first."""
    return sorted((each for each in odd if each.score >= ODD), key=lambda each: -each.score)[:count]


def worst(rows: Sequence[Row], each: int) -> list[int]:
    """Return the numbers of the rows with the lowest final PSNR, `each` of every group whose paintings have one.

    By group, as media differ in how near they mean to come: ink never reaches what oil does.
    """
    numbers = {row.key: number for number, row in enumerate(rows)}
    found: list[int] = []
    for members in by_group(rows).values():
        rated = [(row.psnr, numbers[row.key]) for row in members if row.psnr is not None]
        found += [number for _, number in sorted(rated)[:each]]
    return found
