"""Small chains: every part as it is, within this process, with networks so thin that a step takes milliseconds."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import yaml

from tests.training.runs import no_cost
from underpaint.datagen.cli import main as datagen_main
from underpaint.experiments.learn import chain, parts, pictures, running
from underpaint.experiments.learn.budget import Budget, Effort
from underpaint.experiments.learn.config import LearnConfig
from underpaint.experiments.learn.machine import Machine
from underpaint.experiments.learn.running import Runner
from underpaint.experiments.learn.stages import Stages
from underpaint.experiments.program import CommandFailed
from underpaint.experiments.trials.cli import main as trials_main
from underpaint.training.cli import main as training_main

BUDGET = Budget(
    pictures=100,
    autoencoder=1,
    base=2,
    motion=2,
    replication=2,
    spatial=1,
    artist=2,
    effort=Effort(pictures=3, plain=1, completed=2, prompts=1, words=2, noisy=1),
    seconds=dict.fromkeys(("corpus", "base", "motion", "replication", "artist", "trials"), 60.0),
)
_COMMANDS = {
    "underpaint.datagen": datagen_main,
    "underpaint.training": training_main,
    "underpaint.experiments.trials": trials_main,
}


def write_recipes(folder: Path, base: Path) -> Path:
    """Recipes like nano's in small, on a base that is there."""
    folder.mkdir()
    small = {"size": 32, "frames": 4, "batch": 2, "validation_samples": 1, "workers": 0, "tensorboard": False}
    for stage in ("base", "motion", "replication", "artist"):
        recipe = {**small, "warmup": 1, "learning_rate": 0.001, "log_every": 1}
        recipe |= {"name_medium": True} if stage != "artist" else {"rank": 2, "spatial_batch": 2, "trigger": "sks"}
        recipe |= {"base": str(base), "rank": 2} if stage == "base" else {}
        recipe |= {"tune_motion": True} if stage == "replication" else {}
        if stage == "base":
            del recipe["frames"]
        (folder / f"nano-{stage}.yaml").write_text(yaml.safe_dump(recipe))
    return folder


def in_this_process(patch: pytest.MonkeyPatch, *, fail: str | None = None) -> list[str]:
    """Have a chain's commands run here, small; names of the parts whose commands ran.

    Args:
        patch: to be undone by the test.
        fail: part whose command is interrupted before its end.
    """
    ran: list[str] = []

    def run(self: Runner, part: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        ran.append(part)
        module = command[command.index("-m") + 1]
        arguments = [_small(argument) for argument in command[command.index("-m") + 2 :]]
        arguments += ["--steps=2"] if module == "underpaint.experiments.trials" else []
        if part == fail:
            raise KeyboardInterrupt
        if _COMMANDS[module](arguments):
            raise CommandFailed(f"{part} failed")

    patch.setattr(running.Runner, "run", run)
    patch.setattr(pictures, "MOST_CROPS", 3)
    patch.setattr(Stages, "corpus_size", 32)
    patch.setattr(parts, "CORPUS", {"frames": 5, "strokes": 24, "quality": "draft"})
    # All of these take longer than the few steps.
    patch.setattr("underpaint.training.validation._MOST_TURNS", 1)
    patch.setattr("underpaint.training.denoising._SAMPLING_STEPS", 1)
    patch.setattr("underpaint.training.run.cost_of", no_cost)
    patch.setattr(chain, "find_machine", lambda config: Machine(device="cpu", processes=1, cores=1))
    return ran


def _small(argument: str) -> str:
    # Ray would take seconds to start.
    return "--workers=0" if argument.startswith("--workers") else argument


def run_chain(out: Path, source: Path, recipes: Path, **changes: int) -> tuple[Path, str]:
    """The page, and what was told meanwhile."""
    told = io.StringIO()
    config = dataclasses.replace(LearnConfig(out=out, source=str(source), device="cpu", scratch=True), **changes)
    page = chain.learn(config, budget=BUDGET, recipes=recipes, stream=told)
    return page, told.getvalue()
