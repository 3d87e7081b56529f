from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from tests.training.conftest import Configure
from tests.training.runs import motion_config, weights
from underpaint.models import load_motion_adapter
from underpaint.training.config import MotionConfig
from underpaint.training.run import train
from underpaint.training.tracking import begin_tracking, end_tracking, track


class _Hub:
    """Stands in for the hub; takes everything, or nothing."""

    uploads: list[dict[str, Any]]
    broken = False

    def create_repo(self, name: str, *, private: bool, exist_ok: bool) -> None:
        assert (private, exist_ok) == (True, True)

    def upload_folder(self, **given: Any) -> None:
        if _Hub.broken:
            raise RuntimeError("no route")
        _Hub.uploads.append(given)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> type[_Hub]:
    _Hub.uploads, _Hub.broken = [], False
    monkeypatch.setattr("underpaint.training.publishing.HfApi", _Hub)
    monkeypatch.setattr("underpaint.training.denoising._SAMPLING_STEPS", 2)
    return _Hub


def test_a_result_in_16_bits_on_the_hub_with_its_card(
    hub: type[_Hub], thin: Path, configure: Configure, tmp_path: Path
) -> None:
    config = motion_config(
        configure(validation_samples=1),
        thin,
        tmp_path / "run",
        steps=1,
        push_to_hub="me/painter",
        sample_prompts="a boot",
        save_precision="fp16",
    )
    hub.broken = True
    with pytest.raises(ValueError, match="push_to_hub me/painter: no route; the result is in"):
        train(config)
    hub.broken = False
    assert train(config)  # nothing is left to do but that
    (upload,) = hub.uploads
    folder = config.out / "motion"
    assert (upload["repo_id"], upload["folder_path"]) == ("me/painter", folder)
    card = (folder / "README.md").read_text()
    assert "library_name: diffusers" in card
    assert "| learning_rate | 0.001 |" in card
    assert str(tmp_path) not in card
    assert str(thin) not in card
    assert (folder / "sheet.png").is_file()
    assert {value.dtype for value in weights(config.out).values()} == {torch.float16}
    adapter, record = load_motion_adapter(folder)
    assert record is not None
    assert (record.kind, adapter.dtype) == ("motion", torch.float32)
    assert "push_to_hub" not in record.recipe
    assert (config.out / "sheets" / "motion-00000001-prompts.png").is_file()


class _Tracker:
    def __init__(self) -> None:
        self.said: list[Any] = []

    def log(self, values: dict[str, float]) -> None:
        self.said.append(values)

    def finish(self) -> None:
        self.said.append("finished")


def test_a_run_is_reported_under_one_id(monkeypatch: pytest.MonkeyPatch, configure: Configure, tmp_path: Path) -> None:
    config = replace(motion_config(configure(), tmp_path, tmp_path / "run"), report_to="wandb")
    config.out.mkdir()
    opened: list[Any] = []
    accelerator: Any = SimpleNamespace(trackers=[_Tracker()], init_trackers=lambda *given: opened.append(given))
    monkeypatch.setitem(__import__("sys").modules, "wandb", SimpleNamespace())
    for _ in range(2):
        begin_tracking(accelerator, config)
    assert opened[0] == opened[1]
    assert opened[0][0] == "underpaint"
    assert opened[0][2]["wandb"]["id"] == (config.out / "wandb.id").read_text()
    track(accelerator, "motion", 3, "train", {"loss": 0.5})
    end_tracking(accelerator)
    assert accelerator.trackers[0].said == [{"motion/train/loss": 0.5, "motion/step": 3}, "finished"]


def test_without_wandb_it_is_one_line(monkeypatch: pytest.MonkeyPatch, configure: Configure, tmp_path: Path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "wandb", None)
    config: MotionConfig = replace(motion_config(configure(), tmp_path, tmp_path / "run"), report_to="wandb")
    with pytest.raises(ValueError, match=r"report_to wandb needs wandb: pip install 'underpaint\[wandb\]'"):
        begin_tracking(SimpleNamespace(), config)  # type: ignore[arg-type]


def test_what_isn_t_a_repository_is_refused(configure: Configure, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="push_to_hub is 'painter': give a repository as owner/name"):
        motion_config(configure(), tmp_path, tmp_path / "run", push_to_hub="painter")
