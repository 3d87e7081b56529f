from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from underpaint.experiments.ablations.cli import build_parser, main
from underpaint.experiments.ablations.config import NAMES, AblationsConfig


def config(out: Path, **changes: Any) -> AblationsConfig:
    paths = {name: Path(name) for name in ("corpus", "base", "motion", "process")}
    return AblationsConfig(**{**paths, "out": out, **changes})


def test_options_are_the_config_s() -> None:
    paths = [f"--{name}={name}" for name in ("corpus", "base", "motion", "process", "out")]
    values = (
        build_parser().parse_args([*paths, "--only", "media", "joint", "--seeds", "4", "5", "--jobs", "1"]).as_dict()
    )
    del values["config"]
    assert AblationsConfig(**values) == config(Path("out"), only=("media", "joint"), seeds=(4, 5), jobs=1)


def test_a_comparison_that_there_is_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="only is 'dance': use pretraining"):
        config(Path("out"), only=("dance",))
    with pytest.raises(SystemExit):
        main(["--only", "dance"])
    assert "dance" in capsys.readouterr().err


def test_every_comparison_can_be_named() -> None:
    pytest.importorskip("diffusers")
    from underpaint.experiments.ablations.comparisons import COMPARISONS

    assert tuple(COMPARISONS) == NAMES


def test_a_folder_belongs_to_what_is_measured_not_to_how_fast(tmp_path: Path) -> None:
    config(tmp_path).claim()
    config(tmp_path, seeds=(7,), jobs=1, only=("joint",)).claim()
    with pytest.raises(ValueError, match="was begun with motion_steps '400', now it is '5'"):
        dataclasses.replace(config(tmp_path), motion_steps=5).claim()
