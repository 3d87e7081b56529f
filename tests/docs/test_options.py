"""Every option that a sentence of the pages names is an option of a command."""

from __future__ import annotations

import importlib
import re
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, pages
from underpaint.pipelines.settings import RENAMED
from underpaint.training.config import RENAMED as RENAMED_OF_TRAINING
from underpaint.training.config import RENAMED_OF_BASE

_PARSERS = (
    "underpaint.pipelines.cli",
    "underpaint.datagen.cli",
    "underpaint.training.cli",
    "underpaint.experiments.learn.cli",
    "underpaint.experiments.trials.cli",
    "underpaint.experiments.ablations.cli",
    "underpaint.experiments.gpu.cli",
)
# Of Ray, the Hugging Face hub, torchrun and mypy; and placeholders.
_OTHERS = {"--num-cpus", "--local-dir", "--nproc-per-node", "--strict", "--charcoal.OPTION", "--NAME.OPTION"}
_FENCED = re.compile(r"^( *)(```+).*?^\1\2$", re.DOTALL | re.MULTILINE)


def options(parser: ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        yield from action.option_strings
    commands = getattr(parser, "_subcommands_action", None)
    for command in commands._name_parser_map.values() if commands else ():
        yield from options(command)


@pytest.fixture(scope="module")
def known() -> set[str]:
    found = _OTHERS | {f"--{name}" for name in (*RENAMED, *RENAMED_OF_TRAINING, *RENAMED_OF_BASE)}
    for module in _PARSERS:
        found.update(options(importlib.import_module(module).build_parser()))
    for path in (ROOT / "benchmarks").glob("*.py"):
        found.update(re.findall(r'"(--[a-z][\w-]*)"', path.read_text()))
    return {name.replace("_", "-") for name in found}


def named(text: str) -> set[str]:
    """The options in code within the sentences of a page."""
    codes = re.findall(r"`([^`\n]+(?:\n[^`\n]+)?)`", _FENCED.sub("", text))
    return {name.rstrip(".") for code in codes for name in re.findall(r"(?<![\w-])--[a-zA-Z][\w.-]*", code)}


@pytest.mark.parametrize("page", pages(), ids=[path.name for path in pages()])
def test_options_that_sentences_name_are_there(page: Path, known: set[str]) -> None:
    assert not {name for name in named(page.read_text()) if name.replace("_", "-") not in known}


def test_names_are_found(known: set[str]) -> None:
    text = "With `--medium oil` and `underpaint paint a.jpg\n--sise 5`.\n\n```sh\nother --thing\n```\n"
    assert named(text) == {"--medium", "--sise"}
    assert "--medium" in known
    assert "--sise" not in known
