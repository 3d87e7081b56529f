from pathlib import Path

import pytest

from tests.datagen.helpers import answer, synthetic
from tests.renderers.vision.models import save_onnx
from underpaint.datagen.cli import main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    synthetic(1).save(tmp_path / "in" / "a.png")
    return tmp_path / "in"


def test_the_command_makes_and_says_what_it_made(folder, tmp_path, capsys):
    command = ("guides", folder, "--saliency", save_onnx(tmp_path / "u2net.onnx"), "--workers", "0", "--size", "32")
    assert "saliency: 1 made, 0 were there" in answer(capsys, *command)
    assert "saliency: 0 made, 1 were there" in answer(capsys, *command)
    (folder / "b.jpg").write_bytes(b"")
    assert main([str(word) for word in command]) == 0
    assert "b.jpg: empty" in capsys.readouterr().err
    (folder / "a.png").unlink()
    (folder / "a.saliency.png").unlink()
    assert main([str(word) for word in command]) == 1  # nothing at all


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "there is nothing to do"),
        (("--saliency", "none.onnx"), "saliency none.onnx does not exist"),
        (("--depth", "none"), "depth none does not exist"),
        (("--captions", "IN"), "has no config.json"),
        (("--depth", "none", "--device", "gpu"), "unknown device 'gpu'"),
    ],
)
def test_a_missing_or_wrong_model_is_one_line(folder, capsys, arguments, said):
    given = [str(folder) if word == "IN" else word for word in arguments]
    assert main(["guides", str(folder), *given]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert said in lines[0]
    assert sorted(path.name for path in folder.iterdir()) == ["a.png"]
