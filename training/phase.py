"""One network's training: what the loop must know of it, and no more."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn

from underpaint.training.batch import Batch
from underpaint.training.config import TrainConfig
from underpaint.training.data_config import DataConfig
from underpaint.training.guard import NotFinite
from underpaint.training.rng import BatchRng

COMPUTED_IN = {"no": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
_CAST_BY_AUTOCAST = (nn.Linear, nn.Conv1d, nn.Conv2d)


@dataclass(frozen=True, kw_only=True)
class Errors:
    """What a batch gives.

    Attributes:
        loss: scalar, what is trained on.
        error: float32 (B,), unweighted, what is reported; no gradient.
        timestep: float32 (B,), 0..1, share of the noise schedule.
        repeated: float32 (B,), the error of repeating the mean of a process's frames, where that can be said.
    """

    loss: Tensor
    error: Tensor
    timestep: Tensor
    repeated: Tensor | None = None


class Phase(ABC):
    """A network that trains, and how.

    Attributes:
        config: of the stage; `steps`, `batch`, `learning_rate` and `cosine` may differ from it.
        model: all that is computed with, the trained parameters and no others requiring gradients. The loop calls
            it only through `errors`, wrapped for several processes. No part of it has dropout, so it stays in
            evaluation mode.
        frozen: other networks, which need to be moved to the device.
        keeps_frozen: whether the result holds weights that don't train, too; those then stay in float32.
    """

    config: TrainConfig
    model: nn.Module
    frozen: tuple[nn.Module, ...] = ()
    keeps_frozen = False
    steps: int
    batch: int
    learning_rate: float
    cosine: bool

    def __init__(self, config: TrainConfig) -> None:
        self.config = config
        self.steps, self.batch, self.learning_rate = config.steps, config.batch, config.learning_rate
        self.cosine = config.lr_scheduler == "cosine"

    def cast_frozen(self) -> None:
        """Hold what doesn't train in the type that is computed in, which takes half the memory in 16 bits.

        Of layers that autocast casts anew at each step anyway, so that nothing else comes out; norms and embeddings,
        which it leaves alone, stay in float32.
        """
        precision = COMPUTED_IN[self.config.mixed_precision]
        if self.keeps_frozen or precision == torch.float32:
            return
        for network in (self.model, *self.frozen):
            for part in network.modules():
                if isinstance(part, _CAST_BY_AUTOCAST):
                    for parameter in part.parameters(recurse=False):
                        if not parameter.requires_grad:
                            parameter.data = parameter.data.to(precision)

    def encode_example(self, samples: int) -> Tensor | None:
        """Return what is computed before the forward pass, of a batch of the right shapes; by default nothing is."""
        return None

    def prompt_sheet(self) -> Image.Image | None:
        """Return what the network makes of the config's own prompts, if it has any; the EMA weights are in place."""
        return None

    @abstractmethod
    def errors(self, model: nn.Module, batch: Batch, rng: BatchRng, progress: float | None) -> Errors:
        """Errors on a batch, which is on the device.

        Args:
            model: `self.model`, perhaps wrapped.
            batch: what is trained on.
            rng: what is drawn for it.
            progress: 0..1, share of the steps done; None in validation, which doesn't augment.
        """

    @abstractmethod
    def example(self, samples: int) -> tuple[Any, ...]:
        """Arguments for a forward pass of the model, of the right shapes, content aside."""

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write the result into a folder; the EMA weights are in place."""

    @abstractmethod
    def sheet(self, batch: Batch) -> Image.Image:
        """What the network makes of some validation samples, beside them; the EMA weights are in place."""


@dataclass(frozen=True, kw_only=True)
class PhaseSpec:
    """A phase to come. What the run can be refused for is found out before any of them is built.

    Attributes:
        name: of the phase and of the folder of its result, small letters.
        data: what it trains on.
        multiple: of which the sides of frames must be multiples, in pixels.
        build: makes it; earlier phases' results are in the run's folder then.
    """

    name: str
    data: DataConfig
    multiple: int
    build: Callable[[], Phase]


def contact_sheet(frames: Tensor) -> Image.Image:
    """Frames (rows, columns, 3, H, W), -1..1, as one picture.

    Raises:
        NotFinite: some of them are NaN or infinite.
    """
    if not frames.isfinite().all():
        raise NotFinite("the network paints numbers that are not finite (NaN or infinity)")
    pixels = ((frames.detach().float().cpu().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    rows, columns, _, height, width = pixels.shape
    table = pixels.permute(0, 3, 1, 4, 2).reshape(rows * height, columns * width, 3)
    return Image.fromarray(table.numpy())
