"""Commands that stop where their work begins: by then their options are parsed, and their settings checked."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, NoReturn
from unittest.mock import create_autospec

import pytest


class Reached(BaseException):
    """A command has come to its work; no `Exception`, which commands would answer."""


# What a command calls to do its work.
WORK = {
    "underpaint text": "underpaint.pipelines.run.run",
    "underpaint reconstruct": "underpaint.pipelines.run.run",
    "underpaint complete": "underpaint.pipelines.run.run",
    "underpaint export": "underpaint.pipelines.export.run.export",
    "underpaint app": "underpaint.pipelines.app.page.serve",
    "underpaint-data generate": "underpaint.datagen.generate.generate",
    "underpaint-data guides": "underpaint.datagen.guides.guides.guides",
    "underpaint-data verify": "underpaint.datagen.trust.verify.verify",
    "underpaint-data serve": "underpaint.datagen.report.server.make_server",
    "underpaint-train base": "underpaint.training.run.train",
    "underpaint-train motion": "underpaint.training.run.train",
    "underpaint-train replication": "underpaint.training.run.train",
    "underpaint-train artist": "underpaint.training.run.train",
    "underpaint.experiments.learn": "underpaint.experiments.learn.chain.learn",
    "underpaint.experiments.trials": "underpaint.experiments.trials.run.run_trials",
    "underpaint.experiments.ablations": "underpaint.experiments.ablations.run.run_comparisons",
}
# Always stopped: they take minutes, need weights that aren't ours, or wait for a browser.
LONG = {
    "underpaint app",
    "underpaint-data guides",
    "underpaint-data serve",
    *(command for command in WORK if command.startswith(("underpaint-train", "underpaint.experiments"))),
}
# Likewise of what Python blocks import.
LONG_FUNCTIONS = (
    "underpaint.datagen.guides.guides.guides",
    "underpaint.training.run.train",
    "underpaint.experiments.learn.chain.learn",
    "underpaint.experiments.trials.captions.listen",
)


def _stop(*arguments: Any, **keywords: Any) -> NoReturn:
    raise Reached


@contextmanager
def stopped_at_work(command: str) -> Iterator[None]:
    """Have a command raise `Reached` where its work begins; the module with the work, and torch, isn't imported."""
    module, _, function = WORK[command].rpartition(".")
    stub = ModuleType(module)
    for name in {function, *_OTHERS.get(module, ())}:
        setattr(stub, name, _stop)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, module, stub)
        for checks in ("underpaint.pipelines.checks", "underpaint.training.checks"):
            patch.setattr(f"{checks}.check_hub", lambda *names: None)  # the hub is not asked
        yield


# What else commands import beside the function.
_OTHERS = {"underpaint.datagen.trust.verify": ("Thoroughness", "share_of")}


@contextmanager
def argparse_stopped() -> Iterator[None]:
    """Have a program that uses argparse raise `Reached` when its arguments are parsed."""
    import argparse

    parse = argparse.ArgumentParser.parse_args

    def parse_and_stop(*arguments: Any, **keywords: Any) -> NoReturn:
        parse(*arguments, **keywords)
        raise Reached

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(argparse.ArgumentParser, "parse_args", parse_and_stop)
        yield


@contextmanager
def replaced_functions(code: str) -> Iterator[bool]:
    """Replace the long functions that a block imports with ones that check their arguments alone; yield whether any."""
    used = [name for name in LONG_FUNCTIONS if "from {} import {}\n".format(*name.rsplit(".", 1)) in f"{code}\n"]
    with pytest.MonkeyPatch.context() as patch:
        for name in used:
            module, _, function = name.rpartition(".")
            there = importlib.import_module(module)
            patch.setattr(there, function, create_autospec(getattr(there, function)))
        yield bool(used)
