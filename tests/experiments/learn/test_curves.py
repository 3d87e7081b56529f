from __future__ import annotations

import json
from pathlib import Path

from PIL import Image

from underpaint.experiments.learn.curves import NOISIEST, draw_losses, losses, read_phases


def write_run(models: Path, stage: str, phases: dict[str, int]) -> None:
    lines = []
    for phase, steps in phases.items():
        for step in range(0, steps + 1, 10):
            values = {"phase": phase, "step": step, "loss": 1 / (step + 1)}
            if step:
                lines.append(values | {"kind": "train"})
            if step in (0, steps):
                noisy = {} if phase == "autoencoder" else {NOISIEST: 2 / (step + 1)}
                lines.append(values | noisy | {"kind": "validation"})
    (models / stage).mkdir(parents=True)
    (models / stage / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_phases_come_in_their_order_with_first_and_last_losses(tmp_path: Path) -> None:
    write_run(tmp_path, "base", {"autoencoder": 50, "base": 100})
    write_run(tmp_path, "motion", {"motion": 20})
    phases = read_phases(tmp_path, ("base", "motion"))
    assert [phase.name for phase in phases] == ["autoencoder", "base", "motion"]
    header, autoencoder, base, _ = losses(phases)
    assert len(header) == len(base)
    assert autoencoder[:4] == ["autoencoder", "50", "1.0000 to 0.0196", "–"]
    assert base[1:4] == ["100", "1.0000 to 0.0099", "2.000 to 0.020"]


def test_equal_runs_give_an_equal_picture(tmp_path: Path) -> None:
    write_run(tmp_path, "base", {"autoencoder": 500, "base": 30})
    phases = read_phases(tmp_path, ("base",))
    draw_losses(phases, tmp_path / "a.png")
    draw_losses(phases, tmp_path / "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert Image.open(tmp_path / "a.png").width > 500
