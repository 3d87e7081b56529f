from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from underpaint.commandline.answering import UNREAD, answer, program
from underpaint.commandline.parser import USAGE
from underpaint.commandline.streams import complain, stdout_fault, usable_streams

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="no /dev/full")


@contextmanager
def stdout_at(number: int, monkeypatch: pytest.MonkeyPatch, encoding: str = "utf-8") -> Iterator[None]:
    stream = os.fdopen(number, "w", encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    yield
    stream.close()


def unread() -> int:
    """A pipe that nobody reads any more."""
    reader, writer = os.pipe()
    os.close(reader)
    return writer


@pytest.mark.parametrize("lines", [1, 10_000])
def test_whoever_has_read_enough_ends_a_command_quietly(
    lines: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @program("tool")
    def main() -> int:
        return answer("tool", lambda: print("a line\n" * lines) or 0)

    with stdout_at(unread(), monkeypatch):
        assert main() == UNREAD
    assert capsys.readouterr().err == ""


@needs_full
@pytest.mark.parametrize("lines", [1, 10_000])
def test_a_full_disk_is_named(lines: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    @program("tool")
    def main() -> int:
        return answer("tool", lambda: print("a line\n" * lines) or 0)

    with stdout_at(os.open(FULL, os.O_WRONLY), monkeypatch):
        assert main() == USAGE
    assert capsys.readouterr().err == "tool: stdout: No space left on device\n"


@needs_full
def test_help_on_a_full_disk_is_no_success(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    @program("tool")
    def main() -> int:
        with suppress(OSError):  # as argparse does
            print("usage: tool", flush=True)
        raise SystemExit(0)

    with stdout_at(os.open(FULL, os.O_WRONLY), monkeypatch), pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == USAGE
    assert "stdout: No space left" in capsys.readouterr().err


def test_after_a_fault_the_rest_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    with stdout_at(unread(), monkeypatch), usable_streams():
        assert stdout_fault() is None
        with pytest.raises(BrokenPipeError):
            print("once", flush=True)
        print("and no more", flush=True)
        assert isinstance(stdout_fault(), BrokenPipeError)


def test_closed_streams_lead_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    with usable_streams():
        complain("to nobody")
        print("to nobody")
        assert not sys.stderr.isatty()
        assert sys.stdin.read() == ""


def test_letters_that_an_encoding_lacks_are_escaped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    written = tmp_path / "out"
    with stdout_at(os.open(written, os.O_WRONLY | os.O_CREAT), monkeypatch, "ascii"):
        with usable_streams():
            print("Frühling \udcff")
        assert sys.stdout.errors == "strict"
    assert written.read_bytes() == b"Fr\\xfchling \\udcff\n"


def test_a_caller_s_own_stream_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    own = io.StringIO()
    monkeypatch.setattr(sys, "stdout", own)
    with usable_streams():
        print("here")
        assert stdout_fault() is None
    assert own.getvalue() == "here\n"


def test_nothing_fails_where_stderr_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = os.fdopen(unread(), "w", buffering=1)
    monkeypatch.setattr(sys, "stderr", stream)
    complain("to nobody")
    with pytest.raises(BrokenPipeError):
        stream.close()


def test_letters_that_a_terminal_lacks_are_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    terminal = io.TextIOWrapper(raw, encoding="cp1252")
    monkeypatch.setattr(terminal, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys, "stdout", terminal)
    with usable_streams():
        print("油画", flush=True)
    assert raw.getvalue() == b"\\u6cb9\\u753b\n"
