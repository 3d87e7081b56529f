from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from underpaint.experiments.learn.budget import RATES, divide
from underpaint.experiments.learn.machine import Machine
from underpaint.experiments.learn.pictures import store_pictures
from underpaint.experiments.learn.stages import Stages
from underpaint.pipelines.places import SHIPPED
from underpaint.training.cli import build_parser, config_of
from underpaint.training.config import ArtistConfig, BaseConfig, MotionConfig, ReplicationConfig, TrainConfig

ONE = Machine(device="cpu", processes=1, cores=1)
TWO = Machine(device="cpu", processes=2, cores=2)


@pytest.fixture
def stages(tmp_path: Path) -> Stages:
    return Stages(folder=tmp_path, budget=divide(30, RATES["cpu"]), machine=ONE, seed=3)


def configured(stages: Stages, stage: str) -> TrainConfig:
    """What the training's own command line makes of a command."""
    command = stages.command(stage)
    arguments = command[command.index("underpaint.training") + 1 :]
    namespace = build_parser().parse_args(arguments)
    assert namespace.command == stage
    return config_of(stage, namespace[stage])


@pytest.mark.parametrize("stage", ["base", "motion", "replication", "artist"])
def test_the_training_takes_every_command(stages: Stages, stage: str) -> None:
    config = configured(stages, stage)
    assert config.steps == getattr(stages.budget, stage)
    assert config.out == stages.models / stage
    assert config.data.seed == 3
    assert config.mixed_precision == "bf16"
    assert config.init is None
    assert config.validate_every * 4 >= config.steps


def test_steps_and_networks_come_from_the_budget_and_the_chain(stages: Stages) -> None:
    base = configured(stages, "base")
    assert isinstance(base, BaseConfig)
    assert base.base == "nano"
    assert base.autoencoder_steps == stages.budget.autoencoder
    motion = configured(stages, "motion")
    assert isinstance(motion, MotionConfig)
    assert motion.base == str(stages.models / "base")
    replication = configured(stages, "replication")
    assert isinstance(replication, ReplicationConfig)
    assert replication.tune_motion
    assert replication.motion == str(stages.models / "motion")


@pytest.mark.parametrize(("stage", "rate"), [("base", 0.03), ("motion", 0.06), ("replication", 0.06)])
def test_what_is_there_goes_on_at_a_gentler_rate(stages: Stages, stage: str, rate: float) -> None:
    anew = configured(stages, stage)
    on_gpu = Machine(device="cuda", processes=1, cores=8, precision="no")
    config = configured(dataclasses.replace(stages, init=SHIPPED, machine=on_gpu), stage)
    assert config.init == str(SHIPPED / stage)
    assert config.learning_rate == pytest.approx(rate * anew.learning_rate)
    assert (config.base if stage == "base" else "nano") == "nano"
    assert (config.data.size, config.mixed_precision) == (64, "no")
    assert (SHIPPED / stage).is_dir()


def test_captions_name_the_medium_but_for_the_artist_s(stages: Stages) -> None:
    assert all(configured(stages, stage).data.name_medium for stage in ("base", "motion", "replication"))
    artist = configured(stages, "artist")
    assert isinstance(artist, ArtistConfig)
    assert (artist.data.name_medium, artist.data.trigger, artist.data.validation) == (False, "sks", 0)
    assert artist.data.corpus == [str(stages.folder / "artist" / "corpus")]
    assert artist.motion == str(stages.models / "replication")
    assert artist.spatial_steps == stages.budget.spatial


@pytest.mark.parametrize("stage", ["base", "motion", "replication"])
def test_two_processes_see_as_much_as_one(stages: Stages, stage: str) -> None:
    several = dataclasses.replace(stages, machine=TWO)
    assert "torch.distributed.run" in several.command(stage)
    assert several.environment() == {"OMP_NUM_THREADS": "1"}
    one, two = configured(stages, stage), configured(several, stage)
    assert one.batch == 2 * two.batch
    if isinstance(one, BaseConfig) and isinstance(two, BaseConfig):
        assert one.autoencoder_batch == 2 * two.autoencoder_batch


def test_a_gpu_has_its_threads(stages: Stages) -> None:
    gpu = dataclasses.replace(stages, machine=Machine(device="cuda", processes=1, cores=8))
    assert gpu.environment() == {}
    assert configured(gpu, "motion").data.workers > 0
    assert configured(stages, "motion").data.workers == 0


def test_a_stage_is_finished_by_its_result(stages: Stages) -> None:
    assert not stages.finished("motion")
    (stages.models / "motion" / "checkpoints").mkdir(parents=True)
    assert not stages.finished("motion")
    (stages.models / "motion" / "motion").mkdir()
    assert stages.finished("motion")


def test_recipes_are_the_package_s_where_no_folder_is_given(stages: Stages) -> None:
    command = dataclasses.replace(stages, recipes=None).command("base")
    assert command[command.index("--config") + 1].endswith("configs/nano-base.yaml")


def test_scenes_are_not_mirrored(stages: Stages) -> None:
    assert configured(stages, "base").data.augment.flip == 0.5
    store_pictures(None, stages.folder, 40)
    assert configured(stages, "base").data.augment.flip == 0


def test_a_gpu_trains_the_larger_nano(stages: Stages) -> None:
    machine = Machine(device="cuda", processes=1, cores=8)
    on_gpu = dataclasses.replace(stages, machine=machine, budget=divide(30, RATES["cuda"]))
    base, motion = configured(on_gpu, "base"), configured(on_gpu, "motion")
    assert (base.base, base.data.size, motion.data.size) == ("nano-large", 96, 96)
    assert on_gpu.corpus_size == 108
