"""One side of a comparison with one seed: what is trained for it, and what it is judged by."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

import torch

from underpaint.datagen.format.atomic import atomic_file
from underpaint.experiments.ablations.config import AblationsConfig
from underpaint.experiments.ablations.figures import Figures, beside, errors, figures_of, paint, read_processes, sheet
from underpaint.experiments.ablations.listening import listening
from underpaint.experiments.ablations.runs import Run
from underpaint.experiments.program import CommandFailed
from underpaint.pipelines.loras import Lora
from underpaint.pipelines.pipeline import ProcessPipeline
from underpaint.pipelines.settings import ComputeConfig
from underpaint.texts import parse_json
from underpaint.training.data_config import DataConfig


@dataclass(frozen=True, kw_only=True)
class Trial:
    """Trainings, one after the other, and the networks that are judged then.

    Attributes:
        name: of its files; comparisons may share a trial.
        seed: of the noise that is painted from.
        runs: what is trained.
        base: run of the base.
        motion: run of the motion module; None judges the base alone, by how it listens.
        loras: run of the stage `artist`, if there is one.
        data: its validation samples are what the trial is judged by.
    """

    name: str
    seed: int
    runs: tuple[Run, ...]
    base: Path
    motion: Path | None
    loras: Path | None = None
    data: DataConfig


def carry_out(trials: Sequence[Trial], config: AblationsConfig) -> dict[str, Figures]:
    """Figures by name; trials whose figures are there already are not carried out again.

    Raises:
        CommandFailed: a training has failed; says which log to look into.
    """
    missing = [trial for trial in trials if not _figures(config, trial.name).is_file()]
    if missing:
        _work(missing, config)
    return {trial.name: parse_json(_figures(config, trial.name).read_bytes()) for trial in trials}


def _work(trials: Sequence[Trial], config: AblationsConfig) -> None:
    """Carry trials out, `config.jobs` at a time; if one fails, the others stop and can be continued."""
    # Fresh processes: this one's torch may have started threads, which don't survive a fork.
    context, began = get_context("spawn"), time.monotonic()
    waiting = list(trials)
    running: dict[Any, tuple[SpawnProcess, Trial]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < config.jobs:
                trial = waiting.pop(0)
                process = context.Process(target=_carry_out, args=(trial, config))
                process.start()
                running[process.sentinel] = process, trial
            for sentinel in wait(list(running)):
                process, trial = running.pop(sentinel)
                process.join()
                if process.exitcode:
                    raise CommandFailed(f"{trial.name} has failed; {_log(config, trial.name)} says why")
                minutes, left = (time.monotonic() - began) / 60, len(waiting) + len(running)
                print(f"{trial.name}: {minutes:.1f} minutes, {left} to come", flush=True)
    finally:
        for process, _ in running.values():
            process.terminate()
        for process, _ in running.values():
            process.join()


def _carry_out(trial: Trial, config: AblationsConfig) -> None:
    """Train and judge, as the only thing that a process does."""
    # Ctrl-C then reaches the first process alone, which passes it on: two signals stop a training before it has saved.
    if hasattr(os, "setsid"):
        os.setsid()
    torch.set_num_threads(1)
    figures = _figures(config, trial.name)
    for path in (_log(config, trial.name), figures, _sheet(config, trial.name)):
        path.parent.mkdir(exist_ok=True)
    with _log(config, trial.name).open("a", encoding="utf-8") as file:
        os.dup2(file.fileno(), sys.stdout.fileno())
        os.dup2(file.fileno(), sys.stderr.fileno())
        for run in trial.runs:
            run.train()
        content = json.dumps(judge(trial, config), indent=1) + "\n"
    with atomic_file(figures) as out:
        out.write(content.encode("ascii"))


def _figures(config: AblationsConfig, name: str) -> Path:
    return config.out / "figures" / f"{name}.json"


def _log(config: AblationsConfig, name: str) -> Path:
    return config.out / "logs" / f"{name}.log"


def _sheet(config: AblationsConfig, name: str) -> Path:
    return config.out / "sheets" / f"{name}.png"


def judge(trial: Trial, config: AblationsConfig) -> Figures:
    """All figures of a trial whose runs are finished; those of the real processes begin with `real/`."""
    if trial.motion is None:
        return listening(trial.base, trial.data)
    loras = [] if trial.loras is None else [Lora(source=str(trial.loras))]
    pipeline = ProcessPipeline.from_pretrained(
        base=str(trial.base), motion=str(trial.motion), loras=loras, compute=ComputeConfig(precision="fp32")
    )
    processes = read_processes(trial.data)
    painted = paint(pipeline, processes, config.processes, steps=config.sampling_steps, seed=trial.seed)
    sheet(painted, processes).save(_sheet(config, trial.name))
    medium = trial.data.renderer[0] if len(trial.data.renderer) == 1 else None
    real = figures_of([each.frames for each in processes], medium)
    return {
        **errors(pipeline, processes),
        **figures_of(painted, medium),
        **beside(painted, processes),
        **{f"real/{name}": value for name, value in real.items()},
    }
