from __future__ import annotations

import sys
from pathlib import Path

from underpaint.experiments.commands import data_command, recipe_of, stage_arguments


def test_options_are_written_as_the_commands_take_them() -> None:
    command = data_command("generate", source=Path("a"), out=Path("b"), options={"size": 3, "store_target": True})
    options = ["--source=a", "--out=b", "--size=3", "--store_target=true"]
    assert command == [sys.executable, "-m", "underpaint.datagen", "generate", *options]


def test_a_stage_begins_with_its_recipe(tmp_path: Path) -> None:
    assert stage_arguments("base", {"steps": 2}, tmp_path) == [
        "base",
        "--config",
        str(tmp_path / "nano-base.yaml"),
        "--steps=2",
    ]
    assert recipe_of("motion").is_file()
