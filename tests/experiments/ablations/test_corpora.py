from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.experiments.ablations.settings import config
from underpaint.experiments.ablations import corpora
from underpaint.experiments.ablations.corpora import check_equal, manner_corpus

_PAINTED = {"size": 72, "frames": 16, "strokes": 200, "quality": "draft", "seed": 3, "schedule": "change", "mix": False}


def write_corpus(folder: Path, **media: int) -> Path:
    """What is read of a corpus in the painter's manner, which holds so many samples of each medium."""
    folder.mkdir()
    job = {"location": "scenes:9", "config": _PAINTED | {name: {"manner": "painter"} for name in media}}
    (folder / "job.json").write_text(json.dumps(job))
    counts = {name: {"samples": count} for name, count in media.items()}
    (folder / "manifest.json").write_text(json.dumps({"samples": sum(media.values()), "renderers": counts}))
    return folder


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Command lines of what would be run."""
    found: list[list[str]] = []

    def run(words: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        found.append(words)
        return subprocess.CompletedProcess(words, 0, "", "")

    monkeypatch.setattr(corpora.subprocess, "run", run)
    return found


def test_the_given_corpus_is_taken_where_it_is_in_the_manner(tmp_path: Path, commands: list[list[str]]) -> None:
    given = write_corpus(tmp_path / "given", oil=9, ink=9)
    assert manner_corpus(config(tmp_path, corpus=given), "oil", "painter") == given
    assert commands == []


def test_the_same_pictures_are_painted_in_the_other_manner(tmp_path: Path, commands: list[list[str]]) -> None:
    given = write_corpus(tmp_path / "given", oil=9)
    out = manner_corpus(config(tmp_path, corpus=given), "oil", "error", "error")
    assert out == tmp_path / "oil-error"
    ((_, _, module, command, *words),) = commands
    assert (module, command) == ("underpaint.datagen", "generate")
    assert set(words) == {
        "--source=scenes:9", f"--out={out}", "--size=72", "--frames=16", "--strokes=200", "--quality=draft", "--seed=3",
        "--renderer=oil", "--oil.manner=error", "--schedule=error", "--workers=0",
    }  # fmt: skip


def test_a_corpus_without_the_medium_or_with_another_schedule_is_painted_anew(
    tmp_path: Path, commands: list[list[str]]
) -> None:
    inks = write_corpus(tmp_path / "inks", ink=9)
    assert manner_corpus(config(tmp_path, corpus=inks), "oil", "painter") == tmp_path / "oil-painter"
    oils = write_corpus(tmp_path / "oils", oil=9)
    assert manner_corpus(config(tmp_path, corpus=oils), "oil", "painter", "strokes") == tmp_path / "oil-painter"
    assert len(commands) == 2


def test_corpora_of_unlike_numbers_are_not_compared(tmp_path: Path) -> None:
    many, few = write_corpus(tmp_path / "many", oil=9, ink=9), write_corpus(tmp_path / "few", ink=9, oil=8)
    # A corpus that paints each picture in one medium draws which.
    check_equal(many, write_corpus(tmp_path / "same", ink=10, oil=8))
    with pytest.raises(ValueError, match=r"many holds 18 samples in ink, oil and .*few 17 samples in ink, oil: "):
        check_equal(many, few)
    with pytest.raises(ValueError, match=r"18 samples in ink, oil and .*oils 18 samples in oil: "):
        check_equal(many, write_corpus(tmp_path / "oils", oil=18))
