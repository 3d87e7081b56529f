from __future__ import annotations

import pytest

from underpaint.commandline.logs import console_logging
from underpaint.training.progress import Progress


def test_the_end_is_told_off_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with console_logging(), Progress("motion", 10, 4, show=True) as progress:
        progress.show(6, 0.5)
        progress.show(10, 0.25)
    assert capsys.readouterr().out == "motion 10/10, loss 0.2500, 0 s in all\n"


def test_no_time_is_foretold_before_it_means_something(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr("underpaint.training.progress.time.monotonic", lambda: clock[0])
    with console_logging(), Progress("motion", 100, 0, show=True) as progress:
        # The first five take a minute each, the others a second.
        for step, clock[0] in ((1, 60.0), (5, 300.0), (6, 330.0), (15, 339.0), (36, 360.0)):
            progress.show(step, 0.5)
    first, *others, last = capsys.readouterr().out.splitlines()
    assert first == "motion 1/100, loss 0.5000"
    assert not any("left" in line for line in others)
    assert last == "motion 36/100, loss 0.5000, 124 s left"


def test_other_processes_are_silent(capsys: pytest.CaptureFixture[str]) -> None:
    with console_logging(), Progress("motion", 10, 0, show=False) as progress:
        progress.show(10, 0.25)
    assert capsys.readouterr().out == ""
