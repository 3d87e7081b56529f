"""What an evaluation found: figures of every process, their means, and the words that go with them."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

FORMAT_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Score:
    """One process.

    Attributes:
        name: of its file or folder, or its key.
        source: of its picture, in a corpus.
        renderer: in a corpus.
        frames: how many were read.
        size: height and width at which all was compared.
        target: what the last frame was compared with: `given`, `stored`, `reference`, or None.
        reference: name of the process it was compared with.
        metrics: by the names in `measures.MEASURES`.
        profile: distance of each frame to the last.
        reference_profile: the same of the reference.
        changed: share of the canvas that each step changes.
    """

    name: str
    source: str
    renderer: str | None
    frames: int
    size: tuple[int, int]
    target: str | None
    reference: str | None
    metrics: dict[str, float]
    profile: list[float]
    reference_profile: list[float] | None
    changed: list[float]


@dataclass(frozen=True, kw_only=True)
class Mean:
    """Mean, standard deviation (of a sample; 0 of a single one) and number of processes that have a measure."""

    mean: float
    deviation: float
    count: int


@dataclass(frozen=True, kw_only=True)
class Report:
    """All of an evaluation.

    Attributes:
        config: settings, as JSON values.
        versions: of Underpaint and of the libraries that compute.
        scores: one for each process, in order.
        whole: measures of all processes together, such as `fid`.
        notes: what is left out, and why.
        skipped: name of a process that can't be read, and the reason.
    """

    config: dict[str, Any]
    versions: dict[str, str]
    scores: tuple[Score, ...]
    whole: dict[str, float]
    notes: tuple[str, ...]
    skipped: dict[str, str]

    def means(self) -> dict[str, Mean]:
        """Return the mean of each measure over the processes that have it."""
        return means(self.scores)

    def groups(self) -> dict[str, tuple[Score, ...]]:
        """Return processes by renderer, in the order of their first; all in one group, `all`, where there are none."""
        found: dict[str, list[Score]] = {}
        for score in self.scores:
            found.setdefault(score.renderer or "all", []).append(score)
        return {name: tuple(scores) for name, scores in found.items()}

    def to_record(self) -> dict[str, Any]:
        """Return the content of evaluation.json; finite numbers only."""
        groups = self.groups()
        return {
            "format": FORMAT_VERSION,
            "config": self.config,
            "versions": self.versions,
            "processes": [asdict(score) for score in self.scores],
            "mean": _plain(self.means()),
            "renderers": {name: _plain(means(scores)) for name, scores in groups.items()} if len(groups) > 1 else {},
            "whole": self.whole,
            "notes": list(self.notes),
            "skipped": self.skipped,
        }


def means(scores: Sequence[Score]) -> dict[str, Mean]:
    """Return the mean of each measure over the processes that have it."""
    values: dict[str, list[float]] = {}
    for score in scores:
        for name, value in score.metrics.items():
            values.setdefault(name, []).append(value)
    return {
        name: Mean(
            mean=statistics.fmean(found),
            deviation=statistics.stdev(found) if len(found) > 1 else 0.0,
            count=len(found),
        )
        for name, found in values.items()
    }


def _plain(found: dict[str, Mean]) -> dict[str, dict[str, float]]:
    return {name: asdict(mean) for name, mean in found.items()}
