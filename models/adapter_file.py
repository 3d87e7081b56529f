"""Motion modules and replication networks in one safetensors file, in the layouts of all programs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch
from diffusers import MotionAdapter, SparseControlNetModel
from diffusers.models.embeddings import SinusoidalPositionalEmbedding
from torch import Tensor

from underpaint.models.cldm import LAYERS
from underpaint.models.finite import check_finite
from underpaint.models.folders import check_config
from underpaint.models.layouts import ROUNDING, as_animatediff, as_diffusers, as_webui
from underpaint.models.record import HEADER_KEY, Record
from underpaint.models.shapes import motion_config, network_config
from underpaint.models.weights import one_line, quiet, read_tensors, write_tensors
from underpaint.texts import parse_json, printable

Adapter = TypeVar("Adapter", MotionAdapter, SparseControlNetModel)

LAYOUTS = ("diffusers", "animatediff", "webui")

# What shapes don't tell of our own: diffusers' config, as JSON, in the header.
CONFIG_KEY = "underpaint_config"
_KINDS: Mapping[Any, str] = {MotionAdapter: "motion", SparseControlNetModel: "replication"}
_WORDS = {"motion": "a motion module", "replication": "a replication network", "lora": "a LoRA"}
_CONFIGS: Mapping[Any, Callable[[Mapping[str, Tensor]], dict[str, Any]]] = {
    MotionAdapter: motion_config,
    SparseControlNetModel: network_config,
}


def read_adapter(kind: type[Adapter], path: Path, dtype: torch.dtype = torch.float32) -> tuple[Adapter, Record | None]:
    """Read a motion module or a replication network (SparseCtrl) of any layout.

    Its config is that of the header if we wrote the file, otherwise it is read off the shapes of the weights.
    diffusers' `from_single_file` would fetch it from the hub.

    Args:
        kind: `MotionAdapter` or `SparseControlNetModel`.
        path: a safetensors file.
        dtype: of its weights, however they are stored.

    Returns:
        The network and its record, None if it was made elsewhere.

    Raises:
        ValueError: a pickle, something else than such a network, or numbers that aren't finite; says which.
    """
    tensors, metadata = read_tensors(path)
    check_finite(tensors, str(path))
    try:
        model = _built(kind, as_diffusers(tensors), metadata, dtype)
    except ValueError as error:
        raise ValueError(f"{path} holds no {kind.__name__} that can be loaded: {one_line(error)}") from error
    record = Record.from_json(metadata[HEADER_KEY], str(path)) if HEADER_KEY in metadata else None
    return model, record


def _built(kind: type[Adapter], tensors: dict[str, Tensor], metadata: Mapping[str, str], dtype: torch.dtype) -> Adapter:
    if (other := kind_of(tensors)) != _KINDS[kind]:
        raise ValueError(f"it is {_WORDS.get(other, other)}, {_WORDS[_KINDS[kind]]} is needed")
    for name, value in tensors.items():
        if not value.is_floating_point():
            raise ValueError(f"{printable(name[:200])} is of {value.dtype}: floating point numbers are needed")
    if CONFIG_KEY in metadata:
        config = parse_json(metadata[CONFIG_KEY])
        check_config(kind.__name__, config, CONFIG_KEY)
    else:
        config = _CONFIGS[kind](tensors)
    with quiet(), torch.device("meta"):  # weights that are replaced needn't be drawn
        try:
            model = kind.from_config(config)
        except Exception as error:  # of numbers that don't go together diffusers raises anything
            raise ValueError(f"a {kind.__name__} of its shapes can't be built: {one_line(error)}") from error
    own = model.state_dict()
    complete = tensors | _positions(model, tensors)
    for keys, what in ((own.keys() - complete.keys(), "lacks"), (complete.keys() - own.keys(), "has no place for")):
        if keys:
            raise ValueError(f"it {what} {len(keys)} weights, {printable(min(keys)[:200])} among them")
    for name, value in complete.items():
        if value.shape != own[name].shape:
            raise ValueError(f"{name} is of shape {tuple(value.shape)}, {tuple(own[name].shape)} is needed")
    model.load_state_dict({name: value.to(dtype) for name, value in complete.items()}, assign=True)
    return model.eval()


def _positions(model: torch.nn.Module, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the tables of positions, which are sines: as computed, unless the file has other ones."""
    tables = {}
    for name, module in model.named_modules():
        if isinstance(module, SinusoidalPositionalEmbedding):
            _, length, width = module.pe.shape
            computed = SinusoidalPositionalEmbedding(width, length).pe
            given = tensors.get(f"{name}.pe", computed).float()
            same = given.shape == computed.shape and torch.allclose(given, computed, atol=ROUNDING)
            tables[f"{name}.pe"] = computed if same else given
    return tables


def write_adapter(
    path: Path,
    model: MotionAdapter | SparseControlNetModel,
    record: Record | None,
    *,
    layout: str = "animatediff",
    dtype: torch.dtype = torch.float32,
) -> None:
    """Write a motion module or replication network as one safetensors file.

    Args:
        path: the file, `.safetensors`.
        model: what is written.
        record: what it was trained for; None if nobody knows.
        layout: `animatediff`, as published modules are, for ComfyUI, sd-webui-animatediff and diffusers'
            `from_single_file`; `webui`, where networks are as sd-webui's ControlNet loads them, and motion modules the
            same; `diffusers`, under diffusers' names.
        dtype: of the numbers.

    Raises:
        ValueError: numbers that aren't finite, or not in this dtype, or a network that the layout has no names for.
    """
    assert layout in LAYOUTS, layout
    tensors = model.state_dict()
    if layout == "webui" and isinstance(model, SparseControlNetModel):
        if model.config.layers_per_block != LAYERS:
            raise ValueError(
                f"sd-webui knows networks of {LAYERS} layers in each block alone: give --layout animatediff"
            )
        tensors = as_webui(tensors)
    elif layout != "diffusers":
        tensors = as_animatediff(tensors)
    metadata = {"format": "pt", CONFIG_KEY: model.to_json_string()}
    if record:
        metadata[HEADER_KEY] = record.to_json()
    write_tensors(path, {name: value.to(dtype) for name, value in tensors.items()}, metadata)


def kind_of(names: Collection[str]) -> str:
    """Return what weights of these names are: `motion`, `replication`, `lora`, or what else, in words."""
    if any("lora" in name for name in names):
        return "lora"
    if any(name.startswith(("controlnet_", "input_hint_block.")) for name in names):
        return "replication"
    if any("motion_modules." in name for name in names):
        other = next(
            (name for name in names if "motion_modules." not in name and not name.startswith("conv_in.")), None
        )
        return f"a motion module and more, {printable(other[:200])} for one" if other else "motion"
    return "neither a motion module, a replication network nor a LoRA"
