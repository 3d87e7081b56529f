"""A run's folder belongs to one run at a time, which goes on as it began."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from underpaint.training.config import BaseConfig, MotionConfig
from underpaint.training.data_config import DataConfig
from underpaint.training.folder import CONFIG_FILE, check_folder, only_run, write_config


@pytest.fixture
def config(tmp_path: Path) -> MotionConfig:
    return MotionConfig(data=DataConfig(corpus="a"), out=tmp_path / "run", steps=9)


def test_a_second_run_is_refused_while_the_first_one_trains(tmp_path: Path) -> None:
    with only_run(tmp_path / "run"):
        with pytest.raises(ValueError, match=r"another run is training in .*run.*--out"), only_run(tmp_path / "run"):
            pass
        with only_run(tmp_path / "other"):
            pass
    with only_run(tmp_path / "run"):
        pass


@pytest.mark.parametrize(("of_corpus", "goes_on"), [("square", True), ("keep", False)])
def test_a_run_from_before_aspect_buckets_goes_on_where_they_change_nothing(
    config: MotionConfig, tmp_path: Path, of_corpus: str, goes_on: bool
) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "job.json").write_text(json.dumps({"config": {"aspect": of_corpus}}))
    config = dataclasses.replace(config, data=DataConfig(corpus=str(tmp_path / "corpus")))
    write_config(config)
    path = config.out / CONFIG_FILE
    path.write_text(path.read_text().replace("aspect: keep\n", ""))
    if goes_on:
        check_folder(config)
    else:
        with pytest.raises(ValueError, match="holds a run with aspect 'square', now it is 'keep'"):
            check_folder(config)
    check_folder(dataclasses.replace(config, data=dataclasses.replace(config.data, aspect="square")))


def test_a_run_from_before_an_option_goes_on_with_its_default(config: MotionConfig) -> None:
    write_config(config)
    path = config.out / CONFIG_FILE
    path.write_text(path.read_text().replace("optimizer: adamw\n", ""))
    check_folder(config)
    with pytest.raises(ValueError, match="holds a run with optimizer 'adamw', now it is 'adafactor'"):
        check_folder(dataclasses.replace(config, optimizer="adafactor"))


def test_a_nano_that_was_begun_with_letters_goes_on_with_them(config: MotionConfig) -> None:
    base = BaseConfig(data=config.data, out=config.out, steps=9, tokenizer="letters")
    write_config(base)
    path = config.out / CONFIG_FILE
    path.write_text(path.read_text().replace("tokenizer: letters\n", ""))
    check_folder(base)
    with pytest.raises(ValueError, match="holds a run with tokenizer 'letters', now it is 'learned'"):
        check_folder(dataclasses.replace(base, tokenizer="learned"))


def test_a_file_is_no_folder(config: MotionConfig) -> None:
    config.out.write_text("")
    with pytest.raises(ValueError, match="is a file"):
        check_folder(config)


@pytest.mark.parametrize(
    "content", [b"- 1", b"3", b"", b"\xff\xfe\x00", b"a: [", b"[" * 100_000, b"!!python/object:os.system {}"]
)
def test_settings_that_are_none_are_named(config: MotionConfig, content: bytes) -> None:
    config.out.mkdir()
    (config.out / CONFIG_FILE).write_bytes(content)
    with pytest.raises(ValueError, match=rf"{CONFIG_FILE} is damaged.*restore it"):
        check_folder(config)


def test_only_how_weights_move_may_change_and_only_on_request(
    config: MotionConfig, caplog: pytest.LogCaptureFixture
) -> None:
    write_config(config)
    slower = dataclasses.replace(config, learning_rate=1e-5)
    with pytest.raises(ValueError, match=r"learning_rate 0\.0001, now it is 1e-05.*--resume changed"):
        check_folder(slower)
    check_folder(dataclasses.replace(slower, resume="changed"))
    with pytest.raises(ValueError, match=r"prediction None, now it is 'sample': take another folder, or the same"):
        check_folder(dataclasses.replace(config, prediction="sample", resume="changed"))
    write_config(slower)
    assert "goes on with learning_rate 1e-05 instead of 0.0001" in caplog.text
    check_folder(slower)


def test_a_finished_run_is_not_made_longer_in_silence(config: MotionConfig) -> None:
    write_config(config)
    check_folder(dataclasses.replace(config, steps=12))  # a constant rate doesn't know how long it will last
    (config.out / "motion").mkdir()
    check_folder(config)
    with pytest.raises(ValueError, match=r"finished after 9 steps.*12 steps in another --out"):
        check_folder(dataclasses.replace(config, steps=12))
