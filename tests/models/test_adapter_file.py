"""Motion modules and replication networks in files of either layout, and what other programs make of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import MotionAdapter, SparseControlNetModel
from safetensors.torch import load_file, save_file

from tests.models.conftest import shake
from tests.models.published import (
    SD15,
    advanced_controlnet_parts,
    comfyui_keeps,
    module_shapes,
    shapes_of,
    webui_control_names,
    webui_kind,
)
from underpaint.models.adapter_file import LAYOUTS, read_adapter, write_adapter
from underpaint.models.layouts import as_animatediff, as_webui
from underpaint.models.motion import load_motion_adapter
from underpaint.models.replication import load_replication_network
from underpaint.models.seeding import seeded
from underpaint.models.weights import digests

WIDTHS = (32, 64)
NETWORK = {"down_block_types": ("CrossAttnDownBlockMotion", "DownBlockMotion"), "cross_attention_dim": 32}
KINDS: dict[str, tuple[Any, dict[str, Any]]] = {
    "motion v1": (MotionAdapter, {"use_motion_mid_block": False, "motion_max_seq_length": 24}),
    "motion v2": (MotionAdapter, {}),
    "motion v3": (MotionAdapter, {"use_motion_mid_block": False}),
    "motion of another kind": (MotionAdapter, {"motion_num_attention_heads": 4, "motion_norm_num_groups": 16}),
    "sparsectrl rgb": (SparseControlNetModel, NETWORK),
    "sparsectrl scribble": (
        SparseControlNetModel,
        NETWORK | {"use_simplified_condition_embedding": False, "conditioning_channels": 3},
    ),
}


@pytest.fixture(scope="module")
def models() -> dict[str, Any]:
    with seeded(4):
        return {name: shake(kind(block_out_channels=WIDTHS, **options)) for name, (kind, options) in KINDS.items()}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", KINDS)
def test_each_layout_comes_back_to_the_bit(
    models: dict[str, Any], record: Any, tmp_path: Path, name: str, layout: str
) -> None:
    model, kind = models[name], KINDS[name][0]
    told = record("motion" if kind is MotionAdapter else "replication")
    first, second = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    write_adapter(first, model, told, layout=layout)
    again, found = read_adapter(kind, first)
    assert found == told
    assert digests(again) == digests(model)
    assert json.loads(again.to_json_string()).items() >= json.loads(json.dumps(KINDS[name][1])).items()
    # Over the other layout and back.
    write_adapter(second, again, found, layout=LAYOUTS[LAYOUTS.index(layout) - 1])
    write_adapter(tmp_path / "c.safetensors", read_adapter(kind, second)[0], told, layout=layout)
    assert (tmp_path / "c.safetensors").read_bytes() == first.read_bytes()


@pytest.mark.parametrize(
    ("layout", "dtype"), [("diffusers", torch.bfloat16), ("animatediff", torch.float16), ("webui", torch.float16)]
)
@pytest.mark.parametrize("name", [name for name in KINDS if name != "motion of another kind"])
def test_files_of_others_have_no_config_and_are_of_any_precision(
    models: dict[str, Any], tmp_path: Path, name: str, layout: str, dtype: torch.dtype
) -> None:
    model = models[name]
    path = tmp_path / "a.safetensors"
    write_adapter(path, model, None, layout=layout, dtype=dtype)
    save_file(load_file(path), path)  # without our header
    load = load_motion_adapter if KINDS[name][0] is MotionAdapter else load_replication_network
    again, found = load(path)
    assert found is None
    loaded = again.state_dict()
    for key, value in model.state_dict().items():
        # Tables of positions are computed, as diffusers does, and not rounded.
        expected = value if key.endswith(".pe") else value.to(dtype).float()
        assert torch.equal(loaded[key], expected), key


@pytest.fixture(scope="module")
def full_size() -> dict[str, dict[str, torch.Tensor]]:
    """What we export at full size: names and shapes, without numbers."""
    with torch.device("meta"):
        kinds = {"v2": MotionAdapter(), "v3": MotionAdapter(use_motion_mid_block=False)}
        kinds["sparsectrl"] = SparseControlNetModel()
    return {name: as_animatediff(model.state_dict()) for name, model in kinds.items()}


def test_sd_webui_animatediff_takes_all_588_weights(full_size: dict[str, Any]) -> None:
    exported = full_size["v2"]
    assert len(exported) == 588
    assert webui_kind(exported) == "v2"
    assert shapes_of(exported) == module_shapes(SD15)
    assert webui_kind(full_size["v3"]) == "v3"
    assert shapes_of(full_size["v3"]) == module_shapes(SD15, middle=False)


def test_comfyui_animatediff_evolved_takes_them_too(full_size: dict[str, Any]) -> None:
    for name, middle in (("v2", True), ("v3", False)):
        assert comfyui_keeps(full_size[name]) == module_shapes(SD15, middle=middle).keys()


def test_comfyui_advanced_controlnet_takes_the_network(full_size: dict[str, Any]) -> None:
    motion, control = advanced_controlnet_parts(full_size["sparsectrl"])
    assert shapes_of(motion) == module_shapes(SD15, middle=False, up=False, attentions=1)
    assert control["controlnet_cond_embedding.weight"].shape == (320, 5, 3, 3)
    assert len([name for name in control if name.startswith("controlnet_down_blocks.")]) == 2 * 12
    assert len(motion) + len(control) == len(full_size["sparsectrl"])


def test_the_controlnet_of_sd_webui_takes_it_too() -> None:
    with torch.device("meta"):
        tensors = as_webui(SparseControlNetModel().state_dict())
    motion = {name: value for name, value in tensors.items() if "motion_modules" in name}
    assert shapes_of(motion) == module_shapes(SD15, middle=False, up=False, attentions=1)
    assert tensors.keys() - motion.keys() == webui_control_names()
    assert tensors["input_hint_block.0.weight"].shape == (320, 5, 3, 3)


@pytest.mark.parametrize("name", ["motion v1", "motion v2", "motion v3", "sparsectrl rgb", "sparsectrl scribble"])
def test_stock_from_single_file_loads_what_we_export(models: dict[str, Any], tmp_path: Path, name: str) -> None:
    model = models[name]
    write_adapter(tmp_path / "a.safetensors", model, None)
    model.save_config(tmp_path / "config")
    stock = KINDS[name][0].from_single_file(str(tmp_path / "a.safetensors"), config=str(tmp_path / "config"))
    assert digests(stock) == digests(model)


def test_a_table_of_positions_that_is_trained_is_kept(models: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    write_adapter(path, models["motion v3"], None)
    tensors = {key: value + 1 if key.endswith(".pe") else value for key, value in load_file(path).items()}
    save_file(tensors, path)
    name = "up_blocks.1.motion_modules.2.transformer_blocks.0.pos_embed.pe"
    again = load_motion_adapter(path)[0].state_dict()[name]
    assert torch.equal(again, models["motion v3"].state_dict()[name] + 1)


def test_what_must_fail(models: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"

    def refused(tensors: dict[str, torch.Tensor], message: str, kind: Any = MotionAdapter) -> None:
        save_file(tensors, path)
        with pytest.raises(ValueError, match=message) as told:
            read_adapter(kind, path)
        assert str(path) in str(told.value)
        assert "\n" not in str(told.value)

    write_adapter(path, models["motion v3"], None)
    good = load_file(path)
    first = next(iter(good))
    refused(good, "it is a motion module, a replication network is needed", SparseControlNetModel)
    refused({key: value for key, value in good.items() if key != first}, "lacks 1 weights|another kind")
    refused(good | {"conv_out.weight": torch.ones(2)}, r"a motion module and more, conv_out\.weight for one")
    refused(good | {f"{first}.lora_down": torch.ones(2)}, "it is a LoRA, a motion module is needed")
    refused({key: value.int() for key, value in good.items()}, r"torch\.int32: floating point numbers are needed")
    refused(good | {first: good[first] * torch.nan}, "not finite")
    refused({"a": torch.ones(1)}, "neither a motion module, a replication network nor a LoRA")
    long = "up_blocks.0.motion_modules.0.temporal_transformer.proj_in.weight"
    refused(good | {long: torch.ones(3, 3)}, r"proj_in\.weight is of shape \(3, 3\), \(64, 64\) is needed")
    refused(good | {long.replace("proj_in", "proj_on"): torch.ones(3)}, "has no place for 1 weights")
    odd = {key: value[:-1] if key.endswith("transformer.norm.weight") else value for key, value in good.items()}
    refused(odd, "a MotionAdapter of its shapes can't be built")
    write_adapter(path, models["sparsectrl rgb"], None)
    network = load_file(path)
    refused(network, "it is a replication network, a motion module is needed")
    without = {key: value for key, value in network.items() if not key.startswith("controlnet_cond")}
    refused(without, "it is no sparse control network", SparseControlNetModel)
    torch.save(good, tmp_path / "a.ckpt")
    with pytest.raises(ValueError, match=r"a\.ckpt is a pickle"):
        load_motion_adapter(tmp_path / "a.ckpt")
