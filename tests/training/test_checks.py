"""What isn't there is refused before torch is imported, and before any hub is asked."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from underpaint.training.checks import check_paths
from underpaint.training.config import MotionConfig
from underpaint.training.data_config import DataConfig
from underpaint.training.folder import only_run

# Runs each command line that it is given, and prints what each ended with, its CPU seconds, and whether torch came in.
SCRIPT = """
import contextlib, io, json, sys, time
from underpaint.training.cli import main
found = []
for arguments in json.loads(sys.argv[1]):
    said, start = io.StringIO(), time.process_time()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
        try:
            status = main(arguments)
        except SystemExit as error:
            status = error.code
    found.append([status, said.getvalue(), time.process_time() - start, "torch" in sys.modules])
print(json.dumps(found))
"""


def test_a_mistake_takes_a_line_and_no_torch(finished: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    given = ["--corpus", str(finished), "--steps", "3", "--out", str(tmp_path / "run")]
    (tmp_path / "mm.ckpt").write_text("")
    (tmp_path / "empty").mkdir()
    small = [*given, "--size", "48", "--frames", "4"]
    (tmp_path / "unfinished").mkdir()
    (tmp_path / "unfinished" / "config.yaml").touch()
    cases = {
        "size": ["base", *given, "--size", "oops"],
        "base runs/nothere does not exist": ["motion", *small, "--base", "runs/nothere"],
        "base ./nothere does not exist": ["motion", *small, "--base", "./nothere"],
        "file is a file": ["motion", *small, "--base", str(tmp_path / "file")],
        "nothere.yaml": ["base", *given, "--config", "nothere.yaml"],
        "corpus nothere is not a folder": ["base", *given, "--corpus", "nothere"],
        "holds no finished shard": ["base", *given, "--corpus", str(tmp_path)],
        "motion out/nothere does not exist": ["artist", *small, "--motion", "out/nothere"],
        "is a file: a run needs a folder": ["base", *given, "--out", str(tmp_path / "file")],
        "holds canvases of 48 x 48 px, size is 64": ["base", *given, "--size", "64"],
        "stores 9 frames of each process, frames is 10": ["motion", *given, "--size", "48", "--frames", "10"],
        "unfinished has no finished base": ["motion", *small, "--base", "unfinished"],
        "unfinished has no finished motion": ["artist", *small, "--motion", "unfinished"],
        "init runs/nothere does not exist": ["motion", *small, "--init", "runs/nothere"],
        "mm.ckpt is a pickle, which can run anything": ["motion", *small, "--init", "mm.ckpt"],
        "init empty has no config.json: give a replication run, a diffusers folder, a .safetensors file or a hub id": [
            "replication",
            *small,
            "--motion",
            "o/m",
            "--init",
            "empty",
        ],
        "init o/m does not exist: give a run of the stage": [
            "artist",
            *small,
            "--motion",
            "o/m",
            "--init",
            "o/m",
        ],
        "vae models/v.safetensors does not exist": ["motion", *small, "--vae", "models/v.safetensors"],
        "base_config nothere is no folder": ["motion", *small, "--base-config", "nothere"],
        "base_config empty with base nano, which has configs of its own": ["motion", *small, "--base-config", "empty"],
        "has no model_index.json": ["motion", *small, "--base", str(finished)],
        "--learning-rate is 'nan'": ["base", *given, "--learning-rate", "nan"],
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(list(cases.values()))],
        cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for expected, (status, said, _, torch) in zip(cases, json.loads(done.stdout), strict=True):
        assert (status, torch) == (2, False), said
        assert len(said.splitlines()) == 1, said
        assert expected in said
    assert not (tmp_path / "run").exists()


def test_processes_of_one_run_are_no_other_run(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = DataConfig(corpus=str(finished), size=48, frames=4)
    config = MotionConfig(data=data, out=tmp_path / "run", steps=9)
    with only_run(config.out):
        with pytest.raises(ValueError, match="another run is training"):
            check_paths(config)
        monkeypatch.setenv("RANK", "1")
        check_paths(config)


@pytest.mark.parametrize(
    ("changes", "library"),
    [
        ({"optimizer": "adamw-8bit"}, "bitsandbytes"),
        ({"optimizer": "prodigy", "learning_rate": 1.0}, "prodigyopt"),
        ({"report_to": "wandb"}, "wandb"),
    ],
)
def test_a_library_that_is_missing_is_missed_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], library: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    data = DataConfig(corpus="nothere", size=48, frames=4)
    with pytest.raises(ValueError, match=rf"needs {library}: pip install 'underpaint\["):
        check_paths(MotionConfig(data=data, out=tmp_path / "run", steps=3, **changes))
