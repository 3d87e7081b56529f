"""The training loop: one phase from where it is to its end.

Nothing here has a state of its own but the weights, their EMA, the optimiser's state and the number of steps done:
data, noise and learning rate follow from that number. So a run that is killed and resumed is the run that wasn't.
"""

from __future__ import annotations

import contextlib
import logging
import math
import shutil
from collections.abc import Iterator

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from accelerate.utils import AutocastKwargs, DistributedDataParallelKwargs
from torch import Tensor

from underpaint.datagen.format.atomic import atomic_file, atomic_folder
from underpaint.models.weights import SAVED_IN, cast_files
from underpaint.training.batch import Batch
from underpaint.training.config import TrainConfig
from underpaint.training.ema import EmaWeights
from underpaint.training.guard import Guard, NotFinite
from underpaint.training.hardware import Hardware, caches_casts, lay_out, prepare
from underpaint.training.loader import Data
from underpaint.training.metrics import Metrics
from underpaint.training.optimiser import new_optimiser, rate, trained
from underpaint.training.phase import Phase
from underpaint.training.progress import Progress
from underpaint.training.rng import training_rng
from underpaint.training.state import TrainingState
from underpaint.training.stopping import Stopping
from underpaint.training.together import first_alone
from underpaint.training.tracking import track, track_sheet
from underpaint.training.updates import Updates
from underpaint.training.validation import validate
from underpaint.training.window import Window

_SHEET_ROWS = 4

_log = logging.getLogger(__name__)


def new_accelerator(config: TrainConfig) -> Accelerator:
    """What knows of devices, processes and precision. It hands out no data and draws nothing."""
    # Accelerate holds on to the precision of a process's first run, and refuses another.
    AcceleratorState._reset_state()
    prepare(config)
    return Accelerator(
        mixed_precision=config.mixed_precision,
        log_with=None if config.report_to == "none" else config.report_to,
        cpu=not torch.cuda.is_available(),
        # Accumulated steps are the loop's business: a call less to understand.
        kwargs_handlers=[
            DistributedDataParallelKwargs(broadcast_buffers=False, gradient_as_bucket_view=True),
            AutocastKwargs(cache_enabled=caches_casts(config)),
        ],
    )


class Loop:
    """Trains one phase.

    Args:
        name: of the phase.
        phases: names of all phases of the run, in order.
        phase: what trains.
        data: what on.
        accelerator: devices and processes.
        stopping: whether somebody wants the run to stop.
        operations: of the network for one sample, forward and backward, for the metrics.

    Raises:
        ValueError: the run was started with another number of samples per step, or its checkpoint is damaged.
    """

    def __init__(
        self,
        name: str,
        phases: list[str],
        phase: Phase,
        data: Data,
        accelerator: Accelerator,
        stopping: Stopping,
        *,
        operations: float | None = None,
    ) -> None:
        self.name, self.phases, self.phase, self.data, self.accelerator = name, phases, phase, data, accelerator
        self.config, self.stopping = phase.config, stopping
        self.folder = self.config.out
        for part in (*phase.frozen, phase.model):
            lay_out(part.to(accelerator.device), self.config)
        self.parameters = trained(phase.model)
        self.ema = EmaWeights(self.parameters, self.config.ema_decay, offload=self.config.offload_ema)
        self.model, self.optimiser = accelerator.prepare(phase.model, new_optimiser(self.parameters, self.config))
        self.guard, self.window = Guard(name, accelerator), Window()
        self.state = TrainingState(name, phase, self.parameters, self.ema, self.optimiser, self.window, accelerator)
        self.updates = Updates(self.guard, self.state, self.ema, self.optimiser, self.window, accelerator)
        self.step = self.state.restore() or 0
        self.hardware = Hardware(accelerator.device, self.config.mixed_precision, operations)
        self.metrics: Metrics | None = None
        first_alone(accelerator, self._open_metrics)

    def _open_metrics(self) -> None:
        tensorboard = self.config.tensorboard
        self.metrics = Metrics(self.folder, self.phases, self.name, step=self.step, tensorboard=tensorboard)

    def run(self) -> bool:
        """Train to the end, write the result and return True; when told to stop, save a checkpoint and return False.

        Raises:
            NotFinite: a loss, a gradient or weights that are no numbers; says which checkpoint is kept.
            OSError: the folder of the run can't be written; says which file.
        """
        try:
            return self._train()
        except NotFinite as error:
            raise self.state.kept(error) from None
        finally:
            if self.metrics is not None:
                self.metrics.close()

    def _train(self) -> bool:
        # A run that goes on at its end must have failed here: its weights aren't saved because it is started again.
        if self.step in (0, self.phase.steps):
            self._validate()
        rank, world = self.accelerator.process_index, self.accelerator.num_processes
        start = self.step * self.config.gradient_accumulation_steps
        batches = self.data.train_batches(batch=self.phase.batch, step=start, rank=rank, world=world)
        progress = Progress(self.name, self.phase.steps, self.step, show=self.accelerator.is_main_process)
        with contextlib.closing(self.window.waiting(batches)) as source, progress:
            while self.step < self.phase.steps:
                norm = self._step(source)
                self.step += 1
                self._report(norm, progress)
                if self.step < self.phase.steps and self.updates.stop:
                    self.updates.settle()
                    self.state.save(self.step)
                    break
        finished = self.step == self.phase.steps
        if finished:
            self._finish()
        return finished

    def _step(self, source: Iterator[Batch]) -> Tensor | float:
        """Change the weights once; return the norm of the gradient."""
        config, phase = self.config, self.phase
        lr = rate(self.step, phase.steps, phase.learning_rate, warmup=config.warmup, cosine=phase.cosine)
        for group in self.optimiser.param_groups:
            group["lr"] = lr
        loss = torch.zeros((), device=self.accelerator.device)
        before = len(self.window.errors)
        for part in range(config.gradient_accumulation_steps):
            batch = next(source).to(self.accelerator.device)
            rng = training_rng(config.data.seed, self.name, batch.positions, shift=config.timestep_shift)
            last = part == config.gradient_accumulation_steps - 1
            # Processes exchange gradients once a step.
            with contextlib.nullcontext() if last else self.accelerator.no_sync(self.model):
                with self.accelerator.autocast():
                    found = phase.errors(self.model, batch, rng, self.step / phase.steps)
                self.accelerator.backward(found.loss / config.gradient_accumulation_steps)
            loss += found.loss.detach()
            everyone = len(batch) * self.accelerator.num_processes
            self.window.add(found.error, found.timestep, everyone, len(batch.skipped))
        norm: Tensor | float = self.accelerator.clip_grad_norm_(self.parameters.values(), config.max_grad_norm)
        self.updates.apply(self.step, loss, norm, batches=before, stop=self.stopping.asked)
        return norm

    def _report(self, norm: Tensor | float, progress: Progress) -> None:
        """Whatever is due after a step."""
        config, last = self.config, self.step == self.phase.steps
        log, validate, sheet, checkpoint = (
            bool(every) and self.step % every == 0
            for every in (config.log_every, config.validate_every, config.sheet_every, config.checkpoint_every)
        )
        if log or validate or sheet or checkpoint or last:
            self.updates.settle()
        if log or last:
            values = self.window.summary(self.accelerator)
            values |= self.hardware.values(values["sequences_per_second"], self.accelerator.num_processes)
            values |= {"gradient_norm": float(norm), "learning_rate": self.optimiser.param_groups[0]["lr"]}
            self._write("train", values)
            progress.show(self.step, values.get("loss", math.nan))
            self.window.clear()
        with self.window.paused():
            if validate or last:
                self._validate()
            if sheet or last:
                first_alone(self.accelerator, self._sheet)
            if checkpoint and not last:
                self.state.save(self.step)

    def _write(self, kind: str, values: dict[str, float]) -> None:
        def write() -> None:
            assert self.metrics is not None, "the first process has them"
            with self.state.writing():
                self.metrics.write(self.step, kind, values)
            track(self.accelerator, self.name, self.step, kind, values)

        first_alone(self.accelerator, write)

    def _validate(self) -> None:
        """The EMA weights are judged, since they are what is saved."""
        with self.ema.in_place():
            values = validate(self.phase, self.data, self.accelerator)
        self.guard.check_validation(self.step, values)
        self._write("validation", values)

    def _sheet(self) -> None:
        batch = next(iter(self.data.validation_batches(batch=_SHEET_ROWS))).to(self.accelerator.device)
        for name, paint in (("", lambda: self.phase.sheet(batch)), ("-prompts", self.phase.prompt_sheet)):
            try:
                with self.ema.in_place(), torch.no_grad(), self.accelerator.autocast():
                    sheet = paint()
            except NotFinite as error:
                _log.warning("%s, step %d: no sample sheet: %s", self.name, self.step, error)
                return
            if sheet is None:
                continue
            with self.state.writing():
                (self.folder / "sheets").mkdir(exist_ok=True)
                with atomic_file(self.folder / "sheets" / f"{self.name}-{self.step:08d}{name}.png") as file:
                    sheet.save(file, "PNG")
            track_sheet(self.accelerator, f"{self.name}{name}", sheet)

    def _finish(self) -> None:
        """Write the result; the checkpoints aren't needed any more."""
        self.state.check_finite(self.step)
        # As a plain network again, wherever it was: the next phase may build on it, in every process.
        self.phase.model.to("cpu")
        first_alone(self.accelerator, self._write_result)
        self.accelerator.free_memory()

    def _write_result(self) -> None:
        with self.state.writing(), self.ema.in_place(), atomic_folder(self.folder / self.name) as folder:
            self.phase.save(folder)
            # What a later phase of this run builds on is as exact as it was trained.
            if self.name == self.phases[-1]:
                cast_files(folder, SAVED_IN[self.config.save_precision])
        shutil.rmtree(self.folder / "checkpoints", ignore_errors=True)
