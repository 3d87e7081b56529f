"""What other programs load, restated from their loaders: names, shapes, and what they do with them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

SD15 = (320, 640, 1280, 1280)


def module_shapes(
    widths: tuple[int, ...] = SD15, *, frames: int = 32, middle: bool = True, up: bool = True, attentions: int = 2
) -> dict[str, tuple[int, ...]]:
    """Names and shapes of AnimateDiff's own motion modules; SparseCtrl's have one attention, and none on the way up."""
    places = [(f"down_blocks.{i}.motion_modules.{j}", width) for i, width in enumerate(widths) for j in range(2)]
    if middle:
        places.append(("mid_block.motion_modules.0", widths[-1]))
    if up:
        places += [(f"up_blocks.{i}.motion_modules.{j}", w) for i, w in enumerate(reversed(widths)) for j in range(3)]
    shapes: dict[str, tuple[int, ...]] = {}
    for place, width in places:
        stem = f"{place}.temporal_transformer"
        block = f"{stem}.transformer_blocks.0"
        for name in (
            "norm",
            *(f"transformer_blocks.0.norms.{n}" for n in range(attentions)),
            "transformer_blocks.0.ff_norm",
        ):
            shapes |= {f"{stem}.{name}.weight": (width,), f"{stem}.{name}.bias": (width,)}
        for name in ("proj_in", "proj_out"):
            shapes |= {f"{stem}.{name}.weight": (width, width), f"{stem}.{name}.bias": (width,)}
        for n in range(attentions):
            attention = f"{block}.attention_blocks.{n}"
            shapes |= {f"{attention}.{name}.weight": (width, width) for name in ("to_q", "to_k", "to_v", "to_out.0")}
            shapes |= {f"{attention}.to_out.0.bias": (width,), f"{attention}.pos_encoder.pe": (1, frames, width)}
        shapes |= {f"{block}.ff.net.0.proj.weight": (8 * width, width), f"{block}.ff.net.0.proj.bias": (8 * width,)}
        shapes |= {f"{block}.ff.net.2.weight": (width, 4 * width), f"{block}.ff.net.2.bias": (width,)}
    return shapes


def shapes_of(tensors: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(value.shape) for name, value in tensors.items()}


def webui_kind(tensors: Mapping[str, Tensor]) -> str:
    """What sd-webui-animatediff takes a file for; it then loads it strictly."""
    if any("mid_block" in name for name in tensors):
        return "v2"
    first = next(value for name, value in tensors.items() if "pe" in name)
    if any("down_blocks.3" in name for name in tensors):
        return "v3" if 32 in first.shape else "v1"
    return "sdxl"


def comfyui_keeps(names: Iterable[str]) -> set[str]:
    """What ComfyUI-AnimateDiff-Evolved keeps of a file that it takes for AnimateDiff's, and loads strictly."""
    names = set(names)
    assert max(int(name.split(".")[1]) for name in names if "down_blocks" in name) == 3, "neither SD 1.5 nor SDXL"
    assert not any("pos_embed" in name for name in names), "taken for HelloMeme"
    assert not any(name.endswith("pos_encoder.positional_encoding") for name in names), "taken for HotshotXL"
    assert any("pos_encoder" in name for name in names), "taken for AnimateLCM"
    assert "conv_in.weight" not in names, "taken for PIA"
    return {name for name in names if "temporal" in name}


def comfyui_patches(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What ComfyUI-AnimateDiff-Evolved, and AnimateDiff at alpha 1, add to a motion module's weights for a LoRA."""
    patches = {}
    for name, down in tensors.items():
        if "temporal" not in name or "up." in name:
            continue
        key = name.replace("processor.", "").replace("_lora", "").replace("down.", "").replace("up.", "")
        if "to_out.0." not in key:
            key = key.replace("to_out.", "to_out.0.")
        patches[key] = torch.mm(tensors[name.replace(".down.", ".up.")].float(), down.float())
    return patches


def older_webui_patches(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What sd-webui-animatediff, before version 2, adds for a LoRA whose first name is of a motion module."""
    assert "motion_modules" in next(iter(tensors))
    found: dict[str, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        layer, _, matrix = re.split(r"(_lora\.)", name)
        layer = layer.replace("processor.", "").replace("to_out", "to_out.0")
        found.setdefault(f"{layer}.weight", {})[matrix] = value
    return {layer: each["up.weight"] @ each["down.weight"] for layer, each in found.items()}


def webui_patches(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What sd-webui itself adds, by names of layers without dots, where sd-webui-animatediff registers its own."""
    found: dict[str, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        layer, _, matrix = name.partition(".")
        found.setdefault(layer, {})[matrix] = value
    return {layer: each["lora_up.weight"] @ each["lora_down.weight"] for layer, each in found.items()}


def webui_control_names() -> set[str]:
    """Names of what sd-webui's ControlNet loads strictly, for SparseCtrl's RGB variant, motion modules aside."""
    layers = ["time_embed.0", "time_embed.2", "input_hint_block.0", "input_blocks.0.0", "middle_block_out.0"]
    layers += [f"zero_convs.{number}.0" for number in range(12)]
    layers += [f"input_blocks.{number}.0.op" for number in (3, 6, 9)]
    resnets = {f"input_blocks.{number}.0" for number in (1, 2, 4, 5, 7, 8, 10, 11)} | {
        "middle_block.0",
        "middle_block.2",
    }
    layers += [f"{each}.{part}" for each in resnets for part in ("in_layers.0", "in_layers.2", "emb_layers.1")]
    layers += [f"{each}.{part}" for each in resnets for part in ("out_layers.0", "out_layers.3")]
    layers += ["input_blocks.4.0.skip_connection", "input_blocks.7.0.skip_connection"]
    names = {f"{layer}.{end}" for layer in layers for end in ("weight", "bias")}
    for stem in (*(f"input_blocks.{number}.1" for number in (1, 2, 4, 5, 7, 8)), "middle_block.1"):
        block = f"{stem}.transformer_blocks.0"
        parts = [f"{stem}.{part}" for part in ("norm", "proj_in", "proj_out")]
        parts += [f"{block}.{part}" for part in ("norm1", "norm2", "norm3", "ff.net.0.proj", "ff.net.2")]
        parts += [f"{block}.attn{number}.to_out.0" for number in (1, 2)]
        names |= {f"{part}.{end}" for part in parts for end in ("weight", "bias")}
        names |= {f"{block}.attn{number}.{part}.weight" for number in (1, 2) for part in ("to_q", "to_k", "to_v")}
    return names


# What ComfyUI's converter from diffusers' names knows of a control network.
_CONTROLNET = re.compile(
    r"conv_in|time_embedding\.linear_[12]|controlnet_cond_embedding|controlnet_mid_block|controlnet_down_blocks\.\d+"
    r"|(down_blocks\.\d|mid_block)\.resnets\.\d\.(norm[12]|conv[12]|time_emb_proj|conv_shortcut)"
    r"|down_blocks\.\d\.downsamplers\.0\.conv"
    r"|(down_blocks\.\d|mid_block)\.attentions\.\d\.(norm|proj_in|proj_out)"
    r"|(down_blocks\.\d|mid_block)\.attentions\.\d\.transformer_blocks\.0\.(norm[123]|ff\.net\.0\.proj|ff\.net\.2"
    r"|attn[12]\.(to_q|to_k|to_v|to_out\.0))"
)


def advanced_controlnet_parts(tensors: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The motion part and the control part of a file, as ComfyUI-Advanced-ControlNet takes SparseCtrl apart."""
    assert any("controlnet" in name for name in tensors)
    assert any("motion_modules" in name for name in tensors)
    motion = {name: value for name, value in tensors.items() if "temporal" in name}
    control = {name: value for name, value in tensors.items() if "temporal" not in name}
    assert any(name.endswith("pos_encoder.pe") for name in motion), "refused without a table of positions"
    assert "controlnet_cond_embedding.weight" in control, "not the RGB variant"
    assert all(_CONTROLNET.fullmatch(name.rpartition(".")[0]) for name in control)
    return motion, control
