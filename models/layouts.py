"""Names of the weights of motion modules: diffusers' own, and those that AnimateDiff's programs load."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from underpaint.models.cldm import cldm_name, name_of_cldm

# What diffusers calls the parts of a motion module, and what AnimateDiff does. The table of positions stands once in
# diffusers' files, and before each attention, where its name begins with the attention's, in AnimateDiff's.
_RENAMINGS = (
    (".temporal_transformer", ""),
    (".attention_blocks.0.pos_encoder.", ".pos_embed."),
    (".attention_blocks.1.pos_encoder.", ".pos_embed."),
    (".attention_blocks.0.", ".attn1."),
    (".attention_blocks.1.", ".attn2."),
    (".norms.0.", ".norm1."),
    (".norms.1.", ".norm2."),
    (".ff_norm.", ".norm3."),
)
_MODULE = re.compile(r"(?<![^.])motion_modules\.\d+(?=\.)")
_POSITIONS = ".pos_embed.pe"
# Tables of positions of one length are the same numbers, but for the rounding of 16 bits (bfloat16 of 1: 1/256).
ROUNDING = 1 / 256


def is_animatediff(names: Iterable[str]) -> bool:
    """Return whether names of weights are of AnimateDiff's layout."""
    return any(".temporal_transformer." in name for name in names)


def diffusers_name(name: str) -> str:
    """Return what diffusers calls a weight, or layer, of either layout; names of no motion module stay."""
    module = _MODULE.search(name)
    if module is None:
        return name
    # A dot at the end lets the last part of a layer's name be found like any other.
    rest = f"{name[module.end() :]}."
    for theirs, ours in _RENAMINGS:
        rest = rest.replace(theirs, ours)
    return name[: module.end()] + rest[:-1]


def animatediff_name(name: str, attention: int = 0) -> str:
    """Return what AnimateDiff calls a weight, or layer, that has diffusers' name; names of no motion module stay.

    Args:
        name: in diffusers.
        attention: which attention's table of positions is meant, 0 or 1.
    """
    module = _MODULE.search(name)
    if module is None:
        return name
    rest = f"{name[module.end() :]}."
    for theirs, ours in _RENAMINGS[1:]:
        if ours != ".pos_embed." or f".{attention}." in theirs:
            rest = rest.replace(ours, theirs)
    return f"{name[: module.end()]}{_RENAMINGS[0][0]}{rest[:-1]}"


def as_animatediff(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return weights of a motion module or sparse control network under the names of AnimateDiff.

    The table of positions is there for each attention, as other programs expect: sd-webui-animatediff and
    ComfyUI-Advanced-ControlNet refuse files without, ComfyUI-AnimateDiff-Evolved takes them for AnimateLCM.
    """
    renamed = {}
    for name, value in tensors.items():
        renamed[animatediff_name(name)] = value
        block = name.removesuffix(_POSITIONS)
        if block != name and f"{block}.attn2.to_q.weight" in tensors:
            renamed[animatediff_name(name, 1)] = value.clone()  # safetensors stores no tensor twice
    return renamed


def as_webui(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return weights of a sparse control network under the names that sd-webui's ControlNet loads."""
    return {cldm_name(name): value for name, value in as_animatediff(tensors).items()}


def as_diffusers(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return weights of any layout under the names of diffusers.

    Raises:
        ValueError: two weights become one and differ.
    """
    renamed: dict[str, Tensor] = {}
    control = any("input_hint_block." in name for name in tensors)
    for name, value in tensors.items():
        bare = name.removeprefix("module.")  # a prefix of those that several GPUs have trained
        new = diffusers_name(name_of_cldm(bare) if control else bare)
        other = renamed.setdefault(new, value)
        if other is not value and (
            not new.endswith(_POSITIONS)
            or other.shape != value.shape
            or not torch.allclose(other.float(), value.float(), atol=ROUNDING)
        ):
            raise ValueError(f"{name!r} is there twice, with other numbers")
    return renamed
