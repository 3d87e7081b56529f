"""Captions: words in them that say of a process what the picture doesn't show, and what a text encoder sees of them."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor
from transformers import CLIPTokenizer

# Of a process that begins with a half-painted picture. Without it one would begin with the blank ground half of the
# time only, as those do that a motion module is trained on.
_HALF_PAINTED_START = "from a half-painted picture"


def in_medium(medium: str, caption: str) -> str:
    """The caption of a process painted in a medium."""
    return f"{medium}, {caption}" if caption else medium


def from_half_painted(caption: str) -> str:
    """The caption of a process that doesn't begin with the blank ground."""
    return f"{caption}, {_HALF_PAINTED_START}" if caption else _HALF_PAINTED_START


def half_painted(caption: str, step: int, last: int) -> str:
    """The caption of a single picture that isn't finished: the frame `step` of 0..`last`."""
    mark = f"half-painted, step {step} of {last}"
    return f"{caption}, {mark}" if caption else mark


def tokens_of(tokenizer: CLIPTokenizer, captions: Sequence[str]) -> Tensor:
    """What a text encoder takes, int64 (B, L), on the CPU: captions filled up, or cut, to the tokenizer's length."""
    length = tokenizer.model_max_length
    encoded = tokenizer(list(captions), padding="max_length", truncation=True, max_length=length, return_tensors="pt")
    tokens: Tensor = encoded.input_ids
    return tokens
