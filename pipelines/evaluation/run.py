"""The evaluation itself: one process after the other."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import underpaint
from underpaint.datagen.format.atomic import atomic_file, write_json
from underpaint.pipelines.evaluation.changes import changed
from underpaint.pipelines.evaluation.config import EvaluateConfig
from underpaint.pipelines.evaluation.matching import Targets, fit, match
from underpaint.pipelines.evaluation.measures import against_reference, of_order, of_picture, of_process
from underpaint.pipelines.evaluation.networks import MeasureNetworks, load_networks
from underpaint.pipelines.evaluation.progress import Frames, profile
from underpaint.pipelines.evaluation.report import Report, Score
from underpaint.pipelines.evaluation.sequences import ProcessSource, View, find_processes
from underpaint.pipelines.evaluation.table import markdown

LIBRARIES = ("numpy", "scikit-image", "scipy", "pillow")

Begin = Callable[[str, int, int], None]


def evaluate(config: EvaluateConfig, begin: Begin | None = None) -> Report:
    """Measure processes, one in memory at a time, and write what the config asks for.

    Args:
        config: what to measure, and against what.
        begin: called with the name of each process, its number and how many there are, before it is read.

    Raises:
        ValueError: nothing there, or none of it can be used; says what to do. A process that can't be read among
            others is skipped and listed.
        OSError: `config.out` can't be a folder.
    """
    _prepare(config)
    processes = find_processes(config.process)
    references = [] if config.reference is None else find_processes(config.reference)
    targets = Targets(config.target)
    networks, notes = load_networks(config)
    judge = _Judge(config, references, targets, networks)
    scores, skipped = [], {}
    for number, process in enumerate(processes):
        if begin is not None:
            begin(process.name, number, len(processes))
        try:
            scores.append(judge.score(process))
        except ValueError as error:
            skipped[process.name] = str(error)
    if not scores:
        raise ValueError(_nothing(skipped))
    whole, remarks = judge.whole()
    report = Report(
        config=_plain(config),
        versions={"underpaint": underpaint.__version__} | {name: version(name) for name in LIBRARIES},
        scores=tuple(scores),
        whole=whole,
        notes=(*_left_out(scores, config), *notes, *remarks),
        skipped=skipped,
    )
    _write(report, config)
    return report


class _Judge:
    """A judge of processes, which keeps what the measures of all of them together need."""

    def __init__(
        self, config: EvaluateConfig, references: Sequence[ProcessSource], targets: Targets, networks: MeasureNetworks
    ) -> None:
        self._references, self._targets, self._networks = references, targets, networks
        self._threshold = config.threshold
        self._view = View(size=config.size, aspect=config.aspect, frames=config.frames, threshold=config.threshold)
        self._features: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []

    def score(self, process: ProcessSource) -> Score:
        """Take all measures of one process.

        Raises:
            ValueError: it, its target or its reference can't be used.
        """
        frames = process.read(self._view)
        other = match(process, self._references) if self._references else None
        reference = None if other is None else self._like(other, frames)
        kind, target = self._target(process, frames, reference)
        metrics = of_process(frames, self._threshold) | of_order(frames, process.renderer, process.strokes())
        if target is not None:
            metrics |= of_picture(frames[-1], target, self._networks)
            self._remember(frames[-1], target)
        if reference is not None:
            metrics |= against_reference(frames, reference, self._threshold, self._networks)
        return Score(
            name=process.name,
            source=process.source,
            renderer=process.renderer,
            frames=len(frames),
            size=(frames.shape[1], frames.shape[2]),
            target=kind,
            reference=None if other is None else other.name,
            metrics=metrics,
            profile=profile(frames).tolist(),
            reference_profile=None if reference is None else profile(reference).tolist(),
            changed=[float(mask.mean()) for mask in changed(frames, self._threshold)],
        )

    def _like(self, other: ProcessSource, frames: Frames) -> Frames:
        """The frames of a reference at the size of a process's."""
        view = dataclasses.replace(self._view, size=min(frames.shape[1:3]))
        try:
            read = other.read(view)
        except ValueError as error:
            raise ValueError(f"reference {error}") from error
        return fit(read, frames, f"reference {other.name}")

    def _target(
        self, process: ProcessSource, frames: Frames, reference: Frames | None
    ) -> tuple[str | None, NDArray[np.uint8] | None]:
        target = self._targets.of(process, self._view, min(frames.shape[1:3]))
        if target is not None:
            kind = "given" if self._targets.has(process) else "stored"
            return kind, fit(target[None], frames, f"target of {process.name}")[0]
        return (None, None) if reference is None else ("reference", reference[-1])

    def _remember(self, last: NDArray[np.uint8], target: NDArray[np.uint8]) -> None:
        inception = self._networks.inception
        if inception is not None:
            self._features.append((inception.features(last), inception.features(target)))

    def whole(self) -> tuple[dict[str, float], list[str]]:
        """Take the measures of all processes together, and remarks on them."""
        if self._networks.inception is None:
            return {}, []
        count = len(self._features)
        if count < 2:
            return {}, [f"no FID: it compares sets, and {count} process{'es' * (count != 1)} with a target is none"]
        from underpaint.pipelines.evaluation.frechet import frechet_distance

        ours, targets = (np.stack(features) for features in zip(*self._features, strict=True))
        small = [f"FID over {count} pictures: it is too high below some ten thousand"] if count < 10_000 else []
        return {"fid": frechet_distance(ours, targets)}, small


def _nothing(skipped: dict[str, str]) -> str:
    reasons = list(skipped.values())
    if len(reasons) == 1:
        return reasons[0]
    return f"none of {len(reasons)} processes can be used; the first: {reasons[0]}"


def _left_out(scores: Sequence[Score], config: EvaluateConfig) -> list[str]:
    """A line for each kind of measure that processes lack."""
    lines = []
    without = [score.name for score in scores if score.target is None]
    if without:
        lines.append(f"{_some(without, len(scores))} without a target: no errors of the last frame; give --target")
    still = [score.name for score in scores if "human" not in score.metrics]
    if still:
        lines.append(f"{_some(still, len(scores))} with fewer than three frames with marks: not compared with people's")
    borrowed = sum(score.target == "reference" for score in scores)
    if borrowed:
        lines.append(f"last frames of references are the targets of {borrowed} of {len(scores)}")
    alone = [score.name for score in scores if score.reference is None]
    if alone:
        hint = "give --reference" if config.reference is None else "none has its key, source or file name"
        lines.append(f"{_some(alone, len(scores))} without a reference: no comparison of the order; {hint}")
    if len({score.frames for score in scores}) > 1:
        lines.append("processes of several lengths: what is measured by the step isn't comparable; --frames evens them")
    return lines


def _some(names: Sequence[str], total: int) -> str:
    if len(names) == total:
        return "all" if total > 1 else names[0]
    return f"{len(names)} of {total} ({', '.join(names[:3])}{', …' * (len(names) > 3)})"


def _plain(config: EvaluateConfig) -> dict[str, Any]:
    values = dataclasses.asdict(config)
    return {name: os.fspath(value) if isinstance(value, Path) else value for name, value in values.items()}


def _prepare(config: EvaluateConfig) -> None:
    """Fail before the work rather than after it, where there is nowhere to write, or nothing to draw with."""
    if config.out is not None:
        config.out.mkdir(parents=True, exist_ok=True)
    if config.plot is not None:
        from underpaint.pipelines.evaluation.plot import figure_class

        figure_class()


def _write(report: Report, config: EvaluateConfig) -> None:
    if config.out is not None:
        write_json(config.out / "evaluation.json", report.to_record())
        with atomic_file(config.out / "evaluation.md") as file:
            file.write(markdown(report).encode())
    if config.plot is not None:
        from underpaint.pipelines.evaluation.plot import plot_report

        plot_report(report, config.plot)
