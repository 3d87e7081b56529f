"""What isn't there is refused before torch is imported, and before any hub is asked."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

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
    cases = {
        "size": ["base", *given, "--size", "oops"],
        "base runs/nothere does not exist": ["motion", *given, "--base", "runs/nothere"],
        "base ./nothere does not exist": ["motion", *given, "--base", "./nothere"],
        "file is a file": ["motion", *given, "--base", str(tmp_path / "file")],
        "nothere.yaml": ["base", *given, "--config", "nothere.yaml"],
        "corpus nothere is not a folder": ["base", *given, "--corpus", "nothere"],
        "holds no finished shard": ["base", *given, "--corpus", str(tmp_path)],
        "motion out/nothere does not exist": ["artist", *given, "--motion", "out/nothere"],
        "is a file: a run needs a folder": ["base", *given, "--out", str(tmp_path / "file")],
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
