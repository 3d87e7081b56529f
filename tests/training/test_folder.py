"""A run's folder belongs to one run at a time, which goes on as it began."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from underpaint.training.config import MotionConfig
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
    write_config(config, "motion")
    slower = dataclasses.replace(config, learning_rate=1e-5)
    with pytest.raises(ValueError, match=r"learning_rate 0\.0001, now it is 1e-05.*--resume changed"):
        check_folder(slower)
    check_folder(dataclasses.replace(slower, resume="changed"))
    with pytest.raises(ValueError, match=r"prediction None, now it is 'sample': take another folder, or the same"):
        check_folder(dataclasses.replace(config, prediction="sample", resume="changed"))
    write_config(slower, "motion")
    assert "goes on with learning_rate 1e-05 instead of 0.0001" in caplog.text
    check_folder(slower)


def test_a_finished_run_is_not_made_longer_in_silence(config: MotionConfig) -> None:
    write_config(config, "motion")
    check_folder(dataclasses.replace(config, steps=12))  # a constant rate doesn't know how long it will last
    (config.out / "motion").mkdir()
    check_folder(config)
    with pytest.raises(ValueError, match=r"finished after 9 steps.*12 steps in another --out"):
        check_folder(dataclasses.replace(config, steps=12))
