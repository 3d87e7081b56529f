from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from underpaint.experiments.learn import chain
from underpaint.experiments.learn.cli import main
from underpaint.experiments.learn.config import LearnConfig
from underpaint.experiments.program import CommandFailed


def learning(monkeypatch: pytest.MonkeyPatch, outcome: Any) -> list[LearnConfig]:
    """Have the chain do nothing but to return or raise; what it was asked for."""
    asked: list[LearnConfig] = []

    def learn(config: LearnConfig) -> Path:
        asked.append(config)
        if isinstance(outcome, BaseException):
            raise outcome
        return Path("page.md")

    monkeypatch.setattr(chain, "learn", learn)
    return asked


def test_options_are_the_config_s(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked = learning(monkeypatch, None)
    assert main(["--source", "photos", "--minutes", "45", "--out", "o", "--seed", "2", "--device", "cpu"]) == 0
    assert asked == [LearnConfig(source="photos", minutes=45, out=Path("o"), seed=2, device="cpu")]
    assert capsys.readouterr().out == "page.md\n"


@pytest.mark.parametrize(
    ("outcome", "status", "words"),
    [
        (ValueError("no such thing"), 2, "learn: no such thing"),
        (FileNotFoundError("no source"), 2, "learn: no source"),
        (CommandFailed("base ended with status 1"), 1, "learn: base ended with status 1"),
        (KeyboardInterrupt(), 130, "the same command continues"),
    ],
)
def test_mistakes_failures_and_interrupts_have_their_own_status(
    outcome: BaseException,
    status: int,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    learning(monkeypatch, outcome)
    assert main([]) == status
    assert words in capsys.readouterr().err


def test_a_mistake_is_told_before_anything_is_loaded(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--minutes", "1"]) == 2
    assert "minutes is 1" in capsys.readouterr().err


@pytest.mark.parametrize("module", ["underpaint.experiments.learn", "underpaint.experiments.trials"])
def test_help_comes_without_torch(module: str) -> None:
    code = f"import sys, runpy; sys.argv = ['x', '--help']\ntry: runpy.run_module({module!r}, run_name='__main__')\n"
    code += "except SystemExit as end: print(end.code, 'torch' in sys.modules)"
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert "--out" in done.stdout
    assert done.stdout.splitlines()[-1] == "0 False"
