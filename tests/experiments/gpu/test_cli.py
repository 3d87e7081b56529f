from __future__ import annotations

import tarfile
from pathlib import Path

from underpaint.experiments.gpu.cli import pack


def test_networks_travel_in_parts(tmp_path: Path) -> None:
    run, out = tmp_path / "run", tmp_path / "out"
    (run / "models" / "base").mkdir(parents=True)
    (run / "models" / "base" / "weights").write_bytes(bytes(range(256)) * 100)
    (run / "report.jsonl").write_text("{}\n")
    pack(run, out, part=10_000)
    parts = sorted(out.glob("models.tar.*"), key=lambda path: int(path.suffix[1:]))
    assert len(parts) > 2
    assert (out / "report.jsonl").is_file()
    (tmp_path / "again.tar").write_bytes(b"".join(part.read_bytes() for part in parts))
    with tarfile.open(tmp_path / "again.tar") as tar:
        tar.extractall(tmp_path / "again", filter="data")
    assert (tmp_path / "again" / "models" / "base" / "weights").read_bytes() == bytes(range(256)) * 100
