from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.pipelines.light import run_without
from underpaint.pipelines.checks import check_command
from underpaint.pipelines.config import PaintConfig


def config(**changes: Any) -> PaintConfig:
    return PaintConfig(**{"task": "text", "subjects": ["a hill"], "out": Path("a.webp")} | changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"task": "reconstruct", "subjects": ["nothere.png"]}, "source 'nothere.png' does not exist"),
        ({"frame": ["0=nothere.png"]}, "source 'nothere.png' does not exist"),
        ({"base": "runs/nothere"}, "base runs/nothere does not exist"),
        ({"motion": "nothere"}, "motion nothere does not exist: give a run"),
        ({"replication": "./nothere"}, "replication ./nothere does not exist"),
        ({"base": "file.png"}, "base file.png is a file: give a run"),
        ({"lora": ["nothere.safetensors"]}, "no lora 'nothere.safetensors'"),
        ({"lora": ["zorn:0.8"]}, "no lora 'zorn:0.8': .*; a weight is written zorn=0.8"),
        ({"lora": ["mm.ckpt=0.5"]}, "mm.ckpt is a pickle"),
        ({"lora": ["file.png=nan"]}, "'nan' is not a weight"),
        (
            {"task": "reconstruct", "subjects": ["own.webp"], "out": Path("own.webp")},
            "--out own.webp is a picture that is",
        ),
        ({"frame": ["-1=./own.webp"], "out": Path("own.webp")}, "would be replaced: give another name"),
        ({"out": Path("x.xyz")}, "x.xyz ends in .xyz"),
        ({"out": Path("file.png/a.webp")}, "file.png: Not a directory"),
        ({"out": Path("/dev/full")}, "/dev/full is neither a file nor a folder"),
        ({"out": Path("folder.webp")}, "folder.webp is a folder: give the name of a file"),
        ({"out": Path("plain"), "format": "frames"}, "plain is a file: give the name of a folder"),
    ],
)
def test_mistakes_are_told(changes: Any, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file.png").touch()
    (tmp_path / "own.webp").touch()
    (tmp_path / "mm.ckpt").touch()
    (tmp_path / "plain").touch()
    (tmp_path / "folder.webp").mkdir()
    with pytest.raises((ValueError, OSError), match=message):
        check_command(config(**changes))
    assert {path.name for path in tmp_path.iterdir()} == {"file.png", "own.webp", "plain", "folder.webp", "mm.ckpt"}


def test_what_may_be_there_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("underpaint.pipelines.checks.check_hub", lambda *names: None)  # the hub isn't asked
    (tmp_path / "x.safetensors").touch()
    check_command(config(motion="owner/model", lora=["x.safetensors=0.5"], out=Path("new/folder/a.webp")))
    check_command(config(task="reconstruct", subjects=["s3://bucket/a.png", "pictures/*.png"], out=Path("new")))


def test_nothing_heavy_is_loaded() -> None:
    done = run_without({"torch", "diffusers", "numba"}, "text", "x", "--base", "runs/nothere", "--out", "x.webp")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
