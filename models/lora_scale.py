"""The scale of a LoRA's layers: alpha / rank, wherever a file keeps alpha."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from underpaint.texts import parse_json

# Where diffusers keeps a LoRA's config: in the header, each key after `unet.` or `text_encoder.`.
METADATA_KEY = "lora_adapter_metadata"
# Where peft keeps it: beside the weights.
CONFIG_FILE = "adapter_config.json"
# Settings that are read, or change nothing about how a trained LoRA takes effect. Any other, peft's next one
# included, is refused unless it is empty or false.
_KNOWN = frozenset(
    {"alpha_pattern", "auto_mapping", "base_model_name_or_path", "corda_config", "eva_config", "exclude_modules"}
    | {"inference_mode", "init_lora_weights", "layers_pattern", "layers_to_transform", "loftq_config", "lora_alpha"}
    | {"lora_dropout", "megatron_config", "megatron_core", "peft_type", "peft_version", "qalora_group_size", "r"}
    | {"rank_pattern", "revision", "runtime_config", "target_modules", "task_type", "use_rslora"}
    | {"ensure_weight_tying", "ephemeral_gpu_offload"}
)
# Ways to begin that alter the base as well: the matrices alone are then not what was trained.
_ALTERED_BASE = ("pissa", "olora", "corda", "loftq", "lora_ga")
_PLAIN_NAME = re.compile(r"\^?[\w.]+")


def read_configs(metadata: Mapping[str, str], path: Path, *, pefts_own: bool) -> dict[str, dict[str, Any]]:
    """Return peft's configs of a LoRA by part, `unet` or `text_encoder`; none where the file says nothing.

    Args:
        metadata: of the file's header.
        path: the file.
        pefts_own: whether it is as peft itself saves it, with alpha in a file beside it.

    Raises:
        ValueError: they can't be read, or ask for what isn't done here.
    """
    beside = path.with_name(CONFIG_FILE)
    if METADATA_KEY in metadata:
        where, text = f"{METADATA_KEY} of {path}", metadata[METADATA_KEY]
    elif pefts_own:
        if not beside.is_file():
            raise ValueError(f"it is peft's own, whose alpha is in {CONFIG_FILE}: put that beside it")
        where, text = str(beside), beside.read_text(encoding="utf-8", errors="replace")
    else:
        return {}
    try:
        content = parse_json(text)
    except ValueError as error:
        raise ValueError(f"{where} can't be read: {error}") from error
    if not isinstance(content, dict):
        raise ValueError(f"{where} can't be read: it is a {type(content).__name__}, not keys and values")
    if METADATA_KEY not in metadata:
        configs = {"unet": content, "text_encoder": content}
    else:
        configs = {}
        for key, value in content.items():
            part, dot, name = key.partition(".")
            configs.setdefault(part if dot else "unet", {})[name if dot else key] = value
    for config in configs.values():
        _check_config(config, where)
    return configs


def _check_config(config: Mapping[str, Any], where: str) -> None:
    for key, value in config.items():
        if value and key not in _KNOWN and (key, value) != ("bias", "none"):
            raise ValueError(f"{where} says {key[:80]}={value!r:.80}, which isn't supported: save the LoRA without it")
    kind, begun = config.get("peft_type", "LORA"), config.get("init_lora_weights")
    if kind != "LORA":
        raise ValueError(f"{where} says peft_type={kind!r}: only LORA is supported")
    if isinstance(begun, str) and begun.lower().startswith(_ALTERED_BASE):
        raise ValueError(f"{where} says init_lora_weights={begun!r}, which alters the base: convert it to a plain LoRA")
    for key in ("rank_pattern", "alpha_pattern"):
        pattern = config.get(key) or {}
        if not isinstance(pattern, dict) or not all(_PLAIN_NAME.fullmatch(name) for name in pattern):
            raise ValueError(f"{where} has a {key} that can't be read: it should map names of layers to numbers")
    if not isinstance(config.get("use_rslora") or False, bool):
        raise ValueError(f"{where} says use_rslora={config['use_rslora']!r}: use true or false")


def configured_scale(config: Mapping[str, Any], layer: str, rank: int) -> float:
    """Return what a layer's output is multiplied by, as peft does under this config.

    Raises:
        ValueError: numbers that aren't such, or a rank that is not the layer's.
    """
    told = _number("rank_pattern or r", _of_layer(config.get("rank_pattern") or {}, layer, config.get("r", rank)))
    if told != rank:
        raise ValueError(f"its config gives {layer} the rank {told:g}, its matrices have {rank}")
    # peft's own value of an alpha that isn't given is 8.
    alpha = _number(
        "alpha_pattern or lora_alpha",
        _of_layer(config.get("alpha_pattern") or {}, layer, config.get("lora_alpha", 8 if "r" in config else rank)),
    )
    if alpha <= 0:
        raise ValueError(f"its config gives {layer} an alpha of {alpha:g}: a number above 0 is needed")
    return alpha / (math.sqrt(rank) if config.get("use_rslora") else rank)


def _of_layer(pattern: Mapping[str, Any], layer: str, otherwise: Any) -> Any:
    """A pattern's value for a layer, named from its end, or as a whole after `^`; the first that fits, as in peft."""
    for name, value in pattern.items():
        whole = name.startswith("^")
        if layer == name.removeprefix("^") or (not whole and layer.endswith(f".{name}")):
            return value
    return otherwise


def _number(key: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < math.inf:
        raise ValueError(f"its config has {value!r} for {key}: a number is needed")
    return float(value)


def stored_scale(alpha: Tensor | None, layer: str, rank: int) -> float:
    """Return alpha / rank of a layer whose alpha is a tensor of the file; 1 without one, as other programs have it.

    Raises:
        ValueError: alpha is more than one number, or not above 0.
    """
    if alpha is None:
        return 1.0
    if alpha.numel() != 1 or alpha.is_complex():
        raise ValueError(f"alpha of {layer} is of shape {tuple(alpha.shape)}: one number is needed")
    if (value := float(alpha.item())) <= 0:  # to some programs 0 is the rank, to others no effect
        raise ValueError(f"alpha of {layer} is {value:g}: a number above 0 is needed")
    return value / rank
