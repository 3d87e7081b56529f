"""What a trial found: figures for programs, and a table, words and pictures for people."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from underpaint.datagen.format.atomic import write_json
from underpaint.texts import parse_json

_FILE = "finding.json"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Estimate:
    """A mean over pictures or processes.

    Attributes:
        mean: of them.
        error: standard error of the mean; None of a single one.
        count: how many there are.
    """

    mean: float
    error: float | None
    count: int


def estimate(values: Sequence[float]) -> Estimate | None:
    """Mean and standard error; None of nothing."""
    if not values:
        return None
    error = statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else None
    return Estimate(mean=statistics.fmean(values), error=error, count=len(values))


def estimate_share(shares: Sequence[float]) -> Estimate | None:
    """The same of shares, or of hits as 0 and 1. Where all are alike the error is Agresti and Coull's: two of two hits
    aren't certain."""
    found = estimate(shares)
    if found is None or found.error:
        return found
    likely = (sum(shares) + 2) / (found.count + 4)
    return dataclasses.replace(found, error=(likely * (1 - likely) / (found.count + 4)) ** 0.5)


def shown(value: Estimate | None, form: str = ".2f") -> str:
    """`21.3 ± 0.4` by a format such as `.1f`, or `50 % ± 3 %` by `.0%`; a dash for None."""
    if value is None:
        return "–"
    texts = [format(each, form).replace("%", " %") for each in (value.mean, value.error) if each is not None]
    return " ± ".join(texts)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sheet:
    """A picture that goes with a finding.

    Attributes:
        file: its name, in the trial's folder.
        words: what it shows.
    """

    file: str
    words: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Finding:
    """What a trial found.

    Attributes:
        title: a few words.
        words: what was done, and how to read the table.
        table: its rows, the header first; none where there was nothing to measure.
        sheets: pictures.
        figures: everything measured, JSON values.
    """

    title: str
    words: str
    table: list[list[str]]
    sheets: list[Sheet] = dataclasses.field(default_factory=list)
    figures: Any = None


def write_finding(folder: Path, settings: dict[str, Any], finding: Finding) -> None:
    """Write what a trial found into its folder, with the settings that led there."""
    write_json(folder / _FILE, {"settings": settings, "finding": dataclasses.asdict(finding)})


def read_finding(folder: Path, settings: dict[str, Any] | None = None) -> Finding | None:
    """What a trial found; None if there is nothing yet, or if it was found with other settings than those given."""
    path = folder / _FILE
    if not path.is_file():
        return None
    content = parse_json(path.read_bytes())
    if settings is not None and content["settings"] != settings:
        return None
    values = content["finding"]
    return Finding(**{**values, "sheets": [Sheet(**sheet) for sheet in values["sheets"]]})


def markdown(table: Sequence[Sequence[str]], *, right: bool = True) -> str:
    """A table as Markdown; the first column stands to the left, the others to the right, where figures belong.

    Of a trial that was left out, without rows, nothing.
    """
    if not table:
        return ""
    header, *rows = [[cell.replace("|", "\\|") for cell in row] for row in table]
    ruler = [":--", *["--:" if right else ":--"] * (len(header) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, ruler, *rows))
