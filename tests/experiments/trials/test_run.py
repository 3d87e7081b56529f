from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from underpaint.experiments.findings import Finding, read_finding
from underpaint.experiments.trials import run as trials
from underpaint.experiments.trials.run import run_trials


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of trials that were run, which found nothing."""
    found: list[str] = []

    def trial(name: str) -> Callable[[Any], Finding]:
        def run(context: Any) -> Finding:
            found.append(name)
            (context.folder(name) / "work").touch()
            return Finding(title=name, words="w", table=[["a"]])

        return run

    monkeypatch.setattr(trials, "TRIALS", {name: trial(name) for name in trials.TRIALS})
    return found


def test_what_is_found_is_not_looked_for_again(
    ran: list[str], configure: Callable[..., Any], tmp_path: Path, small: Path
) -> None:
    told: list[str] = []
    run_trials(configure(tmp_path, only="text,reconstruct"), told.append)
    assert ran == ["reconstruct", "text"]
    assert "## text" in told[1]
    run_trials(configure(tmp_path, only="text,complete"), told.append)
    assert ran == ["reconstruct", "text", "complete"]
    assert len(told) == 4


def test_what_was_painted_is_measured_anew_as_there_may_be_more(
    ran: list[str], configure: Callable[..., Any], tmp_path: Path
) -> None:
    run_trials(configure(tmp_path, only="human"), print)
    run_trials(configure(tmp_path, only="text,human"), print)
    assert ran == ["human", "text", "human"]


def test_other_settings_begin_anew_and_an_interrupted_trial_goes_on(
    ran: list[str], configure: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_trials(configure(tmp_path, only="text"), print)
    (tmp_path / "text" / "finding.json").unlink()
    run_trials(configure(tmp_path, only="text"), print)
    assert (tmp_path / "text" / "work").is_file()
    (tmp_path / "text" / "old").touch()
    run_trials(configure(tmp_path, only="text", steps=3), print)
    assert ran == ["text"] * 3
    assert not (tmp_path / "text" / "old").exists()


def test_an_artist_is_tried_only_where_there_is_one(
    ran: list[str], configure: Callable[..., Any], tmp_path: Path, small: Path
) -> None:
    run_trials(configure(tmp_path, only="artist"), print)
    assert ran == []
    run_trials(configure(tmp_path, only="artist", artist=small / "artist-x"), print)
    assert ran == ["artist"]
    assert read_finding(tmp_path / "artist") is not None
