"""`underpaint evaluate` on what was reconstructed, beside the corpus's own processes of the same pictures."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from underpaint.datagen.export import export
from underpaint.experiments.findings import Finding, Sheet
from underpaint.experiments.trials.context import TrialContext, UInt8
from underpaint.experiments.trials.reconstruct import PAINTED, PICTURES
from underpaint.pipelines.evaluation.config import EvaluateConfig
from underpaint.pipelines.evaluation.measures import MEASURES
from underpaint.pipelines.evaluation.plot import plot_curves
from underpaint.pipelines.evaluation.progress import progress
from underpaint.pipelines.evaluation.report import Mean, Report
from underpaint.pipelines.evaluation.run import evaluate
from underpaint.pipelines.evaluation.table import ARROWS

_DIGITS = 3


@dataclasses.dataclass(frozen=True, eq=False)
class _Frames:
    """What datagen's export wants to know of a sample."""

    pixels: UInt8

    def frames(self) -> UInt8:
        return self.pixels


def evaluate_trial(context: TrialContext) -> Finding:
    """The measures of a process, painted by the networks and by the renderer, over the same pictures.

    Raises:
        ValueError: nothing was reconstructed with these settings yet.
    """
    painted, folder = context.folder("reconstruct") / PAINTED, context.folder("evaluate")
    if not context.finished("reconstruct"):
        raise ValueError(f"nothing is in {painted} that these settings painted: run the trial `reconstruct` first")
    references = _write_references(context, folder / "references")
    size, frames = context.pipeline.parts.size, context.pipeline.parts.window
    there = list(references.glob("*.webp"))
    theirs = evaluate(EvaluateConfig(process=references, size=size, frames=frames)) if there else None
    ours = evaluate(
        EvaluateConfig(
            process=painted,
            reference=references if len(there) > 1 else None,  # a single one would be taken for that of every picture
            target=context.folder("reconstruct") / PICTURES,
            out=folder / "painted",
            size=size,
            frames=frames,
        )
    )
    _plot(ours, folder / "progress.png")
    words = (
        "`underpaint evaluate` of the paintings above, and of what the renderer "
        f"`{context.config.medium}` makes of the same pictures, as far as the corpus has them in it, with as many "
        "frames. Mean ± standard deviation; "
        "docs/evaluation.md defines the measures."
    )
    sheet = Sheet(file="progress.png", words="Progress over time of the paintings; dashed the renderer's.")
    return Finding(title="The usual measures", words=words, table=_table(ours, theirs), sheets=[sheet], figures=None)


def _write_references(context: TrialContext, folder: Path) -> Path:
    """The corpus's own process of each picture that it has in that medium, under the picture's new name."""
    real = {process.source: process for process in context.processes.get(context.config.medium, ())}
    for number, picture in enumerate(context.pictures):
        if picture.name in real:
            export(_Frames(real[picture.name].frames), folder / f"{number:03d}.webp")
    return folder


def _plot(ours: Report, out: Path) -> None:
    """Progress over time, as `underpaint evaluate --plot` draws it."""
    painted = [progress(np.array(score.profile)) for score in ours.scores]
    real = [progress(np.array(score.reference_profile)) for score in ours.scores if score.reference_profile]
    plot_curves({"painted": painted}, {"the renderer's": real} if real else {}, out)


def _table(ours: Report, theirs: Report | None) -> list[list[str]]:
    painted, real = ours.means(), theirs.means() if theirs else {}
    rows = [["measure", "painted", "the renderer's"]]
    for name, measure in MEASURES.items():
        if name in painted:
            title = f"{measure.title} {ARROWS[measure.better]}".strip()
            rows.append([title, _figure(painted[name]), _figure(real.get(name))])
    return rows


def _figure(mean: Mean | None) -> str:
    return "–" if mean is None else f"{mean.mean:.{_DIGITS}f} ± {mean.deviation:.{_DIGITS}f}"
