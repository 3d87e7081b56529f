from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.pipelines.conftest import FRAMES
from tests.pipelines.light import run_without
from underpaint.pipelines.cli import build_parser, config_of, main


def parsed(*arguments: str) -> Any:
    from underpaint.pipelines.cli import _joined

    namespace = build_parser().parse_args(_joined(list(arguments)))
    return config_of(namespace.command, namespace[namespace.command])


def test_options() -> None:
    given = ["complete", "a.png", "--out", "b.mp4", "--frame", "-1=c.png", "--frame", "3=d.png", "--lora", "zorn=0.8"]
    config = parsed(*given, "--free-init", "2", "--inversion", "--models", "m", "--lora", "x", "--slicing", "false")
    assert (config.task, config.subjects, config.out) == ("complete", ["a.png"], Path("b.mp4"))
    assert config.conditioning_frames == {-1: Path("c.png"), 3: Path("d.png")}
    assert (config.lora, config.free_init, config.inversion, config.slicing) == (["zorn=0.8", "x"], 2, True, False)
    assert (config.models, config.size, config.frames) == (Path("m"), None, None)
    assert parsed("text", "a hill", "--out", "a", "--size", "64").size == "64"


def test_old_names_of_options_still_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["reconstruct", "a.png", "--out", "b.webp"]
    (tmp_path / "a.yaml").write_text("scale: 0.25\n")
    config = parsed(*given, "--config", str(tmp_path / "a.yaml"), "--negative", "a dog")
    assert (config.negative_prompt, config.conditioning_scale) == ("a dog", 0.25)
    told = capsys.readouterr().err
    assert "--negative is now --negative-prompt" in told
    assert "scale in" in told


def test_the_medium_is_said(small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def painted(*options: str) -> str:
        paint = ["text", "a hill", "--steps", "1", "--device", "cpu", "--frames", "2", "--size", "32"]
        assert main([*paint, "--out", str(tmp_path / "a.webp"), *options]) == 0
        return capsys.readouterr().err

    none = "no medium is named: oil is taken; choose another with --medium bezier|illustration|ink|pencil|region"
    assert none in painted().splitlines()  # by the built-in nano
    assert json.loads((tmp_path / "a.json").read_text())["prompt"] == "oil, a hill"
    assert "medium: ink" in painted("--medium", "ink").splitlines()
    assert json.loads((tmp_path / "a.json").read_text())["prompt"] == "ink, a hill"
    assert "medium" not in painted("--models", str(small))


def test_a_file_of_settings(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("steps: 7\nguidance: 2.5\nlora: [zorn=0.5]\nfree_init: 3\n")
    config = parsed("text", "a hill", "--config", str(tmp_path / "a.yaml"), "--steps", "9", "--out", "a")
    assert (config.steps, config.guidance, config.lora, config.free_init) == (9, 2.5, ["zorn=0.5"], 3)
    (tmp_path / "b.yaml").write_text("stepz: 7\n")
    with pytest.raises(SystemExit) as status:
        parsed("text", "a hill", "--config", str(tmp_path / "b.yaml"), "--out", "a")
    assert status.value.code == 2


def test_painting(small: Path, folder_of_pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--models", str(small), "--steps", "1", "--device", "cpu"]
    assert main(["text", "a hill", "--out", str(tmp_path / "a.webp"), *options]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'a.webp'}\n"
    assert main(["reconstruct", str(folder_of_pictures), "--out", str(tmp_path / "b"), *options]) == 1
    told = capsys.readouterr()
    assert len(told.out.splitlines()) == 3
    assert "broken.png: not-a-picture" in told.err


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (["--frames", "9"], "9 frames are too many: the motion module was trained with 4; give --long windows"),
        (["--frame", f"7={__file__}"], f"frame 7 is out of range: a process of {FRAMES} frames has 0 to 3"),
        (["--models", "nowhere"], "models nowhere is not a folder; leave --models out"),
        (["--motion", "."], ". holds no MotionAdapter that can be loaded"),
        (["--device", "abacus"], "device is 'abacus', which torch can't use here"),
        (["--size", "big"], "size 'big' is neither a number of pixels nor WIDTHxHEIGHT"),
        (["--out", "a.avi"], "a.avi ends in .avi"),
    ],
)
def test_mistakes_are_explained(
    small: Path,
    folder_of_pictures: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    changes: Any,
    message: str,
) -> None:
    given = [
        "reconstruct",
        str(folder_of_pictures / "p0.png"),
        "--models",
        str(small),
        "--out",
        str(tmp_path / "a.webp"),
    ]
    assert main([*given, *changes]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"underpaint reconstruct: {message}")
    assert "Traceback" not in error


def test_pictures_that_cannot_be_used_are_named(
    small: Path, folder_of_pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--models", str(small), "--out", str(tmp_path / "a.webp"), "--device", "cpu"]
    assert main(["complete", str(folder_of_pictures / "broken.png"), *options]) == 2
    assert re.fullmatch(r"broken\.png: not-a-picture: .*\n", capsys.readouterr().err)
    assert main(["complete", str(tmp_path / "nowhere.png"), *options]) == 2
    assert "nowhere.png' does not exist" in capsys.readouterr().err


def test_evaluating(small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = tmp_path / "a.webp"
    assert main(["text", "a hill", "--out", str(made), "--models", str(small), "--steps", "1", "--device", "cpu"]) == 0
    assert main(["evaluate", str(made), "--out", str(tmp_path / "e")]) == 0
    assert (tmp_path / "e" / "evaluation.json").is_file()
    assert main(["evaluate", str(tmp_path / "nowhere")]) == 2


def test_help_needs_no_torch() -> None:
    done = run_without({"torch", "diffusers"}, "reconstruct", "--help")
    assert done.returncode == 0, done.stderr
    assert "--conditioning-scale" in done.stdout
    assert "--inversion-rounds" in done.stdout
