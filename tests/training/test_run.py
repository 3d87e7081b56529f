from __future__ import annotations

import dataclasses
import logging
import os
import shutil
from errno import ENOSPC
from pathlib import Path
from typing import Any

import pytest

from tests.models.thin import thin_unet
from tests.training.conftest import Configure
from tests.training.helpers import damage
from tests.training.runs import lines, motion_config, stopping_at
from underpaint.commandline.logs import console_logging
from underpaint.models.loading import save_base
from underpaint.models.nano import build_nano
from underpaint.training.config import RENAMED
from underpaint.training.folder import check_folder, only_run
from underpaint.training.loader import Data
from underpaint.training.run import train
from underpaint.training.sample import BadSample


@pytest.fixture(scope="module")
def stopped(thin: Path, configure: Configure, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was stopped after its first step."""
    out = tmp_path_factory.mktemp("stopped") / "run"
    with stopping_at(1):
        assert not train(motion_config(configure(validation_samples=2), thin, out, batch=1))
    return out


def test_another_config_in_the_same_folder_is_refused(stopped: Path, thin: Path, configure: Configure) -> None:
    same = motion_config(configure(validation_samples=2), thin, stopped, batch=1)
    check_folder(same)
    # A constant rate doesn't know how long it will last.
    check_folder(dataclasses.replace(same, steps=99, log_every=7))
    with pytest.raises(ValueError, match=r"holds a run with learning_rate 0.001, now it is 0.002"):
        check_folder(dataclasses.replace(same, learning_rate=0.002))
    with pytest.raises(ValueError, match=r"--resume auto to resume it"):
        check_folder(dataclasses.replace(same, resume="never"))


def test_a_run_from_before_options_were_renamed_goes_on(stopped: Path, thin: Path, configure: Configure) -> None:
    config = motion_config(configure(validation_samples=2), thin, stopped, batch=1)
    path = stopped / "config.yaml"
    now = path.read_text()
    before = now
    for old, new in RENAMED.items():
        assert f"\n{new}: " in now
        before = before.replace(f"\n{new}: ", f"\n{old}: ")
    path.write_text(before)
    try:
        check_folder(config)
        with pytest.raises(ValueError, match=r"holds a run with timestep_shift 1\.0, now it is 3\.0"):
            check_folder(dataclasses.replace(config, timestep_shift=3.0))
    finally:
        path.write_text(now)


def test_a_moved_run_is_the_same(stopped: Path, thin: Path, configure: Configure, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    moved.symlink_to(stopped)
    check_folder(motion_config(configure(validation_samples=2), thin, moved, batch=1))


def test_it_tells_what_will_train(
    thin: Path, configure: Configure, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with console_logging(), stopping_at(1):
        assert not train(motion_config(configure(validation_samples=2), thin, tmp_path / "run", batch=1))
    said = capsys.readouterr().out
    for part in ("motion: 6 steps of 1 samples, 4 frames of 48 px", "samples to train on", "in all", "memory: about"):
        assert part in said


def test_a_damaged_sample_stops_training_or_is_skipped_and_counted(
    thin: Path, configure: Configure, corpus: Path, tmp_path: Path
) -> None:
    settings = {"corpus": str(corpus), "validation_samples": 1}
    # The third that would be trained on.
    key = next(iter(Data(configure(**settings)).train_batches(batch=3))).keys[2]
    shard = damage(corpus, key)
    config = motion_config(configure(**settings), thin, tmp_path / "stop", steps=4)
    with pytest.raises(BadSample, match=rf"{key} in .*{shard}"):
        train(config)
    skipping = configure(**settings, on_bad_sample="skip")
    assert train(dataclasses.replace(config, data=skipping, out=tmp_path / "skip"))
    assert sum(line["skipped"] for line in lines(tmp_path / "skip") if line["kind"] == "train") == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"frames": 10}, "stores 9 frames of each process, frames is 10"),
        ({"size": 64}, "holds canvases of 48 x 48 px, size is 64"),
        ({"renderer": "oil"}, "has no sample to train on by oil"),
        ({"validation": 0.0001}, "no sample is left to validate on"),
    ],
)
def test_what_the_corpus_can_t_give_is_refused(
    thin: Path, configure: Configure, tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    config = motion_config(configure(**changes), thin, tmp_path / "run")
    with pytest.raises(ValueError, match=message):
        train(config)
    assert not config.out.exists()


def test_an_exchanged_corpus_or_base_is_refused(
    thin: Path, configure: Configure, corpus: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    base = Path(shutil.copytree(thin, tmp_path / "base"))
    config = motion_config(configure(corpus=str(corpus), validation_samples=1), base, tmp_path / "run", batch=1)
    with stopping_at(1):
        assert not train(config)
    (corpus / "000001.json").rename(corpus / "away")  # as if shards had been added
    with pytest.raises(ValueError, match=rf"content of corpus {corpus} has changed"):
        train(config)
    (corpus / "away").rename(corpus / "000001.json")
    save_base(base, dataclasses.replace(build_nano(seed=2), unet=thin_unet(12, seed=2)))
    with pytest.raises(ValueError, match="content of the networks that motion builds on has changed"):
        train(config)
    shutil.rmtree(base)
    shutil.copytree(thin, base)
    with caplog.at_level(logging.INFO):
        assert train(dataclasses.replace(config, steps=2))
        assert train(dataclasses.replace(config, steps=2))
    assert "resuming motion at step 1 of 2" in caplog.text
    assert f"motion is finished: {config.out / 'motion'}" in caplog.text


def test_two_runs_do_not_share_a_folder(thin: Path, configure: Configure, tmp_path: Path) -> None:
    config = motion_config(configure(validation_samples=1), thin, tmp_path / "run")
    with only_run(config.out), pytest.raises(ValueError, match="another run is training in"):
        train(config)


def test_a_full_disk_names_the_folder_and_what_is_safe(
    thin: Path, configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = motion_config(configure(validation_samples=1), thin, tmp_path / "run", batch=1)
    with stopping_at(1):
        assert not train(config)

    def full(*args: Any, **others: Any) -> None:
        raise OSError(ENOSPC, os.strerror(ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("underpaint.models.weights.save_file", full)
        said = rf"{config.out} can't be written: No space left.*step 1 is intact"
        with stopping_at(1), pytest.raises(OSError, match=said):
            train(config)
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(OSError, match=rf"{config.out} can't be written: No space left"):
            train(config)
    assert [path.name for path in (config.out / "checkpoints").iterdir()] == ["motion-00000001"]
