from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ROOT
from underpaint.training.cli import build_parser, config_of, main
from underpaint.training.config import ArtistConfig, BaseConfig, TrainConfig


def parse(*arguments: str) -> TrainConfig:
    found = build_parser().parse_args(list(arguments))
    return config_of(found.command, found[found.command])


def test_options_reach_the_config() -> None:
    config = parse(
        *("artist", "--corpus", "a", "--motion", "m", "--out", "run", "--steps", "9", "--learning-rate", "0.5"),
        *(
            "--size",
            "64",
            "--frames",
            "6",
            "--on-bad-sample",
            "skip",
            "--augment.flip",
            "0",
            "--gradient-checkpointing",
        ),
    )
    assert isinstance(config, ArtistConfig)
    assert (config.out, config.steps, config.learning_rate, config.motion) == (Path("run"), 9, 0.5, "m")
    assert (config.data.size, config.data.frames, config.data.on_bad_sample) == (64, 6, "skip")
    assert config.data.corpus == ["a"]
    assert config.data.augment.flip == 0
    assert config.gradient_checkpointing


def test_options_keep_their_old_names_for_one_version(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = tmp_path / "old.yaml"
    old.write_text("corpus: a\nout: run\nsteps: 9\nlevel_shift: 3\nprecision: bf16\nautoencoder_rate: 0.5\n")
    config = parse("base", "--config", str(old), "--accumulate", "4")
    assert isinstance(config, BaseConfig)
    assert (config.timestep_shift, config.mixed_precision, config.autoencoder_learning_rate) == (3, "bf16", 0.5)
    assert config.gradient_accumulation_steps == 4
    said = capsys.readouterr().err
    assert "--accumulate is now --gradient-accumulation-steps" in said
    assert len(said.splitlines()) == 4


def test_the_base_learns_from_single_pictures() -> None:
    config = parse("base", "--corpus", "a", "--out", "run", "--steps", "9", "--half-painted", "0.5")
    assert isinstance(config, BaseConfig)
    assert config.data.frames == 1


@pytest.mark.parametrize("recipe", sorted((ROOT / "configs").glob("*-*.yaml")), ids=lambda path: path.stem)
def test_every_recipe_can_be_read(recipe: Path) -> None:
    stage = recipe.stem.rpartition("-")[2]
    needed = ["--motion", "m"] if stage in ("replication", "artist") else []
    config = parse(stage, "--config", str(recipe), "--corpus", "a", "--out", "run", *needed, "--steps", "7")
    assert config.steps == 7


def test_a_run_s_own_settings_can_be_given_again(tmp_path: Path) -> None:
    from underpaint.training.folder import write_config

    config = parse("motion", "--corpus", "a", "--out", str(tmp_path), "--steps", "9", "--size", "64")
    write_config(config)
    assert parse("motion", "--config", str(tmp_path / "config.yaml"), "--out", str(tmp_path)) == config


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["motion", "--corpus", "a", "--out", "run"], "steps"),
        (["motion", "--corpus", "a", "--out", "run", "--steps", "3", "--colour", "red"], "colour"),
        (["motion", "--corpus", "a", "--out", "run", "--steps", "many"], "steps"),
        (["sketch"], "sketch"),
    ],
)
def test_a_mistake_is_one_line(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_unknown_keys_of_a_file_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text("corpus: a\nout: run\nsteps: 3\nlerning_rate: 1\n")
    with pytest.raises(SystemExit):
        main(["motion", "--config", str(path)])
    assert "lerning_rate" in capsys.readouterr().err


def test_what_can_t_be_is_said_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["motion", "--corpus", str(tmp_path / "none"), "--out", str(tmp_path), "--steps", "3"]) == 2
    assert capsys.readouterr().err.startswith("underpaint-train motion: corpus ")


@pytest.mark.parametrize(
    "given",
    [["--sample-prompts", '["a boot", "a cat"]'], ["--sample-prompts+", "a boot", "--sample-prompts+", "a cat"]],
)
def test_prompts_are_given_as_a_list_or_one_by_one(given: list[str]) -> None:
    assert parse("motion", "--corpus", "a", "--out", "b", "--steps", "9", *given).sample_prompts == ["a boot", "a cat"]
