"""What a chain's training told: losses by phase, as a table and as a picture."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.ticker import NullFormatter, StrMethodFormatter

from underpaint.pipelines.evaluation.plot import COLOURS, figure_class
from underpaint.training.metrics import read_metrics

NOISIEST = "loss/0.75-1.00"
_ACROSS = 3  # panels
_PIECES = 60  # of a training curve: single steps differ so much that nothing is seen


@dataclass(frozen=True, kw_only=True)
class PhaseMetrics:
    """A phase of training, by its run's metrics.

    Attributes:
        name: of the phase.
        train: its lines of training steps, in order.
        validation: its validations, the first before the first step.
    """

    name: str
    train: list[dict[str, Any]]
    validation: list[dict[str, Any]]


def read_phases(models: Path, stages: tuple[str, ...]) -> list[PhaseMetrics]:
    """The phases of several runs, in the order in which they trained."""
    phases = []
    for stage in stages:
        lines = read_metrics(models / stage / "metrics.jsonl")
        for name in dict.fromkeys(line["phase"] for line in lines):
            train, validation = (
                [line for line in lines if line["phase"] == name and line["kind"] == kind]
                for kind in ("train", "validation")
            )
            phases.append(PhaseMetrics(name=name, train=train, validation=validation))
    return phases


def losses(phases: list[PhaseMetrics]) -> list[list[str]]:
    """Validation losses of each phase, first and last, as the rows of a table."""
    rows = [["phase", "steps", "loss", "at the noisiest quarter of the levels", "there, the mean frame in all places"]]
    for phase in phases:
        first, last = phase.validation[0], phase.validation[-1]
        row = [phase.name, f"{last['step']:,}", f"{first['loss']:.4f} to {last['loss']:.4f}"]
        row.append(f"{first[NOISIEST]:.3f} to {last[NOISIEST]:.3f}" if NOISIEST in last else "–")
        rows.append([*row, f"{last['repeated']:.3f}" if "repeated" in last else "–"])
    return rows


def draw_losses(phases: list[PhaseMetrics], out: Path) -> None:
    """Draw the losses of each phase over its steps: training thin, validation thick."""
    down = math.ceil(len(phases) / _ACROSS)
    figure = figure_class()(figsize=(3.6 * _ACROSS, 2.7 * down), layout="constrained")
    for number, phase in enumerate(phases):
        axes = figure.add_subplot(down, _ACROSS, number + 1)
        axes.plot(*_smooth(phase.train), color=COLOURS[5], linewidth=1.0, label="training")
        steps, values = ([line[name] for line in phase.validation] for name in ("step", "loss"))
        axes.plot(steps, values, color=COLOURS[0], linewidth=2.0, marker="o", markersize=4, label="validation")
        axes.set(title=phase.name, yscale="log")
        plain = StrMethodFormatter("{x:.3g}")
        axes.yaxis.set_major_formatter(plain)
        # Between the powers of ten only where there are too few of them.
        axes.yaxis.set_minor_formatter(plain if max(values) < 10 * min(values) else NullFormatter())
        axes.grid(alpha=0.25, which="both")
        if number == 0:
            axes.legend(fontsize="small", frameon=False)
    out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(out, dpi=100)


def _smooth(lines: list[dict[str, Any]]) -> tuple[list[float], list[float]]:
    """Steps and losses, the means of consecutive lines."""
    size = max(1, len(lines) // _PIECES)
    pieces = [lines[start : start + size] for start in range(0, len(lines), size)]
    steps, values = ([sum(line[name] for line in piece) / len(piece) for piece in pieces] for name in ("step", "loss"))
    return steps, values
