from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.experiments.learn.chains import in_this_process, run_chain
from underpaint.experiments.trials.config import USUAL

pytestmark = pytest.mark.slow


def without_times(page: Path) -> str:
    return page.read_text(encoding="utf-8").partition("## Time")[0]


def test_a_chain_goes_on_where_it_stopped(finished: dict[str, Any]) -> None:
    assert finished["begun"] == ["corpus", "base", "motion", "replication"]
    assert finished["continued"] == ["replication", "artist", "artist", "trials"]


def test_it_tells_a_line_of_each_part(finished: dict[str, Any]) -> None:
    lines = finished["told"].splitlines()[1:]
    assert [line.split()[1] for line in lines] == [
        "pictures", "corpus", "base", "motion", "replication", "artist", "trials"
    ]  # fmt: skip
    assert all(line.endswith("done before") for line in lines[:4])
    assert "3.0 min left" in lines[4]
    assert "1.0 min left" in lines[6]


def test_the_models_paint_as_the_page_says(finished: dict[str, Any], tmp_path: Path) -> None:
    from underpaint.pipelines.cli import main

    models = finished["out"] / "models"
    given = ["--models", str(models), "--steps", "1", "--device", "cpu"]
    assert main(["text", "oil, a hill", *given, "--lora", "artist=1", "--out", str(tmp_path / "hill.webp")]) == 0


def test_a_finished_chain_only_writes_its_page(finished: dict[str, Any], source: Path, recipes: Path) -> None:
    before = finished["page"].read_bytes()
    finished["page"].unlink()
    with pytest.MonkeyPatch.context() as patch:
        ran = in_this_process(patch)
        page, told = run_chain(finished["out"], source, recipes)
    assert ran == []
    assert told.count("done before") == 7
    assert page.read_bytes() == before


def test_an_uninterrupted_chain_finds_the_same(
    finished: dict[str, Any], source: Path, recipes: Path, tmp_path: Path
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        in_this_process(patch)
        page, _ = run_chain(tmp_path / "again", source, recipes)
    assert without_times(page) == without_times(finished["page"])
    for name in USUAL:
        one, two = (
            json.loads((out / "trials" / name / "finding.json").read_bytes())["finding"]
            for out in (finished["out"], tmp_path / "again")
        )
        assert one == two, name
        for path in (finished["out"] / "trials" / name).glob("*.png"):
            assert path.read_bytes() == (tmp_path / "again" / "trials" / name / path.name).read_bytes(), path
    losses = [(out / "losses.png").read_bytes() for out in (finished["out"], tmp_path / "again")]
    assert losses[0] == losses[1]


def test_other_settings_in_the_same_folder_are_refused(
    finished: dict[str, Any], source: Path, recipes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_this_process(monkeypatch)
    with pytest.raises(ValueError, match="was begun with seed 0, now it is 5"):
        run_chain(finished["out"], source, recipes, seed=5)
