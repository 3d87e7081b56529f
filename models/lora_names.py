"""Names of weights in LoRAs of diffusers, peft, kohya and AnimateDiff, and of what isn't taken for one."""

from __future__ import annotations

import re
from typing import NamedTuple

from underpaint.models.layouts import diffusers_name
from underpaint.models.lora_layouts import dotted

# The ends of names, and which of a layer's numbers they are.
_MATRICES = {
    ".lora.down.weight": "down",  # diffusers
    ".lora.up.weight": "up",
    ".lora_linear_layer.down.weight": "down",  # diffusers' text encoders, first releases
    ".lora_linear_layer.up.weight": "up",
    "_lora.down.weight": "down",  # diffusers' attention processors, AnimateDiff
    "_lora.up.weight": "up",
    ".lora_A.weight": "down",  # peft
    ".lora_B.weight": "up",
    ".lora_A.default.weight": "down",
    ".lora_B.default.weight": "up",
    ".lora_down.weight": "down",  # kohya
    ".lora_up.weight": "up",
    ".alpha": "alpha",
}
# The beginnings, and the part of a Stable Diffusion 1.x that they mean.
_PARTS = {
    "unet.": "unet",
    "lora_unet_": "unet",
    "text_encoder.": "text_encoder",
    "lora_te_": "text_encoder",
    "text_model.": "text_encoder",
    "encoder.layers.": "text_encoder",
}
_WEBUI = ("down_blocks_", "mid_block_", "up_blocks_")  # sd-webui's names of motion modules
_BARE_UNET = re.compile(r"(conv_in|conv_out|time_embedding|down_blocks|mid_block|up_blocks)\.")
# What isn't taken: a piece of a name, and what it is.
_OTHERS = {
    "dora_scale": "of DoRA",
    "lora_magnitude_vector": "of DoRA",
    "hada_": "of LoHa",
    "lokr_": "of LoKr",
    "oft_": "of OFT",
    "boft_": "of BOFT",
    "on_input": "of IA3",
    "ia3_": "of IA3",
    "lora_mid": "of a Tucker decomposition (CP)",
    "lora_embedding": "of an embedding",
    "bundle_emb": "of an embedding",
    "emb_params": "of an embedding",
    "vera_lambda": "of VeRA",
    ".diff_b": "a difference of whole biases",
    ".diff": "a difference of whole weights",
    "w_norm": "of a normalisation",
    "b_norm": "of a normalisation",
    "scale_weight": "a scale of quantised weights",
    "lora_B.bias": "a LoRA's bias",
    "lora.up.bias": "a LoRA's bias",
    "lora_up.bias": "a LoRA's bias",
    "lora_te1_": "of Stable Diffusion XL's text encoders",
    "lora_te2_": "of Stable Diffusion XL's text encoders",
    "text_encoder_2.": "of Stable Diffusion XL's text encoders",
    "lora_te3_": "of Stable Diffusion 3's text encoders",
    "lora_unet_input_blocks": "of Stable Diffusion XL's UNet",
    "lora_unet_output_blocks": "of Stable Diffusion XL's UNet",
    "lora_unet_middle_block": "of Stable Diffusion XL's UNet",
    "double_blocks": "of Flux",
    "single_blocks": "of Flux",
    "single_transformer_blocks": "of Flux",
    "lora_transformer_": "of another model's transformer",
    "transformer.": "of another model's transformer",
    "diffusion_model.": "of another model",
}
TAKEN = "plain LoRAs of a Stable Diffusion 1.x's UNet and text encoder, and of motion modules, are taken"


class WeightName(NamedTuple):
    """What a name says: `unet` or `text_encoder`, the layer, and `down`, `up` or `alpha`."""

    part: str
    layer: str
    matrix: str


def parse_name(name: str) -> WeightName:
    """Return what a tensor of a LoRA is.

    Raises:
        ValueError: something else than a LoRA's matrix, or of another model; says what.
    """
    matrix = next((end for end in _MATRICES if name.endswith(end)), None)
    short = name.removeprefix("module.").removeprefix("base_model.model.")
    start = next((start for start in _PARTS if short.startswith(start)), None)
    part = _PARTS[start] if start else "unet" if _BARE_UNET.match(short) or short.startswith(_WEBUI) else None
    other = next((text for piece, text in _OTHERS.items() if piece in short), None) if not (matrix and part) else None
    if other is None and start == "lora_unet_":
        other = next((_OTHERS[piece] for piece in _OTHERS if piece.startswith(start) and piece in short), None)
    if other or matrix is None or part is None:
        raise ValueError(f"{name!r} is {other or 'no matrix of a LoRA'}; {TAKEN}")
    layer = short.removesuffix(matrix)
    if start in ("unet.", "lora_unet_", "text_encoder.", "lora_te_"):
        layer = layer.removeprefix(start)
    return WeightName(part, _as_diffusers(layer), _MATRICES[matrix])


def _as_diffusers(layer: str) -> str:
    """The layer by its name in diffusers, where the file has a name of AnimateDiff's own or of a processor."""
    if layer.startswith(_WEBUI) and "_temporal_transformer_" in layer:
        layer = dotted(layer)
    layer = diffusers_name(layer.replace(".processor.", "."))
    return f"{layer}.0" if layer.endswith(".to_out") else layer


def key_of(layer: str) -> str:
    """Return a layer's name without its dots, which kohya's names have lost."""
    return layer.removeprefix("text_model.").removeprefix("text_model_").replace(".", "_")
