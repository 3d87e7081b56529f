"""A run: its folder, and its phases one after the other.

RUN/config.yaml       all settings
RUN/inputs.json       digests of the corpora and networks that it goes on with
RUN/.lock             held by the run that trains
RUN/metrics.jsonl     losses and the rest, a line each
RUN/tensorboard/      the same as events
RUN/sheets/           what the networks make of validation samples
RUN/checkpoints/      while a phase is not finished
RUN/PHASE/            what each phase has made, once it is finished
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import diffusers
import transformers
from accelerate import Accelerator

from underpaint.training.cache_filling import fill
from underpaint.training.captions import describe_captions
from underpaint.training.config import TrainConfig
from underpaint.training.denoising import DenoisingPhase
from underpaint.training.folder import check_folder, naming_run, only_run, write_config
from underpaint.training.inputs import check_inputs, corpus_digests, network_digest
from underpaint.training.loader import Data
from underpaint.training.loop import Loop, new_accelerator
from underpaint.training.phase import PhaseSpec
from underpaint.training.preflight import cost_of, describe
from underpaint.training.publishing import check_repository, publish
from underpaint.training.stages import phase_specs
from underpaint.training.stopping import Stopping
from underpaint.training.together import first_alone
from underpaint.training.tracking import begin_tracking, end_tracking

_log = logging.getLogger(__name__)


def train(config: TrainConfig) -> bool:
    """Train a stage, or go on with it; return whether it is finished, rather than stopped.

    Raises:
        ValueError: the config, the corpora and the networks don't go together, or the folder holds another run; says
            which and what to do. BadSample, which is one, for a damaged sample.
        OSError: a file can't be read or written.
        NotFinite: a loss, a gradient or weights that are no numbers; see `guard`.
    """
    # Their bars would run through ours.
    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()
    with Stopping() as stopping:
        accelerator = new_accelerator(config)
        check_folder(config)
        found = phase_specs(config)
        # Before anything is trained: the last phase, too, might be refused.
        data = {spec.name: Data(spec.data, spec.multiple) for spec in found}
        names = [spec.name for spec in found]
        with _held(config, accelerator):
            first_alone(accelerator, lambda: _begin(config, data, accelerator))
            try:
                done = all(_is_done(spec, config, names, data[spec.name], accelerator, stopping) for spec in found)
            finally:
                end_tracking(accelerator)
            if done and config.push_to_hub is not None:
                first_alone(accelerator, lambda: publish(config))
            return done


@contextmanager
def _held(config: TrainConfig, accelerator: Accelerator) -> Iterator[None]:
    """Hold the run's folder for this run: its first process does, and the others learn whether it could."""
    with ExitStack() as stack:
        first_alone(accelerator, lambda: stack.enter_context(only_run(config.out)))
        yield


def _begin(config: TrainConfig, data: dict[str, Data], accelerator: Accelerator) -> None:
    if config.push_to_hub is not None:
        check_repository(config.push_to_hub)
    with naming_run(config.out):
        for phase, found in data.items():
            check_inputs(config.out, phase, corpus_digests(found))
        write_config(config)
    begin_tracking(accelerator, config)


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
    networks = {f"the networks that {spec.name} builds on": network_digest(phase)}
    first_alone(accelerator, lambda: check_inputs(phase.config.out, spec.name, networks))
    plain = data
    if phase.config.cache is not None:
        assert isinstance(phase, DenoisingPhase), "a config refuses to cache what an autoencoder in training makes"
        cache = fill(phase.config.cache, phase.data, phase.base, accelerator, stopping)
        if cache is None:
            return False
        data = data.cached(cache)
    # Not before: a cache is computed in float32.
    phase.cast_frozen()
    cost = cost_of(phase, accelerator.num_processes)
    if accelerator.is_main_process:
        lines = describe(spec.name, phase, plain, cost, accelerator.num_processes, accelerator.device)
        if isinstance(phase, DenoisingPhase):
            lines += [f"  {line}" for line in describe_captions(plain, phase.base.tokenizer)]
        _log.info("\n".join(lines))
    return Loop(spec.name, names, phase, data, accelerator, stopping, operations=cost.operations).run()
