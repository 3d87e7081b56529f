"""A chain from its beginning, or from where it stopped, to the page."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TextIO

from underpaint.experiments.learn.budget import Budget, divide, rates_of
from underpaint.experiments.learn.config import LearnConfig
from underpaint.experiments.learn.machine import find_machine
from underpaint.experiments.learn.parts import ChainPart, parts_of
from underpaint.experiments.learn.running import Runner, only_one
from underpaint.experiments.learn.settings import add_time, settle
from underpaint.experiments.learn.stages import Stages
from underpaint.experiments.program import CommandFailed
from underpaint.pipelines.places import SHIPPED


def learn(
    config: LearnConfig, *, budget: Budget | None = None, recipes: Path | None = None, stream: TextIO | None = None
) -> Path:
    """Do every part that isn't finished yet, tell of each in a line, and return the page.

    Args:
        config: what to learn from, for how long, and where.
        budget: what to do in place of what the minutes say.
        recipes: folder of nano's recipes in place of the package's.
        stream: where progress goes, stdout if not given.

    Raises:
        ValueError, FileNotFoundError: the settings don't fit the folder or the machine, or the source can't be used.
        CommandFailed: a part failed; the message holds its last lines, and the name of its log.
    """
    stream = stream or sys.stdout
    machine = find_machine(config)
    with only_one(config.out) as lock:
        settle(config, machine)
        rates = rates_of(machine.device, machine.precision)
        budget = budget or divide(config.minutes, rates, scratch=config.scratch)
        stages = Stages(
            folder=config.out,
            budget=budget,
            machine=machine,
            seed=config.seed,
            init=None if config.scratch else SHIPPED,
            recipes=recipes,
        )
        runner = Runner(config.out / "logs", lock)
        parts = parts_of(config, stages, runner)
        print(f"what the parts say goes to {runner.logs}; the same command continues", file=stream)
        for number, part in enumerate(parts):
            left = sum(each.seconds for each in parts[number:] if not each.finished())
            _do(part, f"{number + 1}/{len(parts)} {part.name:<12}", left, config.out, stream)
        from underpaint.experiments.learn.page import write_page

        return write_page(config, stages)


def _do(part: ChainPart, name: str, left: float, folder: Path, stream: TextIO) -> None:
    """Do a part, in a line of what it does, the nominal minutes left, and the minutes that it took."""
    print(f"{name} {part.what}", end="", flush=True, file=stream)
    if part.finished():
        print(": done before", file=stream)
        return
    print(f" ({_minutes(left)} left) ... ", end="", flush=True, file=stream)
    began = time.monotonic()
    try:
        part.run()
        if not part.finished():
            raise CommandFailed(f"{part.name} ended without its result; {folder / 'logs'} may tell why")
    except BaseException:
        print("not finished", file=stream)
        raise
    finally:
        add_time(folder, part.name, time.monotonic() - began)
    print(_minutes(time.monotonic() - began), file=stream)


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 60 else f"{seconds / 60:.1f} min"
