from __future__ import annotations

from pathlib import Path

from benchmarks import gpu


def test_the_table_of_a_gpu_can_be_made_small(tmp_path: Path) -> None:
    options = ["--small", "--steps", "1", "--frames", "2", "--batches", "1", "--precisions", "bf16"]
    options += ["--only", "motion", "paint", "paint, compile"]
    gpu.main([*options, "--out", str(tmp_path / "gpu.md")])
    lines = (tmp_path / "gpu.md").read_text().splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("|")]
    assert [row[0] for row in rows] == ["what", "---", "motion", "paint"]  # none of the compiler, which is for GPUs
    assert all(len(row) == len(rows[0]) for row in rows)
    assert float(rows[2][4]) > 0
    assert float(rows[2][7]) > 0
