from __future__ import annotations

from pathlib import Path

import pytest

from underpaint.experiments.trials import run
from underpaint.experiments.trials.cli import main
from underpaint.experiments.trials.config import TrialsConfig


def test_options_are_the_config_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[TrialsConfig] = []
    monkeypatch.setattr(run, "run_trials", lambda config, tell: asked.append(config))
    given = ["--only", "text,stock", "--rounds", "[2]", "--name-medium", "false"]
    assert main([str(tmp_path), "corpus", "photos", *given]) == 0
    expected = TrialsConfig(
        models=tmp_path,
        corpus=Path("corpus"),
        source="photos",
        only="text,stock",
        rounds=[2],
        name_medium=False,
    )
    assert asked == [expected]


def test_mistakes_are_told_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "corpus", "photos", "--only", "dance"]) == 2
    assert capsys.readouterr().err.startswith("trials: only is 'dance'")
    assert main([str(tmp_path / "nowhere"), "corpus", "photos"]) == 2
    assert "is not a folder" in capsys.readouterr().err
