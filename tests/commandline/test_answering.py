from __future__ import annotations

import pytest

from underpaint.commandline.answering import INTERRUPTED, answer
from underpaint.commandline.parser import USAGE
from underpaint.extras import missing


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("size is 3: give 16 or more\n"), "tool: size is 3: give 16 or more\n"),
        (FileNotFoundError(2, "No such file or directory", "a.png"), "tool: a.png: No such file or directory\n"),
        (missing("the page", "gradio", "app"), "tool: the page needs gradio: pip install 'underpaint[app]'\n"),
    ],
)
def test_a_mistake_is_one_line(error: Exception, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> int:
        raise error

    assert answer("tool", work) == USAGE
    assert capsys.readouterr().err == line


def test_otherwise_the_work_says_how_it_ended() -> None:
    assert answer("tool", lambda: 7) == 7


def test_ctrl_c_is_no_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> int:
        raise KeyboardInterrupt

    assert answer("tool", work) == INTERRUPTED
    assert not capsys.readouterr().err


def test_a_fault_of_ours_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        answer("tool", lambda: 1 // 0)
