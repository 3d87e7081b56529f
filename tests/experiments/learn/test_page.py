from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from tests.experiments.learn.chains import BUDGET
from underpaint.experiments.findings import Finding, Sheet, write_finding
from underpaint.experiments.learn.config import LearnConfig
from underpaint.experiments.learn.machine import Machine
from underpaint.experiments.learn.page import write_page
from underpaint.experiments.learn.stages import Stages
from underpaint.experiments.trials.words import OPENING


def test_the_page_tells_what_was_run_and_shows_pictures_that_are_there(finished: dict[str, Any]) -> None:
    out, text = finished["out"], finished["page"].read_text(encoding="utf-8")
    assert finished["page"] == out / "results.md"
    assert "The 18 pictures are crops of 6." in text
    assert "18, 3 crops each of 6; 6 of them unseen" in text
    assert "base 2, motion 2, replication 2" in text
    for title in (
        "Reconstruction",
        "The usual measures",
        "Completion",
        "Do captions matter?",
        "From text",
        "Scenes from words",
        "Like a person's?",
        "An artist",
    ):
        assert f"## {title}\n" in text
    shown = [part.partition(")")[0] for part in text.split("](")[1:]]
    assert len(shown) >= 6
    assert all((out / path).is_file() for path in shown)
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert not any(re.search(r"None|\bnan\b", row) for row in rows)


def test_the_page_of_scenes_begins_with_what_words_give(finished: dict[str, Any], tmp_path: Path) -> None:
    out = tmp_path / "learned"
    shutil.copytree(finished["out"], out, ignore=shutil.ignore_patterns("corpus", "checkpoints"))
    config = LearnConfig(out=out, source="photos", device="cpu")
    stages = Stages(folder=out, budget=BUDGET, machine=Machine(device="cpu", processes=1, cores=1), seed=0)
    assert "Left out" in write_page(config, stages).read_text(encoding="utf-8")
    sheets = [Sheet(file=OPENING, words="Always the same."), Sheet(file="last.png", words="All.")]
    write_finding(out / "trials" / "words", {}, Finding(title="Scenes from words", words="w", table=[], sheets=sheets))
    text = write_page(config, stages).read_text(encoding="utf-8")
    assert text.count(f"](trials/words/{OPENING})") == 1
    places = [text.index(part) for part in (OPENING, "## What was run", "## Scenes from words", "last.png", "## Recon")]
    assert places == sorted(places)
