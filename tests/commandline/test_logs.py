"""Tests of what a command prints of the packages' logging."""

import logging
import os
import sys

import pytest

from underpaint.commandline.logs import PACKAGE, console_logging

LOGGER = logging.getLogger(f"{PACKAGE}.somewhere.deep")


def test_a_command_prints_messages_as_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with console_logging():
        LOGGER.debug("hidden")
        LOGGER.info("3/%d pictures", 4)
        LOGGER.warning("slow")
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("3/4 pictures\n", "slow\n")


def test_stdout_can_be_for_results_alone(capsys: pytest.CaptureFixture[str]) -> None:
    with console_logging(stdout=False):
        LOGGER.info("3/%d pictures", 4)
        LOGGER.warning("slow")
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "3/4 pictures\nslow\n")


def test_it_decorates_a_main_function(capsys: pytest.CaptureFixture[str]) -> None:
    @console_logging()
    def main() -> int:
        LOGGER.info("at work")
        return 3

    assert [main(), main()] == [3, 3]
    assert capsys.readouterr().out == "at work\nat work\n"


def test_nothing_of_it_stays(capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger(PACKAGE)
    before = logger.level, logger.propagate, list(logger.handlers)
    with pytest.raises(ValueError, match="broken"), console_logging():
        raise ValueError("broken")
    assert (logger.level, logger.propagate, logger.handlers) == before
    with caplog.at_level(logging.INFO):
        LOGGER.info("for the library's user")
    assert caplog.messages == ["for the library's user"]
    assert capsys.readouterr().out == ""


def test_a_handler_on_the_root_logger_repeats_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.StreamHandler()
    logging.getLogger().addHandler(root)
    try:
        with console_logging():
            LOGGER.warning("once")
    finally:
        logging.getLogger().removeHandler(root)
    assert capsys.readouterr().err == "once\n"


def test_handlers_of_a_caller_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    routed: list[str] = []

    class Routed(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            routed.append(record.getMessage())

    handler = Routed()
    logger = logging.getLogger(PACKAGE)
    logger.addHandler(handler)
    try:
        with console_logging():
            LOGGER.warning("to a file")
    finally:
        logger.removeHandler(handler)
    assert routed == ["to a file"]
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "")


def test_a_terminal_obeys_no_name_in_a_message(capsys: pytest.CaptureFixture[str]) -> None:
    with console_logging():
        LOGGER.warning("%s: run again\n  %s", "\x1b[2J\ud83d", "the command")
    assert capsys.readouterr().err == "\\x1b[2J\\ud83d: run again\n  the command\n"


def test_work_goes_on_when_nobody_reads(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    stream = os.fdopen(writer, "w")
    monkeypatch.setattr(sys, "stdout", stream)
    with console_logging():
        LOGGER.info("to nobody")
        LOGGER.info("to nobody")
    assert capsys.readouterr().err == ""
    with pytest.raises(BrokenPipeError):
        stream.close()
