"""Attention between frames: in parts where a GPU's kernel can't take all places at once, as one matrix else."""

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


def fold_places(model: nn.Module) -> None:
    """Have all motion modules inside a model, a network's too, multiply the frames of all places as one matrix.

    diffusers hands them those of a single process turned over. Where no gradient is asked for, torch then copies the
    weights for each place: 0.8 GiB for the 4,096 of 512 px, and eight times the time.
    """
    for name, part in model.named_modules():
        if ".motion_modules." in f".{name}" and name.endswith(".proj_in"):
            part.register_forward_pre_hook(_turned_back, with_kwargs=True)


def _turned_back(
    module: nn.Module, arguments: tuple[Any, ...], options: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    # diffusers calls it with a keyword.
    return arguments, options | {"input": options["input"].contiguous()}
