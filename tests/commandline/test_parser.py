from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from underpaint.commandline.parser import USAGE, Help, Parser, configurable, eased, renamed, with_new_names


@dataclass
class Settings:
    """What is set.

    Args:
        shard_size: Samples of a shard.
        mix: Whether they are mixed.
        out: Where they go.
    """

    shard_size: int = 3
    mix: bool = False
    out: Path = Path("here")


@pytest.fixture
def parser() -> Parser:
    parser = configurable("Set something.")
    parser.formatter_class = Help
    parser.add_class_arguments(Settings)
    return eased(parser)


@pytest.mark.parametrize("spelling", ["--shard-size", "--shard_size"])
def test_hyphens_and_underscores(parser: Parser, spelling: str) -> None:
    assert parser.parse_args([spelling, "5"]).shard_size == 5


@pytest.mark.parametrize(("given", "mixed"), [(["--mix"], True), (["--mix", "false"], False), ([], False)])
def test_flags_may_stand_alone(parser: Parser, given: list[str], mixed: bool) -> None:
    assert parser.parse_args(given).mix is mixed


def test_a_file_has_the_names_of_python_and_no_others(parser: Parser, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("shard_size: 7\n")
    assert parser.parse_args(["--config", str(path)]).shard_size == 7
    path.write_text("shard_sise: 7\n")
    with pytest.raises(SystemExit):
        parser.parse_args(["--config", str(path)])


def test_a_mistake_is_one_line(parser: Parser, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        parser.parse_args(["--shard-size", "many"])
    assert stopped.value.code == USAGE
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "many" in said
    assert said.endswith("(--help tells more)\n")


def test_help_shows_hyphens_and_words(parser: Parser) -> None:
    text = parser.format_help()
    assert "--shard-size" in text
    assert "--shard_size" not in text
    assert "<class" not in text


@dataclass
class Nested:
    """What is set within.

    Args:
        tile_count: How many.
    """

    tile_count: int = 1


@pytest.fixture
def newer() -> Parser:
    parser = configurable("Set something.")
    parser.add_class_arguments(Settings)
    parser.add_class_arguments(Nested, "oil")
    return renamed(eased(parser), {"tar_size": "shard_size", "blend_it": "mix", "oil.tiles": "oil.tile_count"})


@pytest.mark.parametrize("given", [["--tar-size", "5"], ["--tar_size=5"], ["--shard-size", "5"]])
def test_an_old_name_is_taken_for_the_new_one(
    newer: Parser, given: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert newer.parse_args(given).shard_size == 5
    said = capsys.readouterr().err
    assert said.count("\n") == (0 if given[0] == "--shard-size" else 1)
    assert ("is now --shard-size" in said) == (given[0] != "--shard-size")


def test_old_names_of_flags_and_of_nested_options(newer: Parser) -> None:
    found = newer.parse_args(["--blend-it", "--oil.tiles", "4"])
    assert found.mix is True
    assert found.oil.tile_count == 4


def test_old_names_in_files(newer: Parser, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("tar_size: 7\noil:\n  tiles: 3\nout: '1e-3'\n")
    found = newer.parse_args(["--config", str(path), "--mix"])
    assert (found.shard_size, found.oil.tile_count, found.out, found.mix) == (7, 3, Path("1e-3"), True)
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert f"tar_size in {path} is now shard_size" in said[0]
    assert "oil.tile_count" in said[1]


def test_old_names_of_a_subcommand(newer: Parser, capsys: pytest.CaptureFixture[str]) -> None:
    parser = Parser(prog="tool")
    parser.add_subcommands(dest="command").add_subcommand("make", newer)
    assert parser.parse_args(["make", "--tar-size", "5"]).make.shard_size == 5
    assert capsys.readouterr().err.startswith("tool make: --tar-size is now --shard-size;")


def test_help_has_no_old_names(newer: Parser) -> None:
    assert "tar" not in newer.format_help()


def test_after_two_hyphens_there_are_no_options() -> None:
    parser = Parser()
    parser.add_argument("words", nargs="+")
    parser.add_argument("--new")
    assert renamed(parser, {"old": "new"}).parse_args(["--", "--old"]).words == ["--old"]


def test_only_options_can_be_renamed(parser: Parser) -> None:
    with pytest.raises(AssertionError, match="nothing"):
        renamed(parser, {"old": "nothing"})
    with pytest.raises(AssertionError, match="mix"):
        renamed(parser, {"mix": "shard_size"})


def test_new_names_for_stored_values() -> None:
    stored = {"tar_size": 2, "oil": {"tiles": 3}}
    assert with_new_names(stored, {"tar_size": "shard_size", "oil.tiles": "oil.tile_count"}) == {
        "shard_size": 2,
        "oil": {"tile_count": 3},
    }
    assert "tar_size" in stored
