"""The networks where they compute: prompts to states, pictures to latents and back."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager

import numpy as np
import torch
from torch import Tensor
from transformers import CLIPTextModel

from underpaint.models.captions import cut_in_words, tokens_of
from underpaint.models.latents import decode, encode
from underpaint.pipelines.parts import Parts
from underpaint.pipelines.pictures import Margins, UInt8
from underpaint.pipelines.placement import DevicePlacement
from underpaint.pipelines.settings import ComputeConfig

_logger = logging.getLogger(__name__)

_TOLD = 10  # prompts that are cut, one by one


class Networks:
    """Loaded networks on their device.

    Args:
        parts: what was loaded; it is moved and cast in place.
        compute: where it computes, and in what precision.

    Raises:
        ValueError: a device that torch doesn't find.
    """

    def __init__(self, parts: Parts, compute: ComputeConfig) -> None:
        self.parts, self.compute, self._placement = parts, compute, DevicePlacement(compute)
        # Stable Diffusion's autoencoder overflows in 16 bits, and its config says so.
        self._vae_dtype = torch.float32 if parts.vae.config.force_upcast else self._placement.dtype
        self._looked_at: set[str] = set()
        self._cut = 0
        self._placement.place(parts.vae, self._vae_dtype)
        # Its convolutions, the height of memory on a CPU, then need no copies in another order.
        parts.vae.to(memory_format=torch.channels_last)
        self._placement.place(parts.text_encoder, self._placement.dtype)
        for network in filter(None, (parts.unet, parts.network)):
            self._placement.place(network, self._placement.dtype)
            if self.device.type == "cpu":
                # A pass of nano then takes a seventh less.
                network.to(memory_format=torch.channels_last)
            if compute.compile:
                network.compile()
        if compute.slicing:
            parts.vae.enable_slicing()
        if compute.tiling:
            parts.vae.enable_tiling()

    @property
    def device(self) -> torch.device:
        """Where they compute."""
        return self._placement.device

    @property
    def precision(self) -> str:
        """What they compute in: `fp32`, `fp16` or `bf16`."""
        return self._placement.precision

    @property
    def remedy(self) -> str:
        """What to try when numbers aren't finite."""
        if self.precision == "fp32":
            return "the weights overflow; give less --guidance, a smaller --lora weight or other networks"
        return f"{self.precision} overflows; give --precision fp32"

    def denoising(self) -> AbstractContextManager[None]:
        """Have UNet and replication network on the device for the time being."""
        return self._placement.using(self.parts.unet, self.parts.network)

    def margins(self, shape: tuple[int, int]) -> Margins:
        """Return how a canvas (H, W) lies within the one that the networks take."""
        return Margins.of(shape, self.parts.step)

    def states(self, prompts: Sequence[str], clip_skip: int = 0) -> Tensor:
        """Return text states (B, L, D) of prompts, on the device; warn once of each that is cut.

        Args:
            prompts: may hold words of embeddings.
            clip_skip: last layers of the text encoder to leave out; their norm stays.

        Raises:
            ValueError: more layers than there are.
        """
        prompts = [self.parts.spelled(prompt) for prompt in prompts]
        for prompt in dict.fromkeys(prompts):
            if prompt not in self._looked_at and (line := cut_in_words(self.parts.tokenizer, prompt)):
                self._warn(line)
            self._looked_at.add(prompt)
        tokens = tokens_of(self.parts.tokenizer, prompts)
        with self._placement.using(self.parts.text_encoder):
            return _states(self.parts.text_encoder, tokens.to(self.device), clip_skip)

    def _warn(self, line: str) -> None:
        """Warn of the first prompts that are cut: a corpus may have thousands."""
        self._cut += 1
        if self._cut <= _TOLD:
            _logger.warning("prompt %s", line)
        elif self._cut == _TOLD + 1:
            _logger.warning("more prompts are too long: `prompt_cut` in the record of each says what isn't seen")

    def encoded(self, pictures: UInt8) -> Tensor:
        """Return latents (N, 4, h, w), float32, of pictures (N, H, W, 3)."""
        pixels = torch.from_numpy(pictures).permute(0, 3, 1, 2).to(self.device, self._vae_dtype)
        with self._placement.using(self.parts.vae):
            return encode(self.parts.vae, pixels / 127.5 - 1).float()

    def decoded(self, latents: Tensor) -> UInt8:
        """Return pictures (N, H, W, 3) of latents (N, 4, h, w)."""
        with self._placement.using(self.parts.vae):
            pixels = decode(self.parts.vae, latents.to(self._vae_dtype))
        # To a NaN, uint8 is any number: the picture would be black, or worse.
        if not bool(torch.isfinite(pixels).all()):
            raise ValueError(f"the decoded frames hold numbers that are not finite: {self.remedy}")
        made = ((pixels.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
        return np.ascontiguousarray(made.permute(0, 2, 3, 1).cpu().numpy())


def _states(text_encoder: CLIPTextModel, tokens: Tensor, clip_skip: int) -> Tensor:
    """Text states of tokens (B, L), as stock pipelines compute them."""
    if not clip_skip:
        states: Tensor = text_encoder(tokens)[0]
        return states
    layers = text_encoder.config.num_hidden_layers
    if clip_skip >= layers:
        raise ValueError(f"clip_skip is {clip_skip}: the text encoder has {layers} layers, one is needed")
    hidden = text_encoder(tokens, output_hidden_states=True).hidden_states[-(clip_skip + 1)]
    # `text_model.` comes and goes with releases of transformers.
    normed: Tensor = getattr(text_encoder, "text_model", text_encoder).final_layer_norm(hidden)
    return normed
