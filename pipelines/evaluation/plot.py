"""Progress curves as a picture, by matplotlib."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from underpaint.datagen.format.atomic import atomic_file
from underpaint.extras import needing
from underpaint.pipelines.evaluation.progress import MOMENTS, Curve, at_moments, progress
from underpaint.pipelines.evaluation.report import Report

# Okabe and Ito's colours, which the colour-blind can tell apart; black is the reference.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
THIN = 40  # single curves that are drawn of a group; more hide each other


def plot_curves(groups: Mapping[str, Sequence[Curve]], references: Mapping[str, Sequence[Curve]], out: Path) -> None:
    """Draw progress over time: each process thin, the mean of each group thick, references dashed in black.

    Args:
        groups: curves of progress by the name of the group, each float64 (n,) from 0 to 1.
        references: curves of progress of other processes by their names, float64 (n,) from 0 to 1.
        out: .png, .svg or .pdf.

    Raises:
        MissingExtra: matplotlib isn't installed.
    """
    figure = figure_class()(figsize=(7.8, 4.4), layout="constrained")
    axes = figure.add_subplot()
    moments = np.linspace(0, 1, MOMENTS)
    for number, (name, curves) in enumerate(groups.items()):
        colour = COLOURS[number % len(COLOURS)]
        for curve in curves[:THIN] if len(curves) > 1 else ():
            axes.plot(moments, at_moments(curve), color=colour, linewidth=0.6, alpha=0.25)
        label = f"{name} ({len(curves)})" if len(curves) > 1 else name
        axes.plot(moments, _mean(curves), color=colour, linewidth=2.2, label=label)
    for number, (name, curves) in enumerate(references.items()):
        style = ("--", ":", "-.", (0, (5, 1)))[number % 4]
        axes.plot(moments, _mean(curves), color="black", linestyle=style, linewidth=1.4, label=name)
    lowest = min(0.0, *(float(c.min()) for curves in (*groups.values(), *references.values()) for c in curves))
    axes.set(
        xlim=(0, 1),
        ylim=(lowest, 1.02),
        xlabel="time",
        ylabel="progress (1 - distance to the last frame / at the start)",
    )
    axes.grid(alpha=0.25)
    figure.legend(loc="outside right upper", fontsize="small", frameon=False)
    out.parent.mkdir(parents=True, exist_ok=True)
    # Without the date and with fixed ids, equal curves give equal files.
    suffix = out.suffix.lower()
    metadata = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(suffix)
    with atomic_file(out) as file:
        figure.savefig(file, format=suffix[1:], dpi=110, metadata=metadata)


def figure_class() -> Any:
    """Import Matplotlib's `Figure`, without its global state.

    Raises:
        MissingExtra: matplotlib isn't installed.
    """
    with needing("--plot", "eval"):
        from matplotlib.figure import Figure
    return Figure


def plot_report(report: Report, out: Path) -> None:
    """Draw the progress curves of a report, by renderer, and of their references."""
    groups: dict[str, list[Curve]] = {}
    references: list[Curve] = []
    for score in report.scores:
        name = score.renderer or (score.name if len(report.scores) <= len(COLOURS) else "all")
        groups.setdefault(name, []).append(progress(np.array(score.profile)))
        if score.reference_profile is not None:
            references.append(progress(np.array(score.reference_profile)))
    plot_curves(groups, {"reference": references} if references else {}, out)


def _mean(curves: Sequence[Curve]) -> Curve:
    return np.asarray(np.mean([at_moments(curve) for curve in curves], axis=0), np.float64)
