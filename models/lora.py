"""Artist LoRAs (Hu et al. 2022): a spatial one for the look of the picture, a temporal one for how it is painted."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import torch
from diffusers import UNet2DConditionModel, UNetMotionModel
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict, set_peft_model_state_dict
from torch import Tensor, nn

from underpaint.models.freeze import train_only
from underpaint.models.record import HEADER_KEY, Record
from underpaint.models.seeding import seeded
from underpaint.models.weights import read_tensors, write_tensors

# The attention of the image blocks, and that of the motion modules between frames.
_BLOCKS = {"spatial": "attentions", "temporal": "motion_modules"}
_PROJECTIONS = r"(to_q|to_k|to_v|to_out\.0)"
LAYOUTS = ("diffusers", "kohya")
# Stock diffusers' own names of the two matrices in a file.
_DOWN, _UP = ".lora.down.weight", ".lora.up.weight"

Unet: TypeAlias = UNetMotionModel | UNet2DConditionModel


def add_lora(unet: Unet, kind: str, *, rank: int = 16, alpha: float | None = None, seed: int = 0) -> None:
    """Put a LoRA into a UNet. It changes nothing until it is trained, is active, and nothing trains yet.

    Args:
        unet: altered; an image UNet takes a spatial LoRA only.
        kind: `spatial` or `temporal`; also the adapter's name.
        rank: of the two matrices.
        alpha: the LoRA's output is scaled by alpha / rank; as large as the rank if not given, so by 1.
        seed: of the first matrix; the second is zero.

    Raises:
        ValueError: there is such a LoRA already, or the UNet has nothing that it could change.
    """
    assert kind in _BLOCKS, kind
    others = loras_of(unet)
    if kind in others:
        raise ValueError(f"the UNet has a {kind} LoRA already")
    if not any(f".{_BLOCKS[kind]}." in name for name, _ in unet.named_modules()):
        raise ValueError(f"a {type(unet).__name__} has no {_BLOCKS[kind]} for a {kind} LoRA")
    config = LoraConfig(
        r=rank,
        lora_alpha=rank if alpha is None else alpha,
        target_modules=rf".*\.{_BLOCKS[kind]}\..*\.{_PROJECTIONS}",
        init_lora_weights="gaussian",
    )
    with seeded(seed), warnings.catch_warnings():
        # peft warns of the second LoRA of a model; two are what we want.
        warnings.filterwarnings("ignore", message="Already found a `peft_config` attribute")
        unet.add_adapter(config, kind)
    # add_adapter leaves the new one alone active, and training.
    activate_loras(unet, [*others, kind])


def loras_of(unet: Unet) -> list[str]:
    """Names of the LoRAs inside a UNet, in the order they came."""
    return list(getattr(unet, "peft_config", {}))


def activate_loras(unet: Unet, names: Sequence[str]) -> None:
    """Let exactly these LoRAs take effect; none switches all off. Nothing trains afterwards: see `train_lora`."""
    if names:
        unet.enable_lora()
        unet.set_adapters(list(names))
    elif loras_of(unet):
        unet.disable_lora()
    train_only(unet)


def train_lora(unet: Unet, name: str) -> list[nn.Parameter]:
    """Let the parameters of one LoRA train, and nothing else. Which LoRAs take effect doesn't change.

    Returns:
        Its parameters.
    """
    return train_only(unet, f".lora_A.{name}.", f".lora_B.{name}.")


def lora_tensors(unet: Unet, name: str) -> tuple[dict[str, Tensor], float]:
    """The matrices of a LoRA, `down_blocks...to_q.lora_A.weight` and `...lora_B.weight`, and alpha / rank."""
    config = unet.peft_config[name]
    return get_peft_model_state_dict(unet, adapter_name=name), config.lora_alpha / config.r


def save_lora(path: Path, unet: Unet, name: str, record: Record, layout: str = "diffusers") -> None:
    """Save one LoRA as a safetensors file with its record in the header; its scale is exact in either layout.

    Args:
        path: the file, `.safetensors`.
        unet: holds the LoRA.
        name: which one.
        record: its record, of kind `spatial` or `temporal`.
        layout: `diffusers`, for `load_lora_weights`: there a missing alpha means alpha = rank, so alpha / rank is
            multiplied into the second matrix. `kohya`, for other programs: with alpha as a number of each module.
    """
    assert record.kind == name, (record.kind, name)
    tensors, scale = lora_tensors(unet, name)
    metadata = {"format": "pt", HEADER_KEY: record.to_json()}
    if layout == "diffusers":
        write_tensors(path, _diffusers_layout(tensors, scale), metadata)
        return
    assert layout == "kohya", layout
    config = unet.peft_config[name]
    metadata |= {
        "ss_network_module": "networks.lora",
        "ss_network_dim": str(config.r),
        "ss_network_alpha": str(float(config.lora_alpha)),
    }
    write_tensors(path, _kohya_layout(tensors, float(config.lora_alpha)), metadata)


def _diffusers_layout(tensors: Mapping[str, Tensor], scale: float) -> dict[str, Tensor]:
    written = {}
    for name, value in tensors.items():
        if name.endswith(".lora_A.weight"):
            written["unet." + name.replace(".lora_A.weight", _DOWN)] = value
        else:
            written["unet." + name.replace(".lora_B.weight", _UP)] = value * scale
    return written


def _kohya_name(module: str) -> str:
    return "lora_unet_" + module.replace(".", "_")


def _kohya_layout(tensors: Mapping[str, Tensor], alpha: float) -> dict[str, Tensor]:
    written = {}
    for name, value in tensors.items():
        module, matrix = name.split(".lora_")
        written[f"{_kohya_name(module)}.{'lora_down' if matrix == 'A.weight' else 'lora_up'}.weight"] = value
        written[f"{_kohya_name(module)}.alpha"] = torch.tensor(alpha)
    return written


def load_lora(unet: Unet, kind: str, path: Path) -> Record | None:
    """Put a saved LoRA, in either layout, into a UNet; it is active afterwards, and nothing trains.

    Stock diffusers reads both layouts of a spatial LoRA, but a temporal one in the first only: it turns the
    `motion_modules` of kohya's names into `motion.modules`.

    Args:
        unet: altered.
        kind: `spatial` or `temporal`.
        path: a safetensors file.

    Returns:
        Its record; None if it was made elsewhere.

    Raises:
        ValueError: not a LoRA, or not one for this UNet and of this kind.
    """
    stored, metadata = read_tensors(path)
    tensors = _from_kohya(stored, unet) if any(name.endswith(".alpha") for name in stored) else _from_diffusers(stored)
    if not tensors or not all(f".{_BLOCKS[kind]}." in name for name in tensors):
        raise ValueError(f"{path} is not a {kind} LoRA of a UNet: none or not all of its weights are named so")
    rank = next(len(value) for name, value in tensors.items() if name.endswith("lora_A.weight"))
    add_lora(unet, kind, rank=rank)
    expected = {name: value.shape for name, value in lora_tensors(unet, kind)[0].items()}
    if expected != {name: value.shape for name, value in tensors.items()}:
        unet.delete_adapters(kind)
        raise ValueError(f"{path} doesn't fit this UNet: its weights have other names or shapes")
    set_peft_model_state_dict(unet, tensors, adapter_name=kind)
    train_only(unet)
    return Record.from_json(metadata[HEADER_KEY], str(path)) if HEADER_KEY in metadata else None


def _from_diffusers(stored: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {
        name.removeprefix("unet.").replace(_DOWN, ".lora_A.weight").replace(_UP, ".lora_B.weight"): value
        for name, value in stored.items()
    }


def _from_kohya(stored: Mapping[str, Tensor], unet: Unet) -> dict[str, Tensor]:
    """Kohya's names have lost the dots, so they are looked up; alpha / rank goes into the second matrix."""
    modules = {_kohya_name(name): name for name, _ in unet.named_modules()}
    tensors = {}
    for name, value in stored.items():
        module, _, matrix = name.partition(".")
        target = modules.get(module, module)
        if matrix == "lora_down.weight":
            tensors[f"{target}.lora_A.weight"] = value
        elif matrix == "lora_up.weight":
            scale = float(stored[f"{module}.alpha"]) / value.shape[1]
            tensors[f"{target}.lora_B.weight"] = value * scale
    return tensors
