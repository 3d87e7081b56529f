"""What all trials work with: the networks, unseen pictures and processes, and a folder each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from underpaint.datagen.format.atomic import atomic_file
from underpaint.experiments.findings import read_finding
from underpaint.experiments.trials.config import TrialsConfig
from underpaint.experiments.trials.unseen import UnseenPicture, UnseenProcess, unseen_pictures, unseen_processes
from underpaint.models.captions import in_medium
from underpaint.pipelines.loras import Lora
from underpaint.pipelines.pipeline import ProcessPipeline
from underpaint.pipelines.request import Request
from underpaint.pipelines.sampling import Predictor
from underpaint.pipelines.settings import ComputeConfig, Sampling

UInt8 = NDArray[np.uint8]

# Of each medium at most: their mean colours tell a medium from the others.
_REAL = 64
_PAINTED = "painted.npz"


@dataclass(frozen=True)
class TrialContext:
    """Networks and what they are tried on, loaded when they are needed.

    Args:
        config: of the trials.
    """

    config: TrialsConfig

    @cached_property
    def settings(self) -> dict[str, Any]:
        """All that has a say in what a trial finds, the networks too, as JSON values."""
        sampling = {name: self.sampling(conditioned=name == "shown").record() for name in ("words", "shown")}
        return self.config.settings() | {"networks": self.pipeline.parts.described, "sampling": sampling}

    def finished(self, trial: str) -> bool:
        """Return whether a trial has found something with these settings."""
        return read_finding(self.folder(trial), self.settings) is not None

    def folder(self, trial: str) -> Path:
        """Where a trial leaves what it has made."""
        return self.config.out / trial

    @cached_property
    def pipeline(self) -> ProcessPipeline:
        """The networks."""
        return self.load()

    def load(self, loras: Sequence[Lora] = ()) -> ProcessPipeline:
        """The networks, with LoRAs worked in.

        Raises:
            ValueError: something is missing, or isn't finished.
        """
        compute = ComputeConfig(device=self.config.device, precision="fp32")  # what is measured is no rounding
        return ProcessPipeline.from_pretrained(self.config.models, loras=loras, compute=compute)

    @cached_property
    def pictures(self) -> list[UnseenPicture]:
        """Those that are reconstructed; first those of which the corpus has a process in that medium, too."""
        config = self.config
        painted = {each.source for each in self.processes.get(config.medium, ())}
        return unseen_pictures(
            config.source, config.validation, self.pipeline.parts.size, config.pictures, first=painted
        )

    @cached_property
    def processes(self) -> dict[str, list[UnseenProcess]]:
        """Those of the corpus by medium, cut into as many frames as the networks paint."""
        config, parts = self.config, self.pipeline.parts
        most = max(_REAL, config.noisy, config.prompts, config.completed)
        return unseen_processes(config.corpus, config.validation, parts.window, parts.size, most)

    def prompt(self, medium: str, caption: str) -> str:
        """A caption as training wrote it."""
        return in_medium(medium, caption) if self.config.name_medium else caption

    def sampling(self, *, conditioned: bool = False) -> Sampling:
        """How processes are sampled: as the config says, and else as the pipelines do by themselves.

        Args:
            conditioned: whether there are conditioning frames; guidance is for words alone.
        """
        config = self.config
        guidance = None if conditioned else config.guidance
        given = Sampling(steps=config.steps, sampler=config.sampler, guidance=guidance)
        return given.settled(self.pipeline.parts.noise.prediction, conditioned=conditioned)

    @property
    def ddim_steps(self) -> int:
        """Sampling steps of what is always done by DDIM."""
        given = Sampling(steps=self.config.steps, sampler="ddim")
        steps = given.settled(self.pipeline.parts.noise.prediction, conditioned=True).steps
        assert steps is not None, "settled"
        return steps

    def paint(self, orders: Sequence[Request], *, pipeline: ProcessPipeline | None = None) -> list[UInt8]:
        """Frames of each process, uint8 (F, H, W, 3), painted in batches."""
        sampling = self.sampling(conditioned=any(order.conditioning_frames for order in orders))
        painter, batch = pipeline or self.pipeline, self.config.batch
        portions = [orders[start : start + batch] for start in range(0, len(orders), batch)]
        return [painting.frames for portion in portions for painting in painter.paint(portion, sampling)]

    def keep(self, trial: str, painted: Sequence[tuple[str, UInt8]]) -> None:
        """Write what a trial has painted, frames by medium, into its folder: other trials look at it, too."""
        self.folder(trial).mkdir(parents=True, exist_ok=True)
        media = dict.fromkeys(medium for medium, _ in painted)
        arrays: dict[str, Any] = {
            each: np.stack([frames for medium, frames in painted if medium == each]) for each in media
        }
        with atomic_file(self.folder(trial) / _PAINTED) as file:
            np.savez_compressed(file, **arrays)

    def kept(self, trial: str) -> list[tuple[str, UInt8]]:
        """Return what a trial has painted with these settings, of each process its medium and frames, if anything."""
        path = self.folder(trial) / _PAINTED
        if not (self.finished(trial) and path.is_file()):
            return []
        with np.load(path) as arrays:
            return [(medium, frames) for medium in arrays for frames in arrays[medium]]

    def predictor(self, states: Tensor) -> Predictor:
        """The UNet under prompts, states (B, L, D), without anything shown."""
        parts = self.pipeline.parts
        return Predictor(
            unet=parts.unet,
            text=states,
            negative=None,
            guidance=1.0,
            network=None,
            latents=torch.zeros(0),
            mask=torch.zeros(1, parts.window, dtype=torch.bool),
            scale=1.0,
            window=parts.window,
        )

    def latents(self, process: UnseenProcess) -> Tensor:
        """Latents (1, 4, F, h, w) of a process."""
        return self.pipeline.networks.encoded(process.frames)[None].transpose(1, 2)
