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

from underpaint.experiments.ablations.figures import Figures, beside, errors, figures_of, paint, read_processes, sheet
from underpaint.experiments.ablations.runs import Run
from underpaint.experiments.ablations.settings import Settings
from underpaint.pipelines.loras import Lora
from underpaint.pipelines.pipeline import ProcessPipeline
from underpaint.training.checkpoint import write_file
from underpaint.training.data_config import DataConfig


@dataclass(frozen=True, kw_only=True)
class Trial:
    """Trainings, one after the other, and the networks that are judged then.

    Attributes:
        name: of its files; comparisons may share a trial.
        seed: of the noise that is painted from.
        runs: what is trained.
        base: run of the base.
        motion: run of the motion module.
        loras: run of the stage `artist`, if there is one.
        data: its validation samples are what the trial is judged by.
    """

    name: str
    seed: int
    runs: tuple[Run, ...]
    base: Path
    motion: Path
    loras: Path | None = None
    data: DataConfig


def carry_out(trials: Sequence[Trial], settings: Settings) -> dict[str, Figures]:
    """Figures by name; trials whose figures are there already are not carried out again.

    Raises:
        RuntimeError: a training has failed; says which log to look into.
    """
    missing = [trial for trial in trials if not _figures(settings, trial.name).is_file()]
    if missing:
        _work(missing, settings)
    return {trial.name: json.loads(_figures(settings, trial.name).read_bytes()) for trial in trials}


def _work(trials: Sequence[Trial], settings: Settings) -> None:
    """Carry trials out, `settings.jobs` at a time; if one fails, the others stop and can be continued."""
    # Fresh processes: this one's torch may have started threads, which don't survive a fork.
    context, began = get_context("spawn"), time.monotonic()
    waiting = list(trials)
    running: dict[Any, tuple[SpawnProcess, Trial]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < settings.jobs:
                trial = waiting.pop(0)
                process = context.Process(target=_carry_out, args=(trial, settings))
                process.start()
                running[process.sentinel] = process, trial
            for sentinel in wait(list(running)):
                process, trial = running.pop(sentinel)
                process.join()
                if process.exitcode:
                    raise RuntimeError(f"{trial.name} has failed; {_log(settings, trial.name)} says why")
                minutes, left = (time.monotonic() - began) / 60, len(waiting) + len(running)
                print(f"{trial.name}: {minutes:.1f} minutes, {left} to come", flush=True)
    finally:
        for process, _ in running.values():
            process.terminate()
        for process, _ in running.values():
            process.join()


def _carry_out(trial: Trial, settings: Settings) -> None:
    """Train and judge, as the only thing that a process does."""
    # Ctrl-C then reaches the first process alone, which passes it on: two signals stop a training before it has saved.
    os.setsid()
    torch.set_num_threads(1)
    figures = _figures(settings, trial.name)
    for path in (_log(settings, trial.name), figures, _sheet(settings, trial.name)):
        path.parent.mkdir(exist_ok=True)
    with _log(settings, trial.name).open("a") as file:
        os.dup2(file.fileno(), sys.stdout.fileno())
        os.dup2(file.fileno(), sys.stderr.fileno())
        for run in trial.runs:
            run.train()
        content = json.dumps(judge(trial, settings), indent=1) + "\n"
    write_file(figures, content.encode("ascii"))


def _figures(settings: Settings, name: str) -> Path:
    return settings.out / "figures" / f"{name}.json"


def _log(settings: Settings, name: str) -> Path:
    return settings.out / "logs" / f"{name}.log"


def _sheet(settings: Settings, name: str) -> Path:
    return settings.out / "sheets" / f"{name}.png"


def judge(trial: Trial, settings: Settings) -> Figures:
    """All figures of a trial whose runs are finished; those of the real processes begin with `real/`."""
    loras = [] if trial.loras is None else [Lora(source=str(trial.loras))]
    pipeline = ProcessPipeline.from_pretrained(base=str(trial.base), motion=str(trial.motion), loras=loras)
    processes = read_processes(trial.data)
    painted = paint(pipeline, processes, settings.processes, steps=settings.sampling_steps, seed=trial.seed)
    sheet(painted, processes).save(_sheet(settings, trial.name))
    real = figures_of([each.frames for each in processes])
    return {
        **errors(pipeline, processes),
        **figures_of(painted),
        **beside(painted, processes),
        **{f"real/{name}": value for name, value in real.items()},
    }
