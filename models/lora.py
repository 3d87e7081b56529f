"""Artist LoRAs (Hu et al. 2022): a spatial one for the look of the picture, a temporal one for how it is painted."""

from __future__ import annotations

import re
import warnings
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

import torch
from diffusers import UNet2DConditionModel, UNetMotionModel
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict, set_peft_model_state_dict
from torch import Tensor, nn
from torch.nn import functional

from underpaint.models.freeze import train_only
from underpaint.models.lora_file import read_lora, write_lora
from underpaint.models.lora_layouts import Matrices
from underpaint.models.record import Record
from underpaint.models.seeding import seeded

# The attention of the image blocks, and that of the motion modules between frames.
_BLOCKS = {"spatial": "attentions", "temporal": "motion_modules"}
_PROJECTIONS = r"(to_q|to_k|to_v|to_out\.0)"
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
    if not any(f".{_BLOCKS[kind]}." in name for name, _ in unet.named_modules()):
        raise ValueError(f"a {type(unet).__name__} has no {_BLOCKS[kind]} for a {kind} LoRA")
    config = LoraConfig(
        r=rank,
        lora_alpha=rank if alpha is None else alpha,
        target_modules=_targets(kind),
        init_lora_weights="gaussian",
    )
    _inject(unet, kind, config, seed)


def _inject(unet: Unet, kind: str, config: LoraConfig, seed: int) -> None:
    others = loras_of(unet)
    if kind in others:
        raise ValueError(f"the UNet has a {kind} LoRA already")
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


# In which layouts a training's result is written: the second is that of other programs for such a LoRA.
LAYOUTS = {"spatial": ("diffusers", "kohya"), "temporal": ("diffusers", "animatediff")}


def lora_tensors(unet: Unet, name: str) -> dict[str, Tensor]:
    """Return the matrices of a LoRA, `down_blocks...to_q.lora_A.weight` and `...lora_B.weight`."""
    tensors: dict[str, Tensor] = get_peft_model_state_dict(unet, adapter_name=name)
    return tensors


def save_lora(path: Path, unet: Unet, name: str, record: Record, layout: str = "diffusers") -> None:
    """Save one LoRA as a safetensors file with its record in the header; its scale is exact in any layout.

    Args:
        path: the file, `.safetensors`.
        unet: holds the LoRA.
        name: which one.
        record: its record, of kind `spatial` or `temporal`.
        layout: one of `lora_layouts.LAYOUTS`: `diffusers`, for `load_lora_weights`; `kohya`, for other programs;
            `animatediff`, for programs that load motion LoRAs.
    """
    assert record.kind == name, (record.kind, name)
    tensors = lora_tensors(unet, name)
    alpha = float(unet.peft_config[name].lora_alpha)
    layers = {}
    for full, value in tensors.items():
        layer, found, _ = full.partition(".lora_A.weight")
        if found:
            layers["unet", layer] = Matrices(down=value, up=tensors[f"{layer}.lora_B.weight"], alpha=alpha)
    write_lora(path, layers, layout, torch.float32, record)


def load_lora(unet: Unet, kind: str, path: Path) -> Record | None:
    """Put a saved LoRA into a UNet; it is active afterwards, and nothing trains.

    It may be of any program that `lora_file.read_lora` knows, and alter more or fewer layers than ours do. Stock
    diffusers reads both of our layouts of a spatial LoRA, but a temporal one in the first only: it turns the
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
    file = read_lora(path)
    if found := [name for name in file.parts if name != "unet"]:
        raise ValueError(f"{path} has weights of the {found[0]}; one of a UNet alone is needed")
    layers = file.fitted("unet", unet)
    if kinds_of(layers) != {kind}:
        raise ValueError(f"{path} is not a {kind} LoRA: it alters {layers_in_words(layers)}")
    if file.record:
        _check_whole(unet, kind, layers, path)
    rank = max(len(layer.down) for layer in layers.values())
    _inject(unet, kind, LoraConfig(r=rank, lora_alpha=rank, target_modules=list(layers)), seed=0)
    tensors = {}
    for name, layer in layers.items():
        # Lower ranks are filled up with zeros: peft would match names with patterns for each layer.
        more = rank - len(layer.down)
        tensors[f"{name}.lora_A.weight"] = functional.pad(layer.down, (0, 0) * (layer.down.ndim - 1) + (0, more))
        up = functional.pad(layer.up, (0, more))
        tensors[f"{name}.lora_B.weight"] = up[..., None, None] if layer.down.ndim == 4 else up
    set_peft_model_state_dict(unet, tensors, adapter_name=kind)
    train_only(unet)
    return file.record


def _check_whole(unet: Unet, kind: str, layers: Collection[str], path: Path) -> None:
    """Raise ValueError if a LoRA of ours lacks layers; others may alter as few as they like."""
    wanted = re.compile(_targets(kind))
    missing = [name for name, _ in unet.named_modules() if wanted.fullmatch(name) and name not in layers]
    if missing:
        raise ValueError(f"{path} doesn't fit this UNet: it lacks {len(missing)} layers, {missing[0]} for one")


def _targets(kind: str) -> str:
    return rf".*\.{_BLOCKS[kind]}\..*\.{_PROJECTIONS}"


def kinds_of(layers: Iterable[str]) -> set[str]:
    """Return `temporal` if there are layers of motion modules, `spatial` if there are others, by their names."""
    return {"temporal" if f".{_BLOCKS['temporal']}." in name else "spatial" for name in layers}


def layers_in_words(layers: Iterable[str]) -> str:
    """Return which layers a LoRA alters, for messages."""
    words = {"spatial": "layers of the image blocks", "temporal": "layers of the motion modules"}
    return " and ".join(words[kind] for kind in sorted(kinds_of(layers))) or "no layer"
