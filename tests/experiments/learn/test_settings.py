from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from underpaint.experiments.learn.config import LearnConfig
from underpaint.experiments.learn.machine import Machine
from underpaint.experiments.learn.settings import add_time, read_times, settle

CPU = Machine(device="cpu", processes=2, cores=2)


def test_the_same_settings_continue_and_others_are_refused(tmp_path: Path) -> None:
    settle(LearnConfig(out=tmp_path), CPU)
    settle(LearnConfig(out=tmp_path), CPU)
    with pytest.raises(ValueError, match=r"was begun with minutes 30\.0, now it is 60\.0"):
        settle(LearnConfig(out=tmp_path, minutes=60), CPU)
    with pytest.raises(ValueError, match="with seed 0, now it is 1"):
        settle(LearnConfig(out=tmp_path, seed=1), CPU)


def test_another_kind_of_machine_is_refused(tmp_path: Path) -> None:
    settle(LearnConfig(out=tmp_path), CPU)
    with pytest.raises(ValueError, match="with device 'cpu', now it is 'cuda'"):
        settle(LearnConfig(out=tmp_path), Machine(device="cuda", processes=1, cores=2))


def test_another_processor_is_refused_where_it_computes_otherwise(tmp_path: Path) -> None:
    settle(LearnConfig(out=tmp_path), CPU)
    settle(LearnConfig(out=tmp_path), dataclasses.replace(CPU, cores=64))
    with pytest.raises(ValueError, match="with precision 'bf16', now it is 'no'"):
        settle(LearnConfig(out=tmp_path), dataclasses.replace(CPU, precision="no"))


def test_a_moved_folder_and_a_relative_source_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (tmp_path / "a").mkdir()
    settle(LearnConfig(out=tmp_path / "a", source=str(source)), CPU)
    (tmp_path / "a").rename(tmp_path / "b")
    monkeypatch.chdir(tmp_path)
    settle(LearnConfig(out=Path("b"), source="source"), CPU)


def test_a_folder_of_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(ValueError, match=r"holds other things, thesis\.txt for one"):
        settle(LearnConfig(out=tmp_path), CPU)


def test_times_add_up(tmp_path: Path) -> None:
    assert read_times(tmp_path) == {}
    add_time(tmp_path, "base", 2.04)
    add_time(tmp_path, "motion", 1.0)
    add_time(tmp_path, "base", 3.0)
    assert read_times(tmp_path) == {"base": 5.0, "motion": 1.0}
