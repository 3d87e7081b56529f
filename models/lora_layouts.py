"""A LoRA's matrices under the names that other programs load, with its scale where those look for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from underpaint.models.layouts import animatediff_name

LAYOUTS = ("diffusers", "kohya", "animatediff", "webui")

# Words of diffusers' names that hold an underscore themselves; the rest of a kohya name are dots.
_WORDS = re.compile(
    r"(?:down_blocks|up_blocks|mid_block|transformer_blocks|motion_modules|temporal_transformer|attention_blocks"
    r"|to_[qkv]|to_out|proj_in|proj_out|conv_in|conv_out|conv_shortcut|time_emb_proj|time_embedding|linear_\d|text_model|self_attn|[qkv]_proj|out_proj|[^_]+)"
    r"(?=_|$)"
)
# AnimateDiff's names are those of attention processors, which hold nothing else.
_PROJECTION = re.compile(r"(.*)\.(to_q|to_k|to_v|to_out)(\.0)?")


@dataclass(frozen=True, kw_only=True, eq=False)
class Matrices:
    """The two matrices of one layer, as they were trained.

    Attributes:
        down: (r, ...).
        up: (out, r), or (out, r, 1, 1) of a convolution.
        alpha: the layer's output is multiplied by alpha / r.
    """

    down: Tensor
    up: Tensor
    alpha: float


def dotted(name: str) -> str:
    """Return a layer's name with the dots that kohya's layout has lost; others stay.

    Raises:
        ValueError: its words aren't those of a Stable Diffusion's layers.
    """
    if "." in name:
        return name
    found = ".".join(_WORDS.findall(name))
    if found.replace(".", "_") != name:
        raise ValueError(f"{name!r} is no layer of a Stable Diffusion")
    return found


def as_layout(layers: Mapping[tuple[str, str], Matrices], layout: str) -> dict[str, Tensor]:
    """Return the tensors of a LoRA's file.

    Args:
        layers: by part, `unet` or `text_encoder`, and by diffusers' name of the layer.
        layout: `diffusers`, where a missing alpha means alpha = rank, so alpha / rank is multiplied into the second
            matrix; `kohya`, with alpha as a number of each layer; `animatediff`, whose programs look at no alpha
            either, and find motion modules by the word `temporal`; `webui`, for motion modules in sd-webui, whose
            own loader looks them up by AnimateDiff's names without dots, and other layers as in kohya's.

    Raises:
        ValueError: AnimateDiff's layout has no names for a layer.
    """
    assert layout in LAYOUTS, layout
    tensors = {}
    for (part, name), matrices in layers.items():
        scale = 1.0 if layout == "kohya" else matrices.alpha / len(matrices.down)
        down, up = _NAMES[layout](part, name)
        tensors[down] = matrices.down
        tensors[up] = matrices.up * scale
        if layout == "kohya":
            tensors[f"{down.partition('.')[0]}.alpha"] = torch.tensor(matrices.alpha)
    return tensors


def _diffusers(part: str, name: str) -> tuple[str, str]:
    # Of a text encoder, diffusers reads peft's names alone for all layers.
    ends = ("lora.down", "lora.up") if part == "unet" else ("lora_A", "lora_B")
    return f"{part}.{name}.{ends[0]}.weight", f"{part}.{name}.{ends[1]}.weight"


def _kohya(part: str, name: str) -> tuple[str, str]:
    stem = f"{'lora_unet' if part == 'unet' else 'lora_te'}_{name.replace('.', '_')}"
    return f"{stem}.lora_down.weight", f"{stem}.lora_up.weight"


def _webui(part: str, name: str) -> tuple[str, str]:
    if (theirs := animatediff_name(name)) == name:
        return _kohya(part, name)
    stem = theirs.replace(".", "_")
    return f"{stem}.lora_down.weight", f"{stem}.lora_up.weight"


def _animatediff(part: str, name: str) -> tuple[str, str]:
    layer = _PROJECTION.fullmatch(animatediff_name(name))
    if part != "unet" or layer is None:
        raise ValueError(
            f"AnimateDiff's layout has no name for {name} of the {part.replace('_', ' ')}, only for attention in the "
            "UNet: choose diffusers or kohya"
        )
    stem = f"{layer[1]}.processor.{layer[2]}_lora"
    return f"{stem}.down.weight", f"{stem}.up.weight"


_NAMES = {"diffusers": _diffusers, "kohya": _kohya, "animatediff": _animatediff, "webui": _webui}
