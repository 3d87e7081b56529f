"""Sampling with our own parts, as the stock pipelines do it: DDIM, two steps, no guidance."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tests.models.stock import FRAMES, PROMPT, STEPS
from underpaint.models.base import Base
from underpaint.models.replication import denoise


def text_states(base: Base) -> Tensor:
    """States of the prompt, (1, 77, 128)."""
    tokens = base.tokenizer(PROMPT, padding="max_length", truncation=True, max_length=77, return_tensors="pt")
    states: Tensor = base.text_encoder(tokens.input_ids)[0]
    return states


def noise() -> Tensor:
    """The latents that the stock pipelines start from."""
    return torch.randn(1, 4, FRAMES, 16, 16, generator=torch.Generator().manual_seed(11))


@torch.no_grad()
def paint(base: Base, unet: Any, network: Any = None, shown: Any = None) -> Tensor:
    """Latents (1, 4, F, 16, 16) after sampling."""
    scheduler = base.noise.scheduler()
    scheduler.set_timesteps(STEPS)
    latents, text = noise(), text_states(base)
    for level in scheduler.timesteps:
        output = denoise(unet, latents, level[None], text, network, shown)
        latents = scheduler.step(output, level, latents).prev_sample
    return latents
