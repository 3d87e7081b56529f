"""Validation losses of finished runs as one picture: `python -m benchmarks.curves OUT.png RUN...`."""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

from matplotlib.figure import Figure

from training.metrics import read_metrics


def main(out: Path, runs: list[Path]) -> None:
    """One panel for each phase of each run; dashed, the error of repeating the mean frame."""
    phases: dict[str, list[tuple[int, float]]] = defaultdict(list)
    repeated: dict[str, float] = {}
    for run in runs:
        for line in read_metrics(run / "metrics.jsonl"):
            if line["kind"] == "validation":
                name = f"{run.name}: {line['phase']}" if line["phase"] != run.name else run.name
                phases[name].append((line["step"], line["loss"]))
                if "repeated" in line:
                    repeated[name] = line["repeated"]
    figure = Figure(figsize=(2.6 * len(phases), 2.6), layout="constrained")
    for number, (name, points) in enumerate(phases.items()):
        axes = figure.add_subplot(1, len(phases), number + 1)
        steps, losses = zip(*points, strict=True)
        axes.plot(steps, losses, marker="o", markersize=3, label="validation loss")
        if name in repeated:
            axes.axhline(repeated[name], linestyle="--", color="grey", label="mean frame repeated")
            axes.legend(fontsize=7)
        axes.set_ylim(0, None)
        axes.set_title(name, fontsize=9)
        axes.set_xlabel("step", fontsize=8)
        axes.tick_params(labelsize=7)
    figure.savefig(out, dpi=110)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
