"""All comparisons that are asked for, one after the other: a table of each, printed and written to OUT/NAME.md."""

from __future__ import annotations

from underpaint.datagen.format.atomic import atomic_file
from underpaint.experiments.ablations.comparisons import COMPARISONS, Comparison
from underpaint.experiments.ablations.config import AblationsConfig
from underpaint.experiments.ablations.table import table
from underpaint.experiments.ablations.trials import carry_out


def run_comparisons(config: AblationsConfig) -> None:
    """Make the comparisons of a config; those of its trials that are done are not done again.

    Raises:
        ValueError: the folder holds comparisons with other settings, or what they build on doesn't fit.
        CommandFailed: a training has failed; says which log to look into.
    """
    config.claim()
    for line in config.left_out:
        print(line, flush=True)
    for name in config.chosen:
        print(f"{name}:", flush=True)
        report = _report(COMPARISONS[name](config), config)
        with atomic_file(config.out / f"{name}.md") as file:
            file.write(report.encode("utf-8"))
        print(f"\n{report}", flush=True)


def _report(comparison: Comparison, config: AblationsConfig) -> str:
    trials = {side: [make(seed) for seed in config.seeds] for side, make in comparison.sides.items()}
    found = carry_out([trial for side in trials.values() for trial in side], config)
    rows = {side: [found[trial.name] for trial in of_side] for side, of_side in trials.items()}
    seeds = f"{len(config.seeds)} seed{'s' if len(config.seeds) > 1 else ''}"
    return f"### {comparison.title}\n\n{comparison.note} {seeds}.\n\n{table(rows, comparison.columns)}\n"
