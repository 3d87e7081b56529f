"""The config of a motion module or sparse control network, read off the shapes of its weights.

Files of AnimateDiff hold weights alone. What shapes don't tell is taken to be as in AnimateDiff and Stable Diffusion
1.x: 8 heads, norms in 32 groups.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from torch import Tensor

# Longest sequence of a module that brings no table of positions, as AnimateLCM's: diffusers' config of that one.
_USUAL_FRAMES = 32


def motion_config(tensors: Mapping[str, Tensor]) -> dict[str, Any]:
    """Return the config of the `MotionAdapter` that has these weights, named as in diffusers.

    Raises:
        ValueError: there is no motion module among them.
    """
    blocks = _numbers(tensors, r"down_blocks\.(\d+)\.motion_modules\.0\.norm\.weight")
    config: dict[str, Any] = {
        "block_out_channels": tuple(
            len(tensors[f"down_blocks.{block}.motion_modules.0.norm.weight"]) for block in blocks
        ),
        "motion_layers_per_block": _count(tensors, r"down_blocks\.0\.motion_modules\.(\d+)\."),
        "motion_transformer_layers_per_block": _count(
            tensors, r"down_blocks\.0\.motion_modules\.0\.transformer_blocks\.(\d+)\."
        ),
        "motion_max_seq_length": _frames(tensors),
        "use_motion_mid_block": any(name.startswith("mid_block.") for name in tensors),
    }
    if config["use_motion_mid_block"]:
        config["motion_transformer_layers_per_mid_block"] = _count(
            tensors, r"mid_block\.motion_modules\.0\.transformer_blocks\.(\d+)\."
        )
    if "conv_in.weight" in tensors:
        config["conv_in_channels"] = tensors["conv_in.weight"].shape[1]
    return config


def network_config(tensors: Mapping[str, Tensor]) -> dict[str, Any]:
    """Return the config of the `SparseControlNetModel` that has these weights, named as in diffusers.

    Raises:
        ValueError: there is no such network among them.
    """
    blocks = _numbers(tensors, r"down_blocks\.(\d+)\.resnets\.0\.conv1\.weight")
    embedding = "controlnet_cond_embedding"
    simple = f"{embedding}.weight" in tensors
    first = tensors.get(f"{embedding}.weight" if simple else f"{embedding}.conv_in.weight")
    text = next((tensors[name] for name in tensors if name.endswith("attn2.to_k.weight") and ".attn" in name), None)
    if first is None or text is None or "conv_in.weight" not in tensors:
        raise ValueError("it is no sparse control network: it lacks a condition, cross-attention or a first layer")
    with_text = set(_numbers(tensors, r"down_blocks\.(\d+)\.attentions\."))
    config: dict[str, Any] = {
        "in_channels": tensors["conv_in.weight"].shape[1],
        "conditioning_channels": first.shape[1] - 1,  # the mask is one of them
        "block_out_channels": tuple(len(tensors[f"down_blocks.{block}.resnets.0.conv1.weight"]) for block in blocks),
        "down_block_types": tuple(
            "CrossAttnDownBlockMotion" if block in with_text else "DownBlockMotion" for block in blocks
        ),
        "layers_per_block": _count(tensors, r"down_blocks\.0\.resnets\.(\d+)\."),
        "cross_attention_dim": text.shape[1],
        "transformer_layers_per_block": _count(
            tensors, r"down_blocks\.\d+\.attentions\.0\.transformer_blocks\.(\d+)\."
        ),
        "use_linear_projection": any(
            name.endswith("attentions.0.proj_in.weight") and value.ndim == 2 for name, value in tensors.items()
        ),
        "motion_max_seq_length": _frames(tensors),
        "use_simplified_condition_embedding": simple,
    }
    if not simple:
        # Each of its blocks is two convolutions, and the second widens.
        wider = [f"{embedding}.blocks.{n}.weight" for n in range(1, 2 * len(tensors), 2)]
        widths = [len(first), *(len(tensors[name]) for name in wider if name in tensors)]
        config["conditioning_embedding_out_channels"] = tuple(widths)
    return config


def _numbers(names: Iterable[str], pattern: str) -> list[int]:
    """Return 0, 1, 2, ..., as far as the names go without a gap."""
    found = {int(match[1]) for name in names if (match := re.match(pattern, name))}
    numbers = [number for number in range(len(found)) if number in found]
    if not numbers:
        raise ValueError("its weights are of another kind")
    return numbers


def _count(names: Iterable[str], pattern: str) -> int:
    return len(_numbers(names, pattern))


def _frames(tensors: Mapping[str, Tensor]) -> int:
    lengths = (value.shape[1] for name, value in tensors.items() if name.endswith(".pos_embed.pe") and value.ndim == 3)
    return next(lengths, _USUAL_FRAMES)
