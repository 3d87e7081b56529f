"""Tables of means and spreads."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence

from underpaint.experiments.ablations.figures import Figures

# By figure: title, factor, decimals and unit.
_COLUMNS = {
    "loss": ("error", 1, 4, ""),
    "loss/0.75-1.00": ("error, noisiest quarter", 1, 4, ""),
    "steps_towards": ("steps towards the last frame", 100, 0, " %"),
    "blankness": ("first frame: deviation", 1, 3, ""),
    "ground": ("first frame: mean", 1, 3, ""),
    "progress_distance": ("progress: from the real curve", 1, 3, ""),
    "mean_progress": ("mean progress", 1, 2, ""),
    "brightness": ("brightness: from the real frames'", 1, 3, ""),
    "variety": ("two paintings' last frames differ", 1, 3, ""),
    "idle": ("steps that change nothing", 100, 0, " %"),
    "changed": ("canvas changed by a step", 100, 0, " %"),
    "human": ("inside people's bands", 100, 0, " %"),
    "pace": ("pace", 1, 2, ""),
    "place": ("place", 1, 2, ""),
    "away": ("away", 1, 2, ""),
    "twice": ("twice", 1, 2, ""),
    "bare": ("bare", 1, 2, ""),
    "own_better": ("own caption better", 100, 0, " %"),
    "larger": ("error with another's", 1, 2, " times"),
    "between": ("frames between, against the last", 1, 1, " dB"),
}


def table(rows: Mapping[str, Sequence[Figures]], columns: Sequence[str]) -> str:
    """Markdown: rows for the sides, for what the others differ by from the first, and for the real processes.

    Differences are taken seed by seed, which tells more than two means: equal seeds see equal samples and noise.
    """
    lines = ["| | " + " | ".join(_COLUMNS[name][0] for name in columns) + " |", "| --- |" + " ---: |" * len(columns)]
    lines += [f"| {side} | {_cells(figures, columns)} |" for side, figures in rows.items()]
    (_, first), *others = rows.items()
    for side, figures in others:
        differences = [
            {name: one[name] - two[name] for name in columns} for one, two in zip(figures, first, strict=True)
        ]
        lines.append(f"| difference: {side} | {_cells(differences, columns, sign='+')} |")
    real: dict[str, list[str]] = {}
    for side, figures in rows.items():
        known = {name: figures[0].get(f"real/{name}", math.nan) for name in columns}
        if all(math.isnan(value) for value in known.values()):
            continue  # what is measured says nothing of real ones
        real.setdefault(_cells([known], columns), []).append(side)
    for cells, names in real.items():
        label = "real processes" if len(real) == 1 else f"real processes, {' and '.join(names)}"
        lines.append(f"| {label} | {cells} |")
    return "\n".join(lines)


def _cells(figures: Sequence[Figures], columns: Sequence[str], sign: str = "") -> str:
    return " | ".join(_cell(name, [each[name] for each in figures], sign) for name in columns)


def _cell(name: str, values: Sequence[float], sign: str) -> str:
    """Mean, and standard deviation over the seeds if there are several; empty if it means nothing there."""
    _, factor, decimals, unit = _COLUMNS[name]
    if any(math.isnan(value) for value in values):
        return ""
    scaled = [factor * value for value in values]
    spread = f" ± {statistics.stdev(scaled):.{decimals}f}" if len(scaled) > 1 else ""
    return f"{statistics.fmean(scaled):{sign}.{decimals}f}{spread}{unit}"
