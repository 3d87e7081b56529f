"""Training a denoiser: the image model, or one that paints processes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from diffusers import SparseControlNetModel, UNet2DConditionModel, UNetMotionModel
from diffusers.models.attention_processor import Attention, AttnProcessor
from diffusers.models.transformers.transformer_2d import Transformer2DModel
from diffusers.models.unets.unet_motion_model import AnimateDiffTransformer3D
from PIL import Image
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from underpaint.models.attention import split_attention
from underpaint.models.base import Base
from underpaint.models.captions import tokens_of
from underpaint.models.latents import decode, downsampling, encode
from underpaint.models.noise import NoiseSchedule, add_noise, min_snr_weights, squared_error, target_of
from underpaint.models.replication import condition, denoise
from underpaint.training.augment import augment, to_float
from underpaint.training.batch import Batch
from underpaint.training.conditioning import conditioning_frames
from underpaint.training.config import TrainConfig
from underpaint.training.data_config import DataConfig
from underpaint.training.hardware import to_device
from underpaint.training.phase import Errors, Phase, contact_sheet
from underpaint.training.rng import BatchRng

# Steps of sampling a sheet: enough to see what has been learned.
_SAMPLING_STEPS = 20
_SHEET_SEED = 1234
# Latents along one side up to which attention may hold its weights in memory: a map of 1,024 x 1,024 for each head.
_PLAIN_SIDE = 32


class Denoiser(nn.Module):
    """Noisy latents and captions to what the UNet predicts, in one forward pass.

    Args:
        unet: takes single pictures (B, 4, h, w), or processes (B, 4, F, h, w) if it has a motion module.
        text_encoder: for the captions.
        network: the replication network, if there is one.
    """

    def __init__(
        self,
        unet: UNet2DConditionModel | UNetMotionModel,
        text_encoder: nn.Module,
        network: SparseControlNetModel | None = None,
    ) -> None:
        super().__init__()
        self.unet, self.text_encoder, self.network = unet, text_encoder, network

    def forward(
        self, noisy: Tensor, timesteps_B: Tensor, text: Tensor, conditioning: tuple[Tensor, Tensor] | None = None
    ) -> Tensor:
        """The UNet's output, in the shape of `noisy`; the text are tokens (B, L), or the states of them (B, L, D)."""
        text_BLD = text if text.is_floating_point() else self.text_encoder(text)[0]
        if noisy.ndim == 5:
            return denoise(self.unet, noisy, timesteps_B, text_BLD, self.network, conditioning)
        output: Tensor = self.unet(noisy, timesteps_B, text_BLD, return_dict=False)[0]
        return output


class DenoisingPhase(Phase):
    """What all stages have in common: noise on latents, and a network that is to see through it.

    Attributes:
        min_conditioning_frames: of each sequence, for a replication network.

    Args:
        config: of the stage.
        data: frames, size and augmentation.
        base: its autoencoder and tokenizer are used; nothing of it is altered.
        noise: the schedule.
        denoiser: exactly what trains in it requires gradients.
    """

    min_conditioning_frames = 1

    def __init__(
        self, config: TrainConfig, data: DataConfig, base: Base, noise: NoiseSchedule, denoiser: Denoiser
    ) -> None:
        super().__init__(config)
        self.data, self.base, self.noise = data, base, noise
        self.denoiser, self.model = denoiser, denoiser
        self.frozen = (base.vae.requires_grad_(False),)
        self.alphas = noise.alphas_cumprod()
        if denoiser.network is not None:
            split_attention(denoiser.network)
        if config.mixed_precision != "no" and not torch.cuda.is_available() and self._side() <= _PLAIN_SIDE:
            _use_plain_attention(denoiser)
        if config.gradient_checkpointing:
            for part in filter(None, (denoiser.unet, denoiser.network)):
                part.enable_gradient_checkpointing()
                # Some of diffusers' blocks do it in training mode only; nothing else hangs on the mode.
                part.train()
                _checkpoint_transformers(part)

    def errors(self, model: nn.Module, batch: Batch, rng: BatchRng, progress: float | None) -> Errors:
        """Squared error of the prediction, weighted by min-SNR where that is asked for."""
        latents, text = self._inputs(batch, progress)
        self.alphas = self.alphas.to(latents.device)
        noise, steps = rng.noise_like(latents), to_device(rng.timesteps(self.noise.steps), latents.device)
        noisy = add_noise(self.alphas, latents, noise, steps)
        output = model(noisy, steps, text, self._conditioning(latents, rng.seeds, batch.starts_later))
        error = squared_error(output, target_of(self.noise.prediction, self.alphas, latents, noise, steps))
        loss = error
        if self.config.min_snr_gamma:
            loss = error * min_snr_weights(self.noise.prediction, self.alphas, steps, self.config.min_snr_gamma)
        return Errors(
            loss=loss.mean(),
            error=error.detach(),
            timestep=(steps.float() + 0.5) / self.noise.steps,
            repeated=self._repeated(latents),
        )

    def _side(self) -> int:
        """Latents along one side of a frame."""
        return self.data.size // downsampling(self.base.vae)

    def _frames(self, batch: Batch, progress: float | None) -> Tensor:
        if progress is None:
            return to_float(batch.frames)
        return augment(batch.frames, batch.draws, batch.shape, self.data.augment)

    def _inputs(self, batch: Batch, progress: float | None) -> tuple[Tensor, Tensor]:
        """Latents (B, 4, F, h, w), or (B, 4, h, w) for single pictures; and the text, as a cache has it or as tokens.

        The modes of the posteriors: drawing from them would add a noise that is small beside that of any timestep.
        """
        if batch.text is not None:
            latents, text = batch.frames.float(), batch.text.float()
        else:
            latents, text = encode(self.base.vae, self._frames(batch, progress)), self._tokens(batch.captions)
        return latents[:, 0] if self.data.frames == 1 else latents.transpose(1, 2), text

    def _repeated(self, latents: Tensor) -> Tensor | None:
        """Return the error of the mean frame in all places, the best without motion, at the noisiest timestep.

        Predicting v is predicting the picture there, up to its sign.
        """
        if latents.ndim == 4 or self.noise.prediction == "epsilon":
            return None
        return squared_error(latents.mean(2, keepdim=True).expand_as(latents), latents)

    def _tokens(self, captions: Sequence[str]) -> Tensor:
        tokens = tokens_of(self.base.tokenizer, captions)
        return to_device(tokens, next(self.denoiser.parameters()).device)

    def _conditioning(
        self, latents: Tensor, seeds: Sequence[int], starts_later: Sequence[bool]
    ) -> tuple[Tensor, Tensor] | None:
        if self.denoiser.network is None:
            return None
        pairs = zip(seeds, starts_later, strict=True)
        rows = [
            conditioning_frames(seed, self.data.frames, starts_later=later, least=self.min_conditioning_frames)
            for seed, later in pairs
        ]
        return condition(latents, to_device(torch.tensor(rows), latents.device))

    def example(self, samples: int) -> tuple[Any, ...]:
        """Noisy latents, timesteps, tokens, and the condition if there is one."""
        side = self._side()
        frames = () if self.data.frames == 1 else (self.data.frames,)
        latents = torch.zeros(samples, 4, *frames, side, side)
        timesteps = torch.zeros(samples, dtype=torch.int64)
        conditioning = self._conditioning(latents, tuple(range(samples)), (False,) * samples)
        return latents, timesteps, self._tokens(("",) * samples), conditioning

    def encode_example(self, samples: int) -> Tensor | None:
        """Latents of frames, unless a cache holds them."""
        if self.config.cache is not None:
            return None
        size = self.data.size
        return encode(self.base.vae, torch.zeros(samples, self.data.frames, 3, size, size))

    @torch.no_grad()
    def sheet(self, batch: Batch) -> Image.Image:
        """Return each sample, and below it what is painted from its caption, and from its conditioning frames if any.

        From a cache the sample is what the autoencoder makes of its latents.
        """
        frames = to_float(batch.frames) if batch.text is None else decode(self.base.vae, batch.frames.float())
        latents, text = self._inputs(batch, None)
        rng = BatchRng(times=(0.0,) * len(batch), seeds=tuple(_SHEET_SEED + row for row in range(len(batch))))
        conditioning = self._conditioning(latents, rng.seeds, batch.starts_later)
        decoded = self._painted(rng.noise_like(latents), text, conditioning)
        if self.data.frames == 1:
            return contact_sheet(torch.stack([frames[:, 0], decoded[:, 0]]))
        return contact_sheet(torch.stack([frames, decoded], 1).flatten(0, 1))

    @torch.no_grad()
    def prompt_sheet(self) -> Image.Image | None:
        """Return a row for each prompt, from the same noise each time; no frame is a conditioning frame."""
        prompts, side = list(self.config.sample_prompts), self._side()
        if not prompts:
            return None
        rng = BatchRng(times=(0.0,) * len(prompts), seeds=tuple(_SHEET_SEED + row for row in range(len(prompts))))
        frames = () if self.data.frames == 1 else (self.data.frames,)
        device = next(self.denoiser.parameters()).device
        noise = rng.noise_like(torch.zeros(len(prompts), 4, *frames, side, side, device=device))
        nothing = None
        if self.denoiser.network is not None:
            nothing = condition(noise, torch.zeros(len(prompts), self.data.frames, dtype=torch.bool, device=device))
        scale = self.config.sample_guidance_scale
        return contact_sheet(self._painted(noise, self._tokens(prompts), nothing, scale))

    def _painted(
        self, latents: Tensor, text: Tensor, conditioning: tuple[Tensor, Tensor] | None, guidance: float = 1.0
    ) -> Tensor:
        """Frames (B, F, 3, H, W) from noise, guided away from what has no caption (Ho & Salimans 2022, eq. 6)."""
        scheduler = self.noise.scheduler()
        scheduler.set_timesteps(_SAMPLING_STEPS, device=latents.device)
        empty = self._tokens(("",) * len(latents)) if guidance > 1 else None
        for timestep in scheduler.timesteps:
            steps = timestep.expand(len(latents))
            output = self.denoiser(latents, steps, text, conditioning)
            if empty is not None:
                plain = self.denoiser(latents, steps, empty, conditioning)
                output = plain + guidance * (output - plain)
            latents = scheduler.step(output, timestep, latents).prev_sample
        return decode(self.base.vae, latents[:, None] if latents.ndim == 4 else latents.transpose(1, 2))


def _checkpoint_transformers(model: nn.Module) -> None:
    """Recompute whole transformers, too.

    Of those between frames diffusers' checkpointing leaves out all but the middle one, and of those within a frame it
    keeps what comes before and after the attention: together seven eighths of the activations of Stable Diffusion 1.5.
    """
    for name, part in model.named_modules():
        if isinstance(part, Transformer2DModel):
            part.gradient_checkpointing = False  # of its blocks, which would be computed three times
        elif not isinstance(part, AnimateDiffTransformer3D) or name.startswith("mid_block"):
            continue
        # Nothing in them is drawn.
        part.forward = partial(checkpoint, part.forward, use_reentrant=False, preserve_rng_state=False)


def _use_plain_attention(model: nn.Module) -> None:
    """Attention as three operations: the fused one of torch takes three times as long backward on CPUs in 16 bits."""
    for part in model.modules():
        if isinstance(part, Attention):
            part.set_processor(AttnProcessor())
