from __future__ import annotations

import os
import signal
import urllib.request

import pytest

from tests.datagen.helpers import start
from underpaint.datagen.cli import main


def test_a_report(finished, tmp_path, capsys):
    out = tmp_path / "report.html"
    assert main(["report", str(finished), "--out", str(out), "--samples", "2", "--rows", "5"]) == 0
    assert capsys.readouterr().out.startswith(f"{out}: 10 samples, ")
    assert out.read_text().startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["report", "CORPUS", "--out", "x.html", "--samples", "-3"], "samples is -3"),
        (["report", "nowhere", "--out", "x.html"], "nowhere is not a folder"),
        (["serve", "nowhere"], "nowhere is not a folder"),
        (["serve", "CORPUS", "--port", "70000"], "use another --port"),
    ],
)
def test_mistakes(finished, arguments, message, capsys):
    assert main([str(finished) if argument == "CORPUS" else argument for argument in arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert len(error.splitlines()) == 1


@pytest.mark.slow
def test_serving_until_it_is_interrupted(finished):
    process = start("serve", finished, "--port", "0", env=os.environ | {"PYTHONUNBUFFERED": "1"})
    try:
        address = process.stdout.readline().split(" is at ")[1].split(";")[0]
        with urllib.request.urlopen(address, timeout=30) as answer:
            assert b"Corpus of painting processes" in answer.read()
    finally:
        process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 0
