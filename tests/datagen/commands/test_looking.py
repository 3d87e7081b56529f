import os
import signal
import urllib.request

import pytest
from PIL import Image

from tests.datagen.helpers import answer, start
from underpaint.datagen.cli import main


def test_inspect(finished, capsys):
    assert "Samples (3 of 10)" in answer(capsys, "inspect", finished, "--limit", 3)
    said = answer(capsys, "inspect", finished, "p3")
    assert "00000004-p3-bezier" in said
    assert "target.webp" in said


@pytest.mark.parametrize(
    ("arguments", "rows"), [(["p3", "p4"], 2), ([], 8), (["--rows", "3"], 3), (["--rows", "50"], 10)]
)
def test_a_filmstrip_of_some_or_of_the_first(finished, tmp_path, capsys, arguments, rows):
    out = tmp_path / "new" / "strip.png"
    said = answer(capsys, "filmstrip", finished, *arguments, "--out", out, "--columns", 3, "--height", 32)
    assert said.startswith(f"{out}: {rows} samples, ")
    assert Image.open(out).height == rows * 34 + 2


def test_no_rows_make_no_filmstrip(finished, tmp_path, capsys):
    for rows in ("0", "-1"):
        assert main(["filmstrip", str(finished), "--rows", rows, "--out", str(tmp_path / "a.png")]) == 2
        assert "at least one sample" in capsys.readouterr().err


def test_export(finished, tmp_path, capsys):
    assert answer(capsys, "export", finished, "p3", "--out", tmp_path / "a.png") == f"{tmp_path}/a.png\n"
    assert Image.open(tmp_path / "a.png").size == (48, 48)


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
