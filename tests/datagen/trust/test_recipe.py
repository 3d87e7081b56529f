import json
import shlex
from pathlib import Path

import pytest

from tests.datagen.helpers import quietly
from underpaint import renderers
from underpaint.datagen.cli import build_parser
from underpaint.datagen.commands.making import generate_config
from underpaint.datagen.config import GenerateConfig
from underpaint.datagen.import_config import ImportConfig
from underpaint.datagen.importing import Importer
from underpaint.datagen.painting.painter import PaintingMaker, with_options
from underpaint.datagen.storage.store import Store
from underpaint.datagen.trust.recipe import command_of, maker_of


def job_of(folder: Path) -> dict:
    return json.loads((folder / "job.json").read_bytes())


def test_a_painter_is_found_again(configure, tmp_path):
    options = {"bezier": renderers.options_class("bezier")(ground="black")}
    config = configure(tmp_path / "a", options=options, seed=4)
    quietly(config)
    maker = maker_of(job_of(tmp_path / "a"), Store(str(tmp_path / "b")))
    assert isinstance(maker, PaintingMaker)
    assert maker.config.options == options
    assert maker.config.determines_bytes() == with_options(config).determines_bytes()
    assert maker.config.source == config.source
    quietly(maker.config)
    for name in ("000000.tar", "000002.tar"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_an_importer_is_found_again(recorded, tmp_path):
    maker = maker_of(job_of(recorded), Store(str(tmp_path)), source="elsewhere")
    assert isinstance(maker, Importer)
    assert isinstance(maker.config, ImportConfig)
    assert (maker.config.trigger, maker.config.frames, maker.config.source) == ("sks", 5, "elsewhere")


def test_options_that_are_files_are_paths_again(configure, tmp_path):
    config = configure(tmp_path / "a", renderer="region")
    quietly(config)
    job = job_of(tmp_path / "a")
    job["config"]["region"]["sam_checkpoint"] = "/models/sam.pth"
    maker = maker_of(job, Store(str(tmp_path)))
    assert isinstance(maker.config, GenerateConfig)
    assert maker.config.options["region"].sam_checkpoint == Path("/models/sam.pth")
    assert maker.config.options["region"].saliency == "auto"  # a word or a file
    job["config"]["region"]["saliency"] = "/models/isnet.onnx"
    assert maker_of(job, Store(str(tmp_path))).config.options["region"].saliency == Path("/models/isnet.onnx")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": "9.9", "versions": {"underpaint": "10.1"}}, "install underpaint==10.1"),
        ({"version": "9.9", "versions": {}}, "painting version 9.9, .*install underpaint==9.9"),
        ({"portable": True}, "set UNDERPAINT_PORTABLE=1"),
        ({"config": {"painting": {}}}, "painted by networks"),
        ({"config": {"renderer": "bezier", "bezier": {"brush": 1}}}, "doesn't know.*brush"),
        ({"config": {"renderer": "bezier", "bezier": {}, "sparkle": 1}}, "doesn't know.*sparkle"),
    ],
)
def test_what_this_program_can_t_make(finished, tmp_path, change, said):
    with pytest.raises(ValueError, match=said):
        maker_of(job_of(finished) | change, Store(str(tmp_path)))


def test_the_command_makes_the_same_corpus(configure, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = {"oil": renderers.options_class("oil")(), "bezier": renderers.options_class("bezier")(ground="#102030")}
    config = configure(tmp_path / "a", renderer="bezier,oil", options=options, store_target=True, seed=3, mix=True)
    quietly(config)
    command, *arguments = shlex.split(command_of(job_of(tmp_path / "a")))
    assert command == "underpaint-data"
    parsed = generate_config(build_parser().parse_args(arguments).generate)
    before = with_options(config).determines_bytes() | {"bezier": None, "oil": None}
    assert parsed.determines_bytes() | {"bezier": None, "oil": None} == before
    assert parsed.options["bezier"] == options["bezier"]
    assert parsed.source == config.source


def test_the_command_of_recordings_and_of_paintings(recorded):
    job = job_of(recorded)
    command = command_of(job)
    assert command.startswith("underpaint-data import --source ")
    assert "--trigger sks" in command
    assert "--renderer" not in command
    assert command_of(job | {"portable": True}).startswith("UNDERPAINT_PORTABLE=1 underpaint-data")
    assert command_of(job | {"config": {"painting": {}}}) is None
