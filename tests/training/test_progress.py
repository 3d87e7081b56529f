from __future__ import annotations

import pytest

from underpaint.commandline.logs import console_logging
from underpaint.training.progress import Progress


def test_the_end_is_told_off_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with console_logging(), Progress("motion", 10, 4, show=True) as progress:
        progress.show(6, 0.5)
        progress.show(10, 0.25)
    assert capsys.readouterr().out == "motion 10/10, loss 0.2500, 0 s left\n"


def test_other_processes_are_silent(capsys: pytest.CaptureFixture[str]) -> None:
    with console_logging(), Progress("motion", 10, 0, show=False) as progress:
        progress.show(10, 0.25)
    assert capsys.readouterr().out == ""
