from __future__ import annotations

import io

from rich.console import Console

from tests.pipelines.evaluation.reports import report, score
from underpaint.pipelines.evaluation.table import cells, markdown, remarks, report_table


def test_the_table_shows_few_processes_one_by_one_and_many_by_renderer() -> None:
    few = cells(report(score("a", psnr=20.0), score("b", kept=0.5)))
    assert few[0] == ["measure", "a", "b", "mean"]
    assert few[2] == ["last frame: PSNR, dB ↑", "20.00", "", "20.00"]
    assert few[3] == ["finished pixels that stay ↑", "", "0.500", "0.500"]
    many = cells(report(*(score(str(n), "oil" if n % 2 else "ink", kept=n / 10) for n in range(8))))
    assert many[0] == ["measure", "ink", "oil", "mean"]
    assert many[1] == ["processes", "4", "4", "8"]
    one = cells(report(score("a|b", kept=1.0), whole={"fid": 2.0}))
    assert one == [
        ["measure", "a|b"],
        ["processes", "1"],
        ["finished pixels that stay ↑", "1.000"],
        ["last frames: FID ↓", "2.00"],
    ]


def test_markdown_has_the_table_and_the_remarks() -> None:
    text = markdown(report(score("a|b", kept=1.0), notes=("no LPIPS: ...",), skipped={"c": "c: damaged"}))
    assert "| measure | a\\|b |" in text
    assert "* no LPIPS: ...\n* skipped: c: damaged\n" in text


def test_many_skipped_processes_are_counted() -> None:
    lines = remarks(report(score("a"), skipped={str(n): f"{n}: bad" for n in range(25)}))
    assert len(lines) == 21
    assert lines[-1].startswith("5 more skipped")


def test_the_terminal_shows_the_same() -> None:
    console = Console(file=io.StringIO(), width=100)
    console.print(report_table(report(score("a", kept=0.25), score("b", kept=0.75))))
    assert "0.500 ± 0.354" in console.file.getvalue()  # type: ignore[attr-defined]
