from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from tests.pipelines.evaluation.canvases import columns, save_frames
from underpaint.pipelines.evaluation.config import EvaluateConfig
from underpaint.pipelines.evaluation.terminal import evaluate_on_terminal


def test_the_table_and_what_is_left_out_are_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    err = Console(file=io.StringIO(), width=100)
    folder = save_frames(tmp_path / "[b]arn", columns(4))
    report = evaluate_on_terminal(EvaluateConfig(process=folder, out=tmp_path / "out"), err)
    shown = capsys.readouterr().out
    assert "[b]arn" in shown, "a name isn't markup"
    assert "no LPIPS: its weights come with" in shown
    assert f"{tmp_path / 'out' / 'evaluation.json'}\n" in shown, "a path isn't folded"
    assert len(report.scores) == 1
    assert err.file.getvalue() == ""  # type: ignore[attr-defined]


def test_progress_goes_to_a_terminal(tmp_path: Path) -> None:
    err = Console(file=io.StringIO(), force_terminal=True, width=100)
    evaluate_on_terminal(EvaluateConfig(process=save_frames(tmp_path / "barn", columns(4))), err)
    assert "0/1" in err.file.getvalue()  # type: ignore[attr-defined]


def test_mistakes_go_up(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="does not exist"):
        evaluate_on_terminal(EvaluateConfig(process=tmp_path / "no"))
