"""Training nano's autoencoder."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL
from PIL import Image
from torch import Tensor, nn

from underpaint.datagen.format.draws import draw
from underpaint.models.latents import autoencoder_loss, channel_statistics, decode, encode, standardise
from underpaint.training.augment import augment, to_float
from underpaint.training.batch import Batch
from underpaint.training.config import BaseConfig
from underpaint.training.data_config import DataConfig
from underpaint.training.loader import Data
from underpaint.training.phase import Errors, Phase, contact_sheet
from underpaint.training.rng import BatchRng

# Frames whose latents tell their mean and deviation.
_STATISTICS = 512


class _Loss(nn.Module):
    """The loss as a forward pass, so that several processes add up their gradients."""

    def __init__(self, vae: AutoencoderKL) -> None:
        super().__init__()
        self.vae = vae

    def forward(self, frames: Tensor, generators: Any, guide: float) -> Tensor:
        return autoencoder_loss(self.vae, frames, generators, guide=guide)


class AutoencoderPhase(Phase):
    """Single frames, finished or not, in crops."""

    def __init__(self, config: BaseConfig, vae: AutoencoderKL, data: Data) -> None:
        super().__init__(config)
        self.steps, self.batch = config.autoencoder_steps, config.autoencoder_batch
        self.learning_rate, self.cosine = config.autoencoder_learning_rate, True
        self.crop = config.autoencoder_crop
        self.vae, self.data = vae.requires_grad_(True), data
        self.model: nn.Module = _Loss(vae)

    def errors(self, model: nn.Module, batch: Batch, rng: BatchRng, progress: float | None) -> Errors:
        """Squared error of crops; of the whole frames, from the posteriors' modes, in validation."""
        if progress is None:
            frames = to_float(batch.frames)[:, 0]
            painted = decode(self.vae, encode(self.vae, frames))
            error = (painted - frames).square().flatten(1).mean(1)
            return Errors(loss=error.mean(), error=error, timestep=torch.zeros(len(batch)))
        frames = augment(batch.frames, batch.draws, batch.shape, self.data.config.augment)[:, 0]
        # The guide fades over the first half, see docs/models.md. Each posterior is drawn from by its own generator.
        loss = model(self._crops(frames, rng), rng.generators(), max(0.0, 1 - 2 * progress))
        return Errors(loss=loss, error=loss.detach().float().expand(len(batch)), timestep=torch.zeros(len(batch)))

    def _crops(self, frames: Tensor, rng: BatchRng) -> Tensor:
        # The short side of a bucket may be half the size that a crop was checked against.
        height, width = (min(self.crop, side) for side in frames.shape[-2:])
        crops = []
        for picture, seed in zip(frames, rng.seeds, strict=True):
            top = int(draw(seed, "top") * (picture.shape[-2] - height + 1))
            left = int(draw(seed, "left") * (picture.shape[-1] - width + 1))
            crops.append(picture[:, top : top + height, left : left + width])
        return torch.stack(crops)

    def example(self, samples: int) -> tuple[Any, ...]:
        """Crops, their generators and the guide's weight."""
        rng = BatchRng(times=(0.0,) * samples, seeds=tuple(range(samples)))
        return torch.zeros(samples, 3, self.crop, self.crop), rng.generators(), 1.0

    def save(self, folder: Path) -> None:
        """The autoencoder, its latents standardised, as a folder that diffusers loads."""
        device = next(self.vae.parameters()).device
        batches = self.data.train_batches(batch=32)
        frames = (to_float(batch.to(device).frames)[:, 0] for batch in islice(batches, _STATISTICS // 32))
        standardise(self.vae, *channel_statistics(self.vae, frames))
        self.vae.save_pretrained(folder, safe_serialization=True)

    def sheet(self, batch: Batch) -> Image.Image:
        """Frames above, what comes back of them below."""
        frames = to_float(batch.frames)[:, 0]
        return contact_sheet(torch.stack([frames, decode(self.vae, encode(self.vae, frames))]))


def autoencoder_data(data: DataConfig) -> DataConfig:
    """Single frames, half of them finished: those have the most detail, and come back worst."""
    return replace(data, frames=1, half_painted=0.5, caption_dropout=0.0)
