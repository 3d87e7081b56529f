import pytest
from PIL import Image

from tests.datagen.helpers import answer
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
