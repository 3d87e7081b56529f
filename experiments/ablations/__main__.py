"""What each part of the method is worth: the same short trainings with it and without.

    python -m underpaint.experiments.ablations --corpus CORPUS --base BASE_RUN --motion MOTION_RUN \
        --process FOLDER --out OUT

Prints a table for each comparison, with mean and standard deviation over the seeds, and writes it to OUT/NAME.md.
OUT/sheets/ shows what was painted, OUT/logs/ what the trainings said. The same command continues.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from typing import Any

from underpaint.experiments.ablations.comparisons import COMPARISONS, Comparison
from underpaint.experiments.ablations.settings import Settings
from underpaint.experiments.ablations.table import table
from underpaint.experiments.ablations.trials import carry_out
from underpaint.training.checkpoint import write_file


def main() -> int:
    """Carry out, print and write."""
    settings, names = _parse()
    # Then the trials are stopped as well, which otherwise would go on alone.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        settings.claim()
        for name in names:
            print(f"{name}:", flush=True)
            report = _report(COMPARISONS[name](settings), settings)
            write_file(settings.out / f"{name}.md", report.encode("utf-8"))
            print(f"\n{report}", flush=True)
    except (ValueError, RuntimeError, OSError) as error:
        print(f"ablations: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; the same command continues", file=sys.stderr)
        return 143  # as underpaint-train
    return 0


def _report(comparison: Comparison, settings: Settings) -> str:
    trials = {side: [make(seed) for seed in settings.seeds] for side, make in comparison.sides.items()}
    found = carry_out([trial for side in trials.values() for trial in side], settings)
    rows = {side: [found[trial.name] for trial in of_side] for side, of_side in trials.items()}
    seeds = f"{len(settings.seeds)} seed{'s' if len(settings.seeds) > 1 else ''}"
    return f"### {comparison.title}\n\n{comparison.note} {seeds}.\n\n{table(rows, comparison.columns)}\n"


def _parse() -> tuple[Settings, list[str]]:
    """The settings, whose defaults are the options', and the names of comparisons."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--only", nargs="+", choices=COMPARISONS, default=list(COMPARISONS), metavar="NAME", help=", ".join(COMPARISONS)
    )
    for name in ("corpus", "base", "motion", "process", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=Settings.seeds)
    steps = ("motion_steps", "base_steps", "spatial_steps", "temporal_steps", "sampling_steps")
    for name in ("jobs", "processes", *steps):
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=getattr(Settings, name))
    parser.add_argument("--precision", choices=("no", "bf16", "fp16"), default=Settings.precision)
    values: dict[str, Any] = vars(parser.parse_args())
    names: list[str] = values.pop("only")
    return Settings(**values | {"seeds": tuple(values["seeds"])}), names


if __name__ == "__main__":
    raise SystemExit(main())
