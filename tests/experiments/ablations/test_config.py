from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from tests.experiments.ablations.settings import config, write_run
from underpaint.experiments.ablations.cli import build_parser, main
from underpaint.experiments.ablations.config import NAMES, AblationsConfig


def test_options_are_the_config_s() -> None:
    paths = [f"--{name}={name}" for name in ("corpus", "base", "motion", "process", "photos", "out")]
    values = (
        build_parser().parse_args([*paths, "--only", "media", "joint", "--seeds", "4", "5", "--jobs", "1"]).as_dict()
    )
    del values["config"]
    assert AblationsConfig(**values) == config(Path("out"), only=("media", "joint"), seeds=(4, 5), jobs=1)


def test_corpus_and_base_are_enough_for_most_comparisons() -> None:
    values = build_parser().parse_args(["--corpus=corpus", "--base=base", "--out=out"]).as_dict()
    del values["config"]
    least = AblationsConfig(**values)
    assert set(NAMES) - set(least.chosen) == {"pretraining", "joint", "world"}
    assert least.left_out == [
        "pretraining is left out: give --motion and --process",
        "joint is left out: give --motion and --process",
        "world is left out: give --photos",
    ]
    assert (config(Path("out")).chosen, config(Path("out")).left_out) == (NAMES, [])


def test_a_comparison_that_is_asked_for_must_have_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="world needs --photos: give it, or leave world out of --only"):
        config(tmp_path, photos=None, only=("media", "world"))
    few = config(tmp_path, photos=None, process=None, only=("tokenizer",))
    assert (few.chosen, few.left_out) == (("tokenizer",), [])


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


def test_new_runs_are_like_the_given_motion_module_s_or_else_the_base_s(tmp_path: Path) -> None:
    base, motion = write_run(tmp_path / "base"), write_run(tmp_path / "motion", frames=4, size=48)
    augment = {"augment.flip": 0.0, "augment.saturation": 0.0, "augment.gamma": 0.05}
    shared = {"name_medium": True, "validation": 0.2} | augment
    assert config(tmp_path, base=base, motion=motion).inherited() == shared | {"frames": 4, "size": 48}
    # A base is trained on single frames, so nano's recipe says how long sequences are.
    assert config(tmp_path, base=base, motion=None).inherited() == shared | {"frames": 8, "size": 32}
    with pytest.raises(ValueError, match=r"base .*nowhere is not a run of underpaint-train"):
        config(tmp_path, base=tmp_path / "nowhere", motion=None).inherited()


def test_a_folder_belongs_to_what_is_measured_not_to_how_fast(tmp_path: Path) -> None:
    config(tmp_path).claim()
    config(tmp_path, seeds=(7,), jobs=1, only=("joint",)).claim()
    with pytest.raises(ValueError, match="was begun with motion_steps '400', now it is '5'"):
        dataclasses.replace(config(tmp_path), motion_steps=5).claim()
