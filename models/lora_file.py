"""A LoRA's file as matrices of layers, whichever program wrote it, and the layers of a network that they fit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from underpaint.models.finite import check_finite
from underpaint.models.lora_layouts import Matrices, as_layout, dotted
from underpaint.models.lora_names import TAKEN, key_of, parse_name
from underpaint.models.lora_scale import configured_scale, read_configs, stored_scale
from underpaint.models.record import HEADER_KEY, Record
from underpaint.models.weights import read_tensors, write_tensors
from underpaint.texts import printable

_RANK_MAX = 4096  # of more, each matrix of a Stable Diffusion would be smaller than its LoRA
# Bases by the width of their text states.
_WIDTHS = {768: "Stable Diffusion 1", 1024: "Stable Diffusion 2", 2048: "Stable Diffusion XL"}
_ARCHITECTURES = ("modelspec.architecture", "ss_base_model_version")  # what other programs say a file is for


@dataclass(frozen=True, kw_only=True, eq=False)
class LoraLayer:
    """The two matrices of one layer.

    Attributes:
        name: the layer, as the file calls it.
        down: float32 (r, ...), the rest as in the layer's own weights.
        up: float32 (out, r), the scale multiplied in.
        scale: alpha / rank, or what stands for it.
    """

    name: str
    down: Tensor
    up: Tensor
    scale: float


@dataclass(frozen=True, kw_only=True, eq=False)
class LoraFile:
    """What a file of a LoRA holds.

    Attributes:
        path: the file.
        parts: layers by part, `unet` or `text_encoder`, and by name without dots, see `lora_names.key_of`.
        record: None if it was made elsewhere.
        made_for: what the file says it is for; empty if it doesn't.
    """

    path: Path
    parts: Mapping[str, Mapping[str, LoraLayer]]
    record: Record | None
    made_for: str

    def layer_names(self) -> list[str]:
        """Return the layers of all parts, as the file calls them."""
        return [layer.name for layers in self.parts.values() for layer in layers.values()]

    def fitted(self, part: str, network: nn.Module) -> dict[str, LoraLayer]:
        """Return the layers of a part by the names of the network's modules, their matrices of the right shapes.

        Raises:
            ValueError: a layer that the network doesn't have, or has in another shape.
        """
        modules = {key_of(name): (name, module) for name, module in network.named_modules()}
        fitting = {}
        for key, layer in self.parts.get(part, {}).items():
            name, module = modules.get(key, ("", None))
            if not isinstance(module, (nn.Linear, nn.Conv2d)):
                raise ValueError(self._unfit(f"{layer.name} is no layer of this {_words(part)}"))
            shape = module.weight.shape
            down = layer.down
            if down.shape[1:] != shape[1:] and _squeezed(down.shape) == _squeezed(shape):
                down = down.reshape(len(down), *shape[1:])  # a 1x1 convolution that was a matrix, or the other way
            if (len(layer.up), *down.shape[1:]) != shape:
                theirs = (len(layer.up), *layer.down.shape[1:])
                raise ValueError(self._unfit(f"{layer.name} is of shape {theirs}, here it is {tuple(shape)}"))
            fitting[name] = LoraLayer(name=name, down=down, up=layer.up, scale=layer.scale)
        return fitting

    def _unfit(self, reason: str) -> str:
        return f"{self.path} doesn't fit this base: {reason}{self.made_for}"


def _squeezed(shape: Iterable[int]) -> list[int]:
    _, *rest = shape
    return [side for side in rest if side != 1]


def _words(part: str) -> str:
    return {"unet": "UNet", "text_encoder": "text encoder"}[part]


def read_lora(path: Path) -> LoraFile:
    """Read a LoRA of diffusers, peft, kohya or AnimateDiff, with the scale that its program would give it.

    Raises:
        ValueError: no safetensors file, no LoRA, a kind of LoRA that isn't supported, or numbers that aren't finite;
            says which in one line.
    """
    tensors, metadata = read_tensors(path)
    if not tensors:
        raise ValueError(f"{path} holds no weights")
    check_finite(tensors, str(path))
    try:
        parts = _layers(tensors, metadata, path)
    except ValueError as error:
        raise ValueError(f"{path} can't be taken: {printable(str(error))}") from error
    told = next((metadata[key] for key in _ARCHITECTURES if metadata.get(key)), "")
    wide = next((_WIDTHS[width] for width in _text_widths(tensors) if width in _WIDTHS), "")
    return LoraFile(
        path=path,
        parts=parts,
        record=Record.from_json(metadata[HEADER_KEY], str(path)) if HEADER_KEY in metadata else None,
        made_for=f"; the file says it is for {printable(told[:80])}" if told else wide and f"; it is for {wide}",
    )


def write_lora(
    path: Path,
    layers: Mapping[tuple[str, str], Matrices],
    layout: str,
    dtype: torch.dtype,
    record: Record | None,
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write a LoRA as a safetensors file of any layout.

    Args:
        path: the file, `.safetensors`.
        layers: by part and diffusers' name of the layer.
        layout: one of `lora_layouts.LAYOUTS`.
        dtype: of the matrices.
        record: its record; None if it was made elsewhere.
        metadata: more for the header.

    Raises:
        ValueError: a layer that the layout has no name for, or numbers that aren't finite in this dtype.
    """
    tensors = as_layout(layers, layout)
    tensors = {name: value if name.endswith(".alpha") else value.to(dtype) for name, value in tensors.items()}
    header = {"format": "pt", **(metadata or {})}
    if record:
        header[HEADER_KEY] = record.to_json()
    if layout == "kohya":
        ranks, alphas = ({*each} for each in zip(*((len(m.down), m.alpha) for m in layers.values()), strict=True))
        header |= {
            "ss_network_module": "networks.lora",
            "ss_network_dim": str(max(ranks)) if len(ranks) == 1 else "Dynamic",
            "ss_network_alpha": str(max(alphas)) if len(alphas) == 1 else "Dynamic",
        }
    write_tensors(path, tensors, header)


def layers_of(file: LoraFile) -> dict[tuple[str, str], Matrices]:
    """Return the layers of a file as `write_lora` takes them, their scales multiplied in.

    Raises:
        ValueError: names of kohya's layout that aren't those of a Stable Diffusion's layers.
    """
    layers = {}
    for part, named in file.parts.items():
        for layer in named.values():
            up = layer.up[..., None, None] if layer.down.ndim == 4 else layer.up
            try:
                name = dotted(layer.name)
            except ValueError as error:
                raise ValueError(f"{file.path} can't be converted: {printable(str(error))}") from error
            layers[part, name] = Matrices(down=layer.down, up=up, alpha=float(len(layer.down)))
    return layers


def _text_widths(tensors: Mapping[str, Tensor]) -> list[int]:
    """Widths of the text states that a LoRA's cross-attention reads."""
    named = re.compile(r"(?!.*motion_modules).*attn2.*to_[kv].*(down|lora_A)")
    return [value.shape[1] for name, value in tensors.items() if named.match(name) and value.ndim > 1]


def _layers(tensors: Mapping[str, Tensor], metadata: Mapping[str, str], path: Path) -> dict[str, dict[str, LoraLayer]]:
    configs = read_configs(metadata, path, pefts_own=any("base_model.model." in name for name in tensors))
    found: dict[tuple[str, str], dict[str, Tensor]] = {}
    for name, value in tensors.items():
        part, layer, matrix = parse_name(name)
        if matrix in found.setdefault((part, layer), {}):
            raise ValueError(f"{name!r} is the second matrix of that name")
        found[part, layer][matrix] = value
    parts: dict[str, dict[str, LoraLayer]] = {}
    for (part, name), matrices in found.items():
        if key_of(name) in parts.setdefault(part, {}):
            raise ValueError(f"{name!r} is there under two names")
        if len({"up", "down"} & matrices.keys()) < 2:
            raise ValueError(
                f"{name!r} has only {' and '.join(sorted(matrices))}: both matrices, down and up, are needed"
            )
        rank = _checked_rank(name, matrices["down"], matrices["up"])
        alpha = matrices.get("alpha")
        if alpha is not None and configs.get(part):
            raise ValueError(f"alpha of {name!r} is there twice, as a tensor and in a config: leave one out")
        if configs and part not in configs:
            raise ValueError(f"its config speaks of {', '.join(configs)} and not of the {_words(part)}")
        scale = configured_scale(configs[part], name, rank) if configs.get(part) else stored_scale(alpha, name, rank)
        up = matrices["up"].float().reshape(-1, rank) * scale
        check_finite({name: up}, "its product with alpha / rank")
        parts[part][key_of(name)] = LoraLayer(name=name, down=matrices["down"].float(), up=up, scale=scale)
    return parts


def _checked_rank(name: str, down: Tensor, up: Tensor) -> int:
    """Return the rank of two matrices (r, in) and (out, r), or of two convolutions (r, in, h, w) and (out, r, 1, 1)."""
    for value in (down, up):
        if not value.is_floating_point():
            raise ValueError(f"{name!r} is of {value.dtype}: LoRAs of floating point numbers are taken")
    shapes = f"{tuple(down.shape)} and {tuple(up.shape)}"
    if down.ndim not in (2, 4) or up.ndim not in (2, 4) or not down.numel() or set(up.shape[2:]) - {1}:
        raise ValueError(f"{name!r} has matrices of shapes {shapes}: (r, in) and (out, r) are needed")
    if len(down) != up.shape[1] or not up.numel():
        raise ValueError(f"{name!r} has matrices of shapes {shapes}, which have no rank in common")
    if len(down) > _RANK_MAX:
        raise ValueError(f"{name!r} has the rank {len(down)}: {_RANK_MAX} is the highest")
    return len(down)


def fuse(file: LoraFile, networks: Mapping[str, nn.Module], weight: float) -> None:
    """Add a LoRA to the weights of networks, which then compute as fast as without; any number can follow.

    Args:
        file: the LoRA.
        networks: by part; they are altered, and stay as they were if a layer doesn't fit.
        weight: how much of it; finite.

    Raises:
        ValueError: the LoRA has a part that isn't among the networks or doesn't fit, or sums aren't finite.
    """
    for part in file.parts:
        if part not in networks:
            raise ValueError(f"{file.path} has weights of the {_words(part)}, which can't be altered here; {TAKEN}")
    fitting = {part: file.fitted(part, network) for part, network in networks.items()}
    if not weight:
        return
    with torch.no_grad():
        for part, layers in fitting.items():
            for name, layer in layers.items():
                own = networks[part].get_parameter(f"{name}.weight")
                delta = (layer.up @ layer.down.flatten(1)) * weight
                # In 16 bits the small changes of a LoRA would be rounded twice.
                fused = (own.float() + delta.reshape(own.shape).to(own.device)).to(own.dtype)
                check_finite({name: fused}, f"the sum of the base and {weight:g} times {file.path}")
                own.copy_(fused)
