"""Attention between frames in parts, where there are more places than a GPU's kernel takes at once."""

from __future__ import annotations

from typing import Any

import torch
from diffusers.models.attention_processor import Attention, AttnProcessor2_0
from torch import Tensor, nn

# Every place of every process is a batch of its own: 4,096 of a process of 512 px. The memory-efficient kernel fails
# above this number (https://github.com/pytorch/pytorch/issues/142228).
MOST_AT_ONCE = 65_535


class SplitAttnProcessor(AttnProcessor2_0):  # type: ignore[misc, unused-ignore]
    """diffusers' processor, on so many batches at a time; self-attention without a mask, as that between frames is."""

    def __call__(self, attn: Attention, hidden_states: Tensor, *arguments: Any, **options: Any) -> Tensor:
        """Return what the attention makes of states (N, F, C)."""
        parts = torch.split(hidden_states, MOST_AT_ONCE)
        done: list[Tensor] = [super(SplitAttnProcessor, self).__call__(attn, x, *arguments, **options) for x in parts]
        return done[0] if len(done) == 1 else torch.cat(done)


def split_attention(model: nn.Module) -> None:
    """Let the attention of all motion modules inside a model, a network's too, work in parts where it has to."""
    for name, part in model.named_modules():
        if isinstance(part, Attention) and ".motion_modules." in f".{name}":
            part.set_processor(SplitAttnProcessor())
