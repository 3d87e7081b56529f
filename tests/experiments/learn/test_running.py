from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

import pytest

from underpaint.experiments.learn.running import Runner, only_one
from underpaint.experiments.program import CommandFailed


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_what_commands_say_goes_to_the_log(tmp_path: Path) -> None:
    with only_one(tmp_path) as lock:
        runner = Runner(tmp_path / "logs", lock)
        runner.run("a", python("import os; print('one', os.environ['WORD'])"), {"WORD": "x"})
        runner.run("a", python("import sys; print('two', file=sys.stderr)"))
    lines = (tmp_path / "logs" / "a.log").read_text().splitlines()
    assert [line for line in lines if not line.startswith("$ ")] == ["one x", "two"]
    assert len(lines) == 4


def test_a_failure_shows_the_last_lines_and_the_log(tmp_path: Path) -> None:
    with only_one(tmp_path) as lock, pytest.raises(CommandFailed) as failed:
        Runner(tmp_path / "logs", lock).run("a", python("for n in range(50): print('line', n)\nraise SystemExit(3)"))
    message = str(failed.value)
    assert "a ended with status 3" in message
    assert str(tmp_path / "logs" / "a.log") in message
    assert "line 49" in message
    assert "line 10\n" not in message


def test_an_interrupt_ends_the_command_once_it_has_saved(tmp_path: Path) -> None:
    saving = "import signal, sys, pathlib, time\n"
    saving += f"path = pathlib.Path({str(tmp_path)!r})\n"
    saving += "signal.signal(signal.SIGTERM, lambda *_: (path.joinpath('saved').touch(), sys.exit(143)))\n"
    saving += "path.joinpath('begun').touch(); time.sleep(60)"

    def interrupt(number: int, frame: FrameType | None) -> None:
        if not (tmp_path / "begun").exists():
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            return
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        with only_one(tmp_path) as lock, pytest.raises(KeyboardInterrupt):
            Runner(tmp_path / "logs", lock).run("a", python(saving))
    finally:
        signal.signal(signal.SIGALRM, before)
    assert (tmp_path / "saved").exists()


def test_a_folder_is_one_chain_s(tmp_path: Path) -> None:
    with only_one(tmp_path), pytest.raises(ValueError, match="is in use by another run"), only_one(tmp_path):
        pass
    with only_one(tmp_path):
        pass


def test_a_command_that_a_dead_chain_left_holds_the_folder(tmp_path: Path) -> None:
    chain = (
        "import pathlib, sys\n"
        "from underpaint.experiments.learn.running import Runner, only_one\n"
        f"folder = pathlib.Path({str(tmp_path)!r})\n"
        "code = 'import os, pathlib, time; pathlib.Path(%r).write_text(str(os.getpid())); time.sleep(60)'\n"
        "with only_one(folder) as lock:\n"
        "    Runner(folder / 'logs', lock).run('a', [sys.executable, '-c', code % str(folder / 'pid')])\n"
    )
    process = subprocess.Popen(python(chain), env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])})
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.wait()
    left = int((tmp_path / "pid").read_text())
    try:
        with pytest.raises(ValueError, match="a command that a killed one left behind"), only_one(tmp_path):
            pass
    finally:
        os.kill(left, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            with only_one(tmp_path):
                return
        except ValueError:
            time.sleep(0.02)
    pytest.fail("the folder stayed locked")
