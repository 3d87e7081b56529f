"""A run: its folder, and its phases one after the other.

RUN/config.yaml       all settings
RUN/metrics.jsonl     losses and the rest, a line each
RUN/tensorboard/      the same as events
RUN/sheets/           what the networks make of validation samples
RUN/checkpoints/      while a phase is not finished
RUN/PHASE/            what each phase has made, once it is finished
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import diffusers
import transformers
import yaml  # type: ignore[import-untyped, unused-ignore]
from accelerate import Accelerator

from underpaint.commandline.parser import with_new_names
from underpaint.datagen.format.atomic import write_file
from underpaint.training.cache_filling import fill
from underpaint.training.config import FREE, RENAMED, RENAMED_OF_BASE, TrainConfig, plain
from underpaint.training.denoising import DenoisingPhase
from underpaint.training.loader import Data
from underpaint.training.loop import Loop, new_accelerator
from underpaint.training.phase import PhaseSpec
from underpaint.training.preflight import cost_of, describe
from underpaint.training.stages import phase_specs, stage_of
from underpaint.training.stopping import Stopping

_log = logging.getLogger(__name__)


def train(config: TrainConfig) -> bool:
    """Train a stage, or go on with it; return whether it is finished, rather than stopped.

    Raises:
        ValueError: the config, the corpora and the networks don't go together, or the folder holds another run; says
            which and what to do. BadSample, which is one, for a damaged sample.
        OSError: a file can't be read or written.
    """
    # Their bars would run through ours.
    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()
    with Stopping() as stopping:
        accelerator = new_accelerator(config)
        check_folder(config)
        found = phase_specs(config)
        # Before anything is trained: the last phase, too, might be refused.
        data = {spec.name: Data(spec.data) for spec in found}
        if accelerator.is_main_process:
            _begin(config)
        accelerator.wait_for_everyone()
        names = [spec.name for spec in found]
        return all(
            _train_phase(spec, names, data[spec.name], accelerator, stopping)
            for spec in found
            if not (config.out / spec.name).is_dir()
        )


def check_folder(config: TrainConfig) -> None:
    """Raise ValueError if the run's folder holds a run that this config doesn't continue."""
    path = config.out / "config.yaml"
    if not path.is_file():
        return
    if config.resume == "never":
        raise ValueError(f"{config.out} holds a run: take another folder, or --resume auto to resume it")
    # Of a run that was started before options were renamed, too.
    before = with_new_names(yaml.safe_load(path.read_bytes()), RENAMED | RENAMED_OF_BASE)
    now = _settled(config)
    # A constant learning rate doesn't depend on the number of steps.
    free = (*FREE, "steps") if config.lr_scheduler == "constant" else FREE
    for name in sorted((before.keys() | now.keys()) - set(free)):
        if before.get(name) != now.get(name):
            raise ValueError(
                f"{config.out} holds a run with {name} {before.get(name)!r}, now it is {now.get(name)!r}: take another "
                "folder, or the same settings to continue it"
            )


def _settled(config: TrainConfig) -> dict[str, Any]:
    """The settings as they come back from a file."""
    content: dict[str, Any] = yaml.safe_load(yaml.safe_dump(plain(config)))
    # Wherever the folder is moved, it is the same run.
    del content["out"]
    return content


def _begin(config: TrainConfig) -> None:
    Path(config.out).mkdir(parents=True, exist_ok=True)
    text = f"# underpaint-train {stage_of(config)} --out {config.out} --config ...\n" + yaml.safe_dump(_settled(config))
    write_file(config.out / "config.yaml", text.encode("utf-8"))


def _train_phase(spec: PhaseSpec, names: list[str], data: Data, accelerator: Accelerator, stopping: Stopping) -> bool:
    phase = spec.build()
    cost = cost_of(phase)
    if accelerator.is_main_process:
        _log.info("\n".join(describe(spec.name, phase, data, cost, accelerator.num_processes)))
    if phase.config.cache is not None:
        assert isinstance(phase, DenoisingPhase), "a config refuses to cache what an autoencoder in training makes"
        cache = fill(phase.config.cache, phase.data, phase.base, accelerator, stopping)
        if cache is None:
            return False
        data = data.cached(cache)
    return Loop(spec.name, names, phase, data, accelerator, stopping, operations=cost.operations).run()
