from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from underpaint.commandline.parser import USAGE, Help, Parser, configurable, eased


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
