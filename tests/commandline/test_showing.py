from __future__ import annotations

import io
import sys

import pytest
from rich.table import Table

from underpaint.commandline.showing import show

LONG = " ".join(["word"] * 60)


def table() -> Table:
    made = Table("a column", title="[red]title[/red]")
    made.add_row(f"[bold]{LONG} :smile:")
    return made


def test_a_pipe_gets_whole_lines(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    show([table()])
    text = capsys.readouterr().out
    assert f"[bold]{LONG} :smile:" in text
    assert "[red]title[/red]" in text
    assert "\x1b" not in text


def test_columns_of_the_environment_count(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    show([table()])
    assert max(map(len, capsys.readouterr().out.splitlines())) == 50


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_without_utf_lines_are_of_ascii(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    show([table()])
    sys.stdout.flush()
    assert raw.getvalue().isascii()
