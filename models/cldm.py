"""Names of a control network's weights in the code of the first ControlNet (`cldm`), which sd-webui keeps to.

A Stable Diffusion 1.x's encoder has blocks of two layers there, counted through.
"""

from __future__ import annotations

from collections.abc import Mapping

LAYERS = 2  # of each block

# In diffusers, and in the code of the first ControlNet.
_PARTS = {
    "conv_in": "input_blocks.0.0",
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "controlnet_cond_embedding": "input_hint_block.0",
    "controlnet_mid_block": "middle_block_out.0",
    "mid_block.attentions.0": "middle_block.1",
}
_RESNETS = {"mid_block.resnets.0": "middle_block.0", "mid_block.resnets.1": "middle_block.2"}
_IN_RESNETS = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
for _block in range(4):
    _first = _block * (LAYERS + 1) + 1  # the convolution of the input is the one before
    for _layer in range(LAYERS):
        _RESNETS[f"down_blocks.{_block}.resnets.{_layer}"] = f"input_blocks.{_first + _layer}.0"
        _PARTS[f"down_blocks.{_block}.attentions.{_layer}"] = f"input_blocks.{_first + _layer}.1"
    _PARTS[f"down_blocks.{_block}.downsamplers.0.conv"] = f"input_blocks.{_first + LAYERS}.0.op"
for _number in range(4 * (LAYERS + 1)):
    _PARTS[f"controlnet_down_blocks.{_number}"] = f"zero_convs.{_number}.0"
_TO_CLDM = _PARTS | {f"{a}.{c}": f"{b}.{d}" for a, b in _RESNETS.items() for c, d in _IN_RESNETS.items()}
_FROM_CLDM = {theirs: ours for ours, theirs in _TO_CLDM.items()}


def cldm_name(name: str) -> str:
    """Return what the first ControlNet calls a weight with this name in diffusers; other names stay."""
    return _renamed(name, _TO_CLDM)


def name_of_cldm(name: str) -> str:
    """Return what diffusers calls a weight with this name in the first ControlNet; other names stay."""
    return _renamed(name, _FROM_CLDM)


def _renamed(name: str, table: Mapping[str, str]) -> str:
    parts = name.split(".")
    for number in range(len(parts) - 1, 0, -1):
        if start := table.get(".".join(parts[:number])):
            return ".".join([start, *parts[number:]])
    return name
