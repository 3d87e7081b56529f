"""A report as a table: for the terminal, and as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from underpaint.pipelines.evaluation.measures import MEASURES
from underpaint.pipelines.evaluation.report import Mean, Report, Score, means
from underpaint.texts import printable

ARROWS = {"up": "↑", "down": "↓", "": ""}
COLUMNS = 6  # processes that are shown one by one; of more, their means
SHOWN = 20  # skipped processes that are listed


def report_table(report: Report) -> Table:
    """Return the table for a terminal."""
    header, *rows = cells(report)
    title = f"{len(report.scores)} processes" if len(report.scores) > 1 else report.scores[0].name
    table = Table(title=escape(printable(title)))
    for number, name in enumerate(header):
        table.add_column(Text(printable(name)), justify="left" if number == 0 else "right", overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def markdown(report: Report) -> str:
    """Return the table and all that goes with it, for people who read files."""
    header, *rows = cells(report)
    lines = [f"# Evaluation of {report.config['process']}", "", _row(header)]
    lines.append(_row([":--", *["--:"] * (len(header) - 1)]))
    lines += [_row(row) for row in rows]
    lines += ["", "Arrows show which way is better; docs/evaluation.md defines all measures."]
    lines += ["", *(f"* {line}" for line in remarks(report))]
    return "\n".join(lines) + "\n"


def remarks(report: Report) -> list[str]:
    """Return what is left out, and why; which processes were skipped."""
    lines = list(report.notes)
    skipped = list(report.skipped.values())
    lines += [f"skipped: {reason}" for reason in skipped[:SHOWN]]
    if len(skipped) > SHOWN:
        lines.append(f"{len(skipped) - SHOWN} more skipped; evaluation.json has all")
    return lines


def cells(report: Report) -> list[list[str]]:
    """Return the table's texts, its header first: measures down; processes, or means by renderer, across."""
    columns = _columns(report)
    names = [name for name in MEASURES if any(name in values for _, values in columns)]
    rows = [["measure", *(title for title, _ in columns)]]
    rows.append(["processes", *(str(_count(values)) for _, values in columns)])
    rows += [[_title(name), *(_figure(values.get(name)) for _, values in columns)] for name in names]
    blank = [""] * (len(columns) - 1)
    rows += [[_title(name), *blank, f"{value:.2f}"] for name, value in report.whole.items()]
    return rows


def _title(name: str) -> str:
    return f"{MEASURES[name].title} {ARROWS[MEASURES[name].better]}".strip()


def _columns(report: Report) -> list[tuple[str, dict[str, Mean]]]:
    scores = report.scores
    if len(scores) == 1:
        return [(scores[0].name, report.means())]
    split: dict[str, Sequence[Score]]
    if len(scores) <= COLUMNS:
        split = {score.name: (score,) for score in scores}
    else:
        split = dict(report.groups())
        if len(split) == 1:
            return [(next(iter(split)), report.means())]
    return [*((name, means(group)) for name, group in split.items()), ("mean", report.means())]


def _count(values: dict[str, Mean]) -> int:
    return max(value.count for value in values.values())


def _figure(value: Mean | None) -> str:
    if value is None:
        return ""
    digits = 2 if abs(value.mean) >= 10 else 3
    spread = f" ± {value.deviation:.{digits}f}" if value.count > 1 else ""
    return f"{value.mean:.{digits}f}{spread}"


def _row(texts: Sequence[str]) -> str:
    return "| " + " | ".join(text.replace("|", "\\|") for text in texts) + " |"
