from __future__ import annotations

import errno
import json
import math
import os
from pathlib import Path

import pytest

from underpaint.texts import parse_json
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


def test_a_full_disk_ends_no_training_for_its_events(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tensorboard = pytest.importorskip("torch.utils.tensorboard")
    writer = Metrics(tmp_path, ["motion"], "motion", step=0, tensorboard=True)
    monkeypatch.setattr(tensorboard.SummaryWriter, "add_scalar", full)
    writer.write(1, "train", {"loss": 0.5, "gradient_norm": 1.0})
    writer.write(2, "train", {"loss": 0.25})
    writer.close()
    assert [line["loss"] for line in read_metrics(tmp_path / "metrics.jsonl")] == [0.5, 0.25]
    assert [record.getMessage() for record in caplog.records] == [
        f"no more TensorBoard events, {tmp_path / 'tensorboard' / 'motion'} can't be written: No space left on device"
    ]


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("error", [True, False])
def test_a_full_disk_leaves_no_half_of_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: bool) -> None:
    writer = metrics(tmp_path, "artist", 0)
    writer.write(1, "train", {"loss": 1.0})
    before, write = (tmp_path / "metrics.jsonl").read_bytes(), os.write

    def filling(descriptor: int, data: bytes) -> int:
        written = write(descriptor, data[:9])
        return full() or 0 if error else written

    with monkeypatch.context() as patch:
        patch.setattr("os.write", filling)
        with pytest.raises(OSError, match="No space left"):
            writer.write(2, "train", {"loss": 2.0})
    assert (tmp_path / "metrics.jsonl").read_bytes() == before


def test_what_is_written_is_json_also_of_a_run_that_wrote_more(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"phase": "artist", "step": 1, "kind": "train", "loss": NaN, "gradient_norm": Infinity}\n')
    assert math.isnan(read_metrics(path)[0]["loss"])
    metrics(tmp_path, "artist", 1).write(2, "train", {"loss": math.inf, "skipped": 0.0})
    assert [parse_json(line) for line in path.read_text().splitlines()] == [
        {"phase": "artist", "step": 1, "kind": "train"},
        {"phase": "artist", "step": 2, "kind": "train", "skipped": 0.0},
    ]


@pytest.mark.parametrize("line", [b"[]", b"3", b"{}", b"{", b"\xff", b"[" * 100_000])
def test_a_damaged_line_is_named(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(b'{"phase": "artist", "step": 1, "kind": "train"}\n' + line + b"\n")
    with pytest.raises(ValueError, match=r"line 2 of .*metrics\.jsonl is damaged \(.*delete it"):
        read_metrics(path)
