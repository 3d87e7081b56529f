"""Reports made by hand."""

from __future__ import annotations

from typing import Any

from underpaint.pipelines.evaluation.report import Report, Score


def score(name: str, renderer: str | None = None, **metrics: float) -> Score:
    return Score(
        name=name,
        source=name,
        renderer=renderer,
        frames=2,
        size=(16, 16),
        target=None,
        reference=None,
        metrics=metrics,
        profile=[1.0, 0.0],
        reference_profile=None,
        changed=[1.0],
    )


def report(*scores: Score, **changes: Any) -> Report:
    values: dict[str, Any] = {"config": {"process": "p"}, "versions": {}, "whole": {}, "notes": (), "skipped": {}}
    return Report(scores=scores, **(values | changes))
