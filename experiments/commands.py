"""The command lines that experiments run: corpora by `underpaint-data`, stages with nano's recipes."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from underpaint.commandline.recipes import recipes_folder

HELD_OUT = 0.1  # of the pictures, as nano's recipes do
TRIGGER = "sks"  # ProcessPainter's; begins the captions of an artist's processes
# What captions of scenes don't allow: they say what is on the left, and in which colour.
AUGMENTED = ("augment.flip", "augment.saturation", "augment.gamma")


def canvas_of(size: int) -> int:
    """Return the side in pixels of paintings whose frames have `size`: an eighth more, to spare for crops."""
    return size * 9 // 8


def data_command(command: str, *, source: Path | str, out: Path, options: Mapping[str, Any]) -> list[str]:
    """Return the command line of `underpaint-data COMMAND`.

    Args:
        command: `generate` or `import`.
        source: what it reads.
        out: folder of the corpus.
        options: others, by name.
    """
    given = {"source": source, "out": out, **options}
    return [sys.executable, "-m", "underpaint.datagen", command, *_options(given)]


def stage_arguments(stage: str, options: Mapping[str, Any], recipes: Path | None = None) -> list[str]:
    """Return the arguments of `underpaint-train` for a stage of nano.

    Args:
        stage: `base`, `motion`, `replication` or `artist`.
        options: in place of the recipe's, by name.
        recipes: folder of nano-STAGE.yaml, if it isn't that of the package.
    """
    return [stage, "--config", str(recipe_of(stage, recipes)), *_options(options)]


def recipe_of(stage: str, recipes: Path | None = None) -> Path:
    """Return nano's recipe of a stage, from a folder or, without one, from the package."""
    return (recipes or recipes_folder()) / f"nano-{stage}.yaml"


def _options(values: Mapping[str, Any]) -> list[str]:
    return [f"--{name}={str(value).lower() if isinstance(value, bool) else value}" for name, value in values.items()]
