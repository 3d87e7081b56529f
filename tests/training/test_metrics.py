from __future__ import annotations

import json
from pathlib import Path

import pytest

from underpaint.training.metrics import Metrics, by_timestep, read_metrics


def metrics(folder: Path, phase: str, step: int) -> Metrics:
    return Metrics(folder, ["spatial", "artist"], phase, step=step, tensorboard=False)


def test_errors_are_told_by_noise_level_too() -> None:
    values = by_timestep([1.0, 3.0, 5.0], [0.1, 0.2, 0.9])
    assert values == {"loss": 3.0, "loss/0.00-0.25": 2.0, "loss/0.75-1.00": 5.0}
    assert by_timestep([2.0, 4.0], [0.0, 0.0]) == {"loss": 3.0}


def test_the_order_of_errors_makes_no_difference() -> None:
    errors = [0.1 * 3**power for power in range(20)]
    levels = [power / 20 for power in range(20)]
    assert by_timestep(errors, levels) == by_timestep(errors[::-1], levels[::-1])


def test_what_a_killed_run_wrote_after_its_checkpoint_is_forgotten(tmp_path: Path) -> None:
    first = metrics(tmp_path, "spatial", 0)
    first.write(9, "train", {"loss": 1.0})
    second = metrics(tmp_path, "artist", 0)
    for step in (2, 4, 6):
        second.write(step, "train", {"loss": float(step)})
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"phase": "art')
    metrics(tmp_path, "artist", 4)
    found = read_metrics(tmp_path / "metrics.jsonl")
    assert [(line["phase"], line["step"]) for line in found] == [("spatial", 9), ("artist", 2), ("artist", 4)]


def test_numbers_come_back_exactly(tmp_path: Path) -> None:
    metrics(tmp_path, "artist", 0).write(1, "validation", {"loss": 0.1 + 0.2})
    line = json.loads((tmp_path / "metrics.jsonl").read_text())
    assert line == {"phase": "artist", "step": 1, "kind": "validation", "loss": 0.1 + 0.2}


def test_events_for_tensorboard(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    writer = Metrics(tmp_path, ["motion"], "motion", step=0, tensorboard=True)
    writer.write(1, "train", {"loss": 0.5})
    writer.close()
    assert list((tmp_path / "tensorboard" / "motion").glob("events.*"))
