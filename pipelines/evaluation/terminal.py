"""An evaluation for somebody at a terminal: how far it is, its table, and what is left out."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from underpaint.commandline.showing import show
from underpaint.pipelines.evaluation.config import EvaluateConfig
from underpaint.pipelines.evaluation.report import Report
from underpaint.pipelines.evaluation.run import evaluate
from underpaint.pipelines.evaluation.table import remarks, report_table
from underpaint.texts import printable

NAME = 40  # characters of a name that are shown beside the bar


def evaluate_on_terminal(config: EvaluateConfig, err: Console | None = None) -> Report:
    """Evaluate; show progress on `err`, where that is a terminal, and then the table and all remarks on stdout.

    Raises:
        ValueError: as `evaluate`.
    """
    err = err or Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("", total=None)
        report = evaluate(
            config,
            lambda name, number, count: bar.update(
                task, description=printable(name[-NAME:]), completed=number, total=count
            ),
        )
    show([report_table(report)])
    for line in remarks(report):
        print(printable(line))
    written = [] if config.out is None else [config.out / "evaluation.json", config.out / "evaluation.md"]
    for path in [*written, *([] if config.plot is None else [config.plot])]:
        print(path)
    return report
