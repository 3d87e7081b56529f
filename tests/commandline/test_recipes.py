from __future__ import annotations

from pathlib import Path

import pytest

from underpaint.commandline.parser import USAGE, Parser, configurable
from underpaint.commandline.recipes import find_recipe, recipe_names


def test_a_recipe_is_found_by_its_name_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_recipe("nano-base").read_text().startswith("# nano")
    assert {"nano-base", "nano-motion", "paper", "sd15-replication"} <= set(recipe_names())


def test_a_file_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("nano-base").write_text("size: 32\n")
    assert find_recipe("nano-base") == Path("nano-base")


@pytest.fixture
def parser() -> Parser:
    parser = configurable("Set something.")
    parser.add_argument("--size", type=int)
    return parser


def test_what_is_neither_is_refused_in_a_line(parser: Parser, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        parser.parse_args(["--config", "configs/nano-bass.yaml"])
    assert stopped.value.code == USAGE
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "configs/nano-bass.yaml is no file and no recipe" in said
    assert ", ".join(recipe_names()) in said


def test_options_come_from_the_recipe(parser: Parser, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "small.yaml").write_text("size: 16\n")
    monkeypatch.setattr("underpaint.commandline.recipes.recipes_folder", lambda: tmp_path / "configs")
    assert parser.parse_args(["--config", "small"]).size == 16
    assert parser.parse_args(["--config", "small", "--size", "8"]).size == 8
