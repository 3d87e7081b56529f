"""Small runs for the tests of the loop and the stages: configs, and processes that can be killed."""

from __future__ import annotations

import dataclasses
import math
import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.training.conftest import FEW_PAIRS
from underpaint.models.freeze import changed
from underpaint.models.weights import digests, read_tensors
from underpaint.training import run, validation
from underpaint.training.autoencoder import AutoencoderPhase
from underpaint.training.batch import Batch
from underpaint.training.config import ArtistConfig, BaseConfig, MotionConfig, ReplicationConfig, TrainConfig
from underpaint.training.data_config import DataConfig
from underpaint.training.denoising import DenoisingPhase
from underpaint.training.guard import NotFinite
from underpaint.training.loop import Loop
from underpaint.training.metrics import read_metrics
from underpaint.training.phase import Errors, Phase
from underpaint.training.preflight import Cost
from underpaint.training.run import train
from underpaint.training.stopping import Stopping

_PATIENCE = 120  # seconds
_NOT_FINITE = 17  # exit status of a process that gave up so
# What is timed rather than computed.
_CLOCKS = ("sequences_per_second", "waiting_for_data", "memory_gib")
_SMALL: dict[str, Any] = {
    "steps": 6,
    "batch": 2,
    "learning_rate": 1e-3,
    "warmup": 2,
    "log_every": 2,
    "validate_every": 1000,
    "sheet_every": 0,
    "checkpoint_every": 1000,
    "tensorboard": False,
}


def motion_config(data: DataConfig, base: Path, out: Path, **changes: Any) -> MotionConfig:
    return MotionConfig(**({"data": data, "base": str(base), "out": out} | _SMALL | changes))


def base_config(data: DataConfig, base: Path | str, out: Path, **changes: Any) -> BaseConfig:
    own = {"autoencoder_steps": 2, "autoencoder_batch": 2, "rank": 2}
    return BaseConfig(**({"data": data, "base": str(base), "out": out} | _SMALL | own | changes))


def replication_config(data: DataConfig, base: Path, out: Path, motion: Path, **changes: Any) -> ReplicationConfig:
    return ReplicationConfig(
        **({"data": data, "base": str(base), "out": out, "motion": str(motion)} | _SMALL | changes)
    )


def artist_config(data: DataConfig, base: Path, out: Path, motion: Path, **changes: Any) -> ArtistConfig:
    own = {"spatial_steps": 3, "spatial_batch": 2, "rank": 2}
    given = {"data": data, "base": str(base), "out": out, "motion": str(motion)}
    return ArtistConfig(**(given | _SMALL | own | changes))


def lines(run: Path) -> list[dict[str, Any]]:
    """The metrics of a run, without what the clock has a say in."""
    return [
        {name: value for name, value in line.items() if name not in _CLOCKS}
        for line in read_metrics(run / "metrics.jsonl")
    ]


def weights(run: Path, name: str = "motion") -> dict[str, Tensor]:
    return read_tensors(run / name / "diffusion_pytorch_model.safetensors")[0]


def same(one: dict[str, Tensor], two: dict[str, Tensor]) -> bool:
    return one.keys() == two.keys() and all(torch.equal(value, two[name]) for name, value in one.items())


def moved(config: TrainConfig) -> dict[str, list[str]]:
    """Train to the end; for each phase the names of the tensors that have changed, of all networks that take part."""
    found: dict[str, list[str]] = {}

    class Watched(Loop):
        def run(self) -> bool:
            self.before = self._digests()
            return super().run()

        def _finish(self) -> None:
            # Before the result is written: a LoRA is worked into the weights there.
            found[self.name] = changed(self.before, self._digests())
            super()._finish()

        def _digests(self) -> dict[str, str]:
            parts = {"model": self.phase.model} | {f"frozen{n}": part for n, part in enumerate(self.phase.frozen)}
            return {f"{part}.{name}": value for part in parts for name, value in digests(parts[part]).items()}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("underpaint.training.run.Loop", Watched)
        assert train(config)
    return found


def killed(configs: list[TrainConfig], step: int) -> None:
    """Train one run in as many processes as there are configs; they get SIGKILL after a step."""
    for process in _start(configs, step):
        process.join(_PATIENCE)
        assert process.exitcode == -signal.SIGKILL, process.exitcode


def together(configs: list[TrainConfig]) -> None:
    """Train one run in as many processes as there are configs, over gloo."""
    for process in _start(configs, None):
        process.join(_PATIENCE)
        assert process.exitcode == 0, process.exitcode


@contextmanager
def stopping_at(step: int) -> Iterator[None]:
    """As if SIGTERM came during a step."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stopping, "asked", _in(step, lambda: True))
        yield


@contextmanager
def not_finite_at(step: int, phase: str = "") -> Iterator[None]:
    """As if the loss of a step, 1 the first, were no number; in each phase, or in one."""
    with pytest.MonkeyPatch.context() as patch:
        for kind in (DenoisingPhase, AutoencoderPhase):
            patch.setattr(kind, "errors", _spoiled(kind.errors, step))
        if phase:
            patch.setattr(Loop, "_step", _only_in(phase, Loop._step))
        yield


_spoiling = True


def _spoiled(errors: Callable[..., Errors], step: int) -> Callable[..., Errors]:
    def spoiled(self: Phase, model: Any, batch: Batch, rng: Any, progress: float | None) -> Errors:
        found = errors(self, model, batch, rng, progress)
        if not _spoiling or progress is None or round(progress * self.steps) != step - 1:
            return found
        return dataclasses.replace(found, loss=found.loss * math.nan)

    return spoiled


def _only_in(phase: str, step: Callable[..., Any]) -> Callable[..., Any]:
    def stepping(self: Loop, source: Any) -> Any:
        global _spoiling
        _spoiling = self.name == phase
        try:
            return step(self, source)
        finally:
            _spoiling = True

    return stepping


def refused_together(configs: list[TrainConfig], step: int) -> None:
    """Train one run in several processes, the last of which has no finite loss at a step: all must give up."""
    for process in _start(configs, None, spoil_at=step):
        process.join(_PATIENCE)
        assert process.exitcode == _NOT_FINITE, process.exitcode


def _in(step: int, act: Callable[[], bool]) -> property:
    """A stand-in for `Stopping.asked`, which a step looks at before it changes the weights."""
    turns = count(1)
    return property(lambda stopping: next(turns) == step and act())


def _start(configs: list[TrainConfig], kill_at: int | None, spoil_at: int | None = None) -> list[Any]:
    context = multiprocessing.get_context("forkserver")  # autograd's threads don't survive a fork of this process
    context.set_forkserver_preload(["tests.training.runs"])
    port, world = _free_port(), len(configs)
    processes = [
        context.Process(target=_train, args=(config, rank, world, port, kill_at, spoil_at))
        for rank, config in enumerate(configs)
    ]
    for process in processes:
        process.start()
    return processes


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _kill() -> bool:
    os.kill(os.getpid(), signal.SIGKILL)
    return True


def no_cost(*_: object) -> Cost:
    """In place of `training.preflight.cost_of`."""
    return Cost(**{field.name: 0 for field in dataclasses.fields(Cost)})


def _train(
    config: TrainConfig, rank: int, world: int, port: int, kill_at: int | None, spoil_at: int | None = None
) -> None:
    validation._PAIRS = FEW_PAIRS  # as in the process that started this one
    # As in a command: loaders of a process from a server would have a server of their own, which imports torch anew.
    multiprocessing.set_start_method("fork", force=True)
    run.cost_of = no_cost  # which takes longer than all the rest
    torch.set_num_threads(1)
    if world > 1:
        names = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": world, "MASTER_PORT": port, "MASTER_ADDR": "127.0.0.1"}
        os.environ.update({name: str(value) for name, value in names.items()})
    if kill_at is not None:
        # When that step is done, and all that is due after it.
        Stopping.asked = _in(kill_at + 1, _kill)  # type: ignore[method-assign, assignment]
    spoil = spoil_at is not None and rank == world - 1
    try:
        with not_finite_at(spoil_at or 0) if spoil else nullcontext():
            assert train(config)
    except NotFinite:
        sys.exit(_NOT_FINITE)
