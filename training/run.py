"""A run: its folder, and its phases one after the other.

RUN/config.yaml       all settings
RUN/metrics.jsonl     losses and the rest, a line each
RUN/tensorboard/      the same as events
RUN/sheets/           what the networks make of validation samples
RUN/checkpoints/      while a phase is not finished
RUN/PHASE/            what each phase has made, once it is finished
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import diffusers
import torch
import transformers
from accelerate import Accelerator

from underpaint.training.cache_filling import fill
from underpaint.training.captions import describe_captions
from underpaint.training.config import TrainConfig
from underpaint.training.denoising import DenoisingPhase
from underpaint.training.folder import check_folder, naming, only_run, write_config
from underpaint.training.inputs import check_inputs, corpus_digests, network_digest
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
        names = [spec.name for spec in found]
        with _held(config, accelerator):
            with naming(config.out):
                for spec in found:
                    _check_corpora(config, spec.name, data[spec.name], accelerator)
                if accelerator.is_main_process:
                    write_config(config, stage_of(config))
            accelerator.wait_for_everyone()
            return all(_is_done(spec, config, names, data[spec.name], accelerator, stopping) for spec in found)


@contextmanager
def _held(config: TrainConfig, accelerator: Accelerator) -> Iterator[None]:
    """Hold the run's folder for this run: its first process does, and the others learn whether it could."""
    refused: Exception | None = None
    with contextlib.ExitStack() as stack:
        if accelerator.is_main_process:
            try:
                stack.enter_context(only_run(config.out))
            except (ValueError, OSError) as error:
                refused = error
        told = torch.tensor(float(refused is not None), device=accelerator.device)
        if accelerator.num_processes > 1 and accelerator.reduce(told).item() and refused is None:
            refused = ValueError(f"{config.out} can't be trained in; the first process says why")
        if refused is not None:
            raise refused
        yield


def _check_corpora(config: TrainConfig, phase: str, data: Data, accelerator: Accelerator) -> None:
    check_inputs(config.out, phase, corpus_digests(data), write=accelerator.is_main_process)


def _is_done(
    spec: PhaseSpec, config: TrainConfig, names: list[str], data: Data, accelerator: Accelerator, stopping: Stopping
) -> bool:
    """Train a phase that isn't finished yet; return whether it is then."""
    if not (config.out / spec.name).is_dir():
        return _train_phase(spec, names, data, accelerator, stopping)
    if accelerator.is_main_process:
        _log.info("%s is finished: %s", spec.name, config.out / spec.name)
    return True


def _train_phase(spec: PhaseSpec, names: list[str], data: Data, accelerator: Accelerator, stopping: Stopping) -> bool:
    phase = spec.build()
    networks = {f"networks under {spec.name}": network_digest(phase)}
    check_inputs(phase.config.out, spec.name, networks, write=accelerator.is_main_process)
    cost = cost_of(phase)
    if accelerator.is_main_process:
        lines = describe(spec.name, phase, data, cost, accelerator.num_processes)
        if isinstance(phase, DenoisingPhase):
            lines += [f"  {line}" for line in describe_captions(data, phase.base.tokenizer)]
        _log.info("\n".join(lines))
    if phase.config.cache is not None:
        assert isinstance(phase, DenoisingPhase), "a config refuses to cache what an autoencoder in training makes"
        cache = fill(phase.config.cache, phase.data, phase.base, accelerator, stopping)
        if cache is None:
            return False
        data = data.cached(cache)
    return Loop(spec.name, names, phase, data, accelerator, stopping, operations=cost.operations).run()
