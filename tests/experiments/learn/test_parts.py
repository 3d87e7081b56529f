from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from underpaint.experiments.commands import HELD_OUT
from underpaint.experiments.learn.budget import RATES, divide
from underpaint.experiments.learn.config import LearnConfig
from underpaint.experiments.learn.machine import Machine
from underpaint.experiments.learn.parts import Corpora, parts_of, trials_command
from underpaint.experiments.learn.pictures import SIDE, store_pictures
from underpaint.experiments.learn.running import Runner
from underpaint.experiments.learn.stages import Stages
from underpaint.experiments.trials.cli import build_parser
from underpaint.experiments.trials.config import TrialsConfig
from underpaint.training.split import held_out


@pytest.fixture
def stages(tmp_path: Path) -> Stages:
    return Stages(
        folder=tmp_path,
        budget=divide(30, RATES["cpu"]),
        machine=Machine(device="cpu", processes=2, cores=2),
        seed=3,
    )


class Recorded(Runner):
    """Runs nothing."""

    def __init__(self) -> None:
        self.commands: list[list[str]] = []

    def run(self, part: str, command: object, environment: object = None) -> None:
        assert isinstance(command, list)
        self.commands.append(command)


def test_the_parts_make_up_the_budget(stages: Stages) -> None:
    parts = parts_of(LearnConfig(out=stages.folder), stages, Recorded())
    assert [part.name for part in parts] == [
        "pictures", "corpus", "base", "motion", "replication", "artist", "trials"
    ]  # fmt: skip
    assert sum(part.seconds for part in parts) == sum(stages.budget.seconds.values())
    assert not any(part.finished() for part in parts)


def test_trials_take_the_command(stages: Stages) -> None:
    command = trials_command(LearnConfig(out=stages.folder, seed=3), stages)
    values = build_parser().parse_args(command[command.index("underpaint.experiments.trials") + 1 :]).as_dict()
    del values["config"]
    config = TrialsConfig(**values)
    assert config.models == stages.models
    assert (config.pictures, config.steps, config.seed, config.threads) == (32, None, 3, 2)
    assert config.name_medium


def test_a_corpus_is_finished_once_every_picture_is_counted(painted: Path, tmp_path: Path) -> None:
    (tmp_path / "corpus").symlink_to(painted / "corpus")
    samples = json.loads((painted / "corpus" / "manifest.json").read_bytes())["samples"]
    stored = json.loads((painted / "stored.json").read_bytes())
    corpora = Corpora(tmp_path, 0, 1, Recorded(), 32)
    assert not corpora.finished()
    (tmp_path / "stored.json").write_text(json.dumps(stored | {"pictures": samples}))
    assert corpora.finished()
    (tmp_path / "stored.json").write_text(json.dumps(stored | {"pictures": samples + 1}))
    assert not corpora.finished()


def test_the_artist_s_pictures_are_few_and_none_is_unseen(painted: Path, tmp_path: Path) -> None:
    (tmp_path / "pictures").symlink_to(painted / "pictures")
    runner = Recorded()
    for _ in range(2):
        Corpora(tmp_path, 0, 1, runner, 32).paint_artist()
    rows = [json.loads(line) for line in (tmp_path / "artist" / "pictures" / "captions.jsonl").read_text().splitlines()]
    assert len(rows) == 4
    assert not any(held_out(row["file"], HELD_OUT) for row in rows)
    assert all((tmp_path / "artist" / "pictures" / row["file"]).is_file() for row in rows)
    assert runner.commands[0] == runner.commands[1]
    assert "--renderer=oil" in runner.commands[0]


def test_an_artist_paints_scenes_that_are_drawn(tmp_path: Path) -> None:
    store_pictures(None, tmp_path, 60)
    runner = Recorded()
    corpora = Corpora(tmp_path, 0, 1, runner, 72)
    corpora.paint()
    corpora.paint_artist()
    assert {"--source=scenes:60", "--size=72", "--mix=true"} <= set(runner.commands[0])
    pictures = sorted((tmp_path / "artist" / "pictures").glob("*.png"))
    assert [Image.open(path).size for path in pictures] == [(SIDE, SIDE)] * 4
