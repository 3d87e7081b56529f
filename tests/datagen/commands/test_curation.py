import json
import shutil

import pytest

from tests.datagen.helpers import answer, quietly
from underpaint.datagen.cli import main


def test_merge_and_split(corpus, configure, tmp_path, capsys):
    quietly(configure(tmp_path / "other", seed=2, store_target=True))
    out = tmp_path / "merged"
    said = answer(capsys, "merge", corpus, tmp_path / "other", "--out", out, "--workers", "0")
    assert said == f"{out}: 20 samples in 6 shards\n"
    said = answer(capsys, "split", out, "--out", tmp_path / "sides", "--validation", "0.3", "--workers", "0")
    assert [line.split(": ")[0] for line in said.splitlines()] == [
        f"{tmp_path}/sides/{side}" for side in ("train", "validation")
    ]
    assert main(["merge", str(corpus), "--out", str(tmp_path / "x")]) == 2
    assert "at least two" in capsys.readouterr().err


def test_dedupe(pictures, tmp_path, capsys):
    pytest.importorskip("imagehash")
    folder = shutil.copytree(pictures, tmp_path / "pictures")
    shutil.copy(folder / "p3.png", folder / "q.png")
    arguments = ("dedupe", folder, "--out", folder / "list.jsonl", "--report", tmp_path / "r.json", "--workers", "0")
    said = answer(capsys, *arguments)
    assert said == f"p3.png: also q.png\n{folder}/list.jsonl: 10 of 11 pictures\n"
    assert json.loads((tmp_path / "r.json").read_bytes())["dropped"] == 1
