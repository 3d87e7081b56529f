from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from typing import Any

import pytest

from underpaint.experiments.program import FAILED, OK, STOPPED, CommandFailed, program_parser, run_program


@dataclass
class Walk:
    """Walk somewhere.

    Args:
        steps: How many.
        where: To which place.
    """

    steps: int = 1
    where: str = "home"


def run(arguments: list[str], work: Any) -> int:
    return run_program("walk", program_parser("walk", Walk, {"where": {"help": "Place."}}), arguments, work)


def test_work_gets_the_options() -> None:
    given: list[dict[str, Any]] = []
    assert run(["inn", "--steps", "3"], given.append) == OK
    assert given == [{"where": "inn", "steps": 3}]


def test_a_command_that_failed_and_a_missing_extra(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(values: dict[str, Any]) -> None:
        raise CommandFailed("base ended with status 3")

    assert run(["inn"], failing) == FAILED
    assert capsys.readouterr().err == "walk: base ended with status 3\n"
    monkeypatch.setitem(sys.modules, "torch", None)

    def importing(values: dict[str, Any]) -> None:
        import torch  # noqa: F401

    assert run(["inn"], importing) == 2
    assert capsys.readouterr().err == "walk: the experiment needs torch: pip install 'underpaint[train]'\n"


def test_sigterm_ends_it_as_from_within(capsys: pytest.CaptureFixture[str]) -> None:
    def terminated(values: dict[str, Any]) -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as end:
        run(["inn"], terminated)
    assert end.value.code == STOPPED
    assert "the same command continues" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGTERM) is before
