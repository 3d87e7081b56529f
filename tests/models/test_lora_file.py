"""LoRAs of other programs: each takes effect as its own program would have it, or is refused in one line."""

from __future__ import annotations

import copy
import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from tests.models.thin import thin_unet
from underpaint.models.lora_file import fuse, read_lora
from underpaint.models.motion import new_motion_adapter, with_motion

LAYER = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q"
CONFIG = {"peft_type": "LORA", "r": 2, "lora_alpha": 8, "use_rslora": False, "use_dora": False}


@pytest.fixture(scope="module")
def unet() -> Any:
    return with_motion(thin_unet(8, seed=0), new_motion_adapter(thin_unet(8, seed=0)))


def matrices(rank: int = 2, width: int = 16, seed: int = 0) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(rank, width, generator=generator), torch.randn(width, rank, generator=generator)


def effect(unet: Any, path: Path, layer: str = LAYER) -> Tensor:
    """What fusing a file adds to one layer; it must leave all others alone."""
    altered = copy.deepcopy(unet)
    fuse(read_lora(path), {"unet": altered}, 1.0)
    before, after = unet.state_dict(), altered.state_dict()
    assert {name for name in before if not torch.equal(before[name], after[name])} <= {f"{layer}.weight"}
    return after[f"{layer}.weight"] - before[f"{layer}.weight"]


def saved(path: Path, tensors: dict[str, Tensor], config: Any = None) -> Path:
    save_file(tensors, path, None if config is None else {"lora_adapter_metadata": json.dumps(config)})
    return path


def prefixed(config: dict[str, Any]) -> dict[str, Any]:
    return {f"unet.{key}": value for key, value in config.items()}


NAMES = {
    "diffusers": (f"unet.{LAYER}.lora.down.weight", f"unet.{LAYER}.lora.up.weight"),
    "processors": (
        f"unet.{LAYER.replace('to_q', 'processor.to_q_lora')}.down.weight",
        f"unet.{LAYER.replace('to_q', 'processor.to_q_lora')}.up.weight",
    ),
    "peft": (f"base_model.model.{LAYER}.lora_A.weight", f"base_model.model.{LAYER}.lora_B.weight"),
    "kohya": tuple(f"lora_unet_{LAYER.replace('.', '_')}.lora_{end}.weight" for end in ("down", "up")),
}


@pytest.mark.parametrize("layout", NAMES)
def test_every_layout_has_an_effect(unet: Any, tmp_path: Path, layout: str) -> None:
    down, up = matrices()
    path = saved(tmp_path / "x.safetensors", dict(zip(NAMES[layout], (down, up), strict=True)))
    # Where peft keeps alpha; it says nothing of files of others that lie there, too.
    (tmp_path / "adapter_config.json").write_text(json.dumps(CONFIG | {"lora_alpha": 2 if layout == "peft" else 9}))
    assert torch.allclose(effect(unet, path), up @ down, atol=1e-5)


@pytest.mark.parametrize(
    ("changes", "scale"),
    [
        ({}, 4.0),
        ({"use_rslora": True}, 8 / math.sqrt(2)),
        ({"alpha_pattern": {"to_q": 3}}, 1.5),
        ({"r": 64, "rank_pattern": {"attn1.to_q": 2}}, 4.0),
        ({"r": 64, "rank_pattern": {f"^{LAYER}": 2}, "alpha_pattern": {"to_k": 5}}, 4.0),
    ],
)
def test_alpha_in_the_header_counts(unet: Any, tmp_path: Path, changes: Any, scale: float) -> None:
    down, up = matrices()
    tensors = dict(zip(NAMES["diffusers"], (down, up), strict=True))
    path = saved(tmp_path / "x.safetensors", tensors, prefixed(CONFIG | changes))
    assert torch.allclose(effect(unet, path), scale * up @ down, atol=1e-4)


def test_alpha_beside_the_weights_counts(unet: Any, tmp_path: Path) -> None:
    down, up = matrices()
    path = saved(tmp_path / "adapter_model.safetensors", dict(zip(NAMES["peft"], (down, up), strict=True)))
    (tmp_path / "adapter_config.json").write_text(json.dumps(CONFIG))
    assert torch.allclose(effect(unet, path), 4 * up @ down, atol=1e-4)


@pytest.mark.parametrize("alpha", [torch.tensor(6), torch.tensor([6.0]), torch.tensor(6, dtype=torch.bfloat16)])
def test_alpha_of_any_number_type_counts(unet: Any, tmp_path: Path, alpha: Tensor) -> None:
    down, up = matrices()
    names = NAMES["kohya"]
    tensors = dict(zip(names, (down.half(), up.half()), strict=True)) | {names[0].split(".")[0] + ".alpha": alpha}
    expected = 3 * up.half().float() @ down.half().float()
    assert torch.allclose(effect(unet, saved(tmp_path / "x.safetensors", tensors)), expected, atol=1e-4)


def test_convolutions_and_motion_loras_of_animatediff(unet: Any, tmp_path: Path) -> None:
    weight = unet.get_parameter("down_blocks.0.resnets.0.conv1.weight")
    down, up = torch.randn(2, *weight.shape[1:]), torch.randn(len(weight), 2, 1, 1)
    names = [f"lora_unet_down_blocks_0_resnets_0_conv1.lora_{end}.weight" for end in ("down", "up")]
    path = saved(tmp_path / "c.safetensors", dict(zip(names, (down, up), strict=True)))
    expected = torch.einsum("or,rihw->oihw", up[:, :, 0, 0], down)
    assert torch.allclose(effect(unet, path, "down_blocks.0.resnets.0.conv1"), expected, atol=1e-4)
    stem = "down_blocks.0.motion_modules.0.temporal_transformer.transformer_blocks.0.attention_blocks.1.processor"
    tensors = dict(zip((f"{stem}.to_out_lora.down.weight", f"{stem}.to_out_lora.up.weight"), matrices(), strict=True))
    path = saved(tmp_path / "m.safetensors", tensors)
    layer = "down_blocks.0.motion_modules.0.transformer_blocks.0.attn2.to_out.0"
    down, up = matrices()
    assert torch.allclose(effect(unet, path, layer), up @ down, atol=1e-5)


def test_a_part_for_the_text_encoder_takes_effect(base: Any, tmp_path: Path) -> None:
    encoder = copy.deepcopy(base.text_encoder)
    name = next(name for name, _ in encoder.named_parameters() if name.endswith("layers.0.self_attn.q_proj.weight"))
    before = encoder.get_parameter(name).clone()
    down, up = matrices(width=len(before))
    stem = "lora_te_text_model_encoder_layers_0_self_attn_q_proj"
    path = saved(tmp_path / "x.safetensors", {f"{stem}.lora_down.weight": down, f"{stem}.lora_up.weight": up})
    fuse(read_lora(path), {"unet": thin_unet(8, seed=0), "text_encoder": encoder}, 0.5)
    assert torch.allclose(encoder.get_parameter(name) - before, 0.5 * up @ down, atol=1e-5)


DOWN, UP = NAMES["diffusers"]
GOOD = dict(zip((DOWN, UP), matrices(), strict=True))


@pytest.mark.parametrize(
    ("tensors", "config", "message"),
    [
        ({}, None, "holds no weights"),
        ({DOWN: GOOD[DOWN]}, None, "has only down"),
        ({**GOOD, f"unet.{LAYER}.lora_magnitude_vector": torch.ones(16)}, None, "of DoRA"),
        ({f"lora_unet_{LAYER}.hada_w1_a": torch.ones(2, 2)}, None, "of LoHa"),
        ({f"lora_unet_{LAYER}.lokr_w1": torch.ones(2, 2)}, None, "of LoKr"),
        ({f"lora_unet_{LAYER}.lora_mid.weight": torch.ones(2, 2)}, None, "Tucker"),
        ({**GOOD, f"unet.{LAYER}.diff_b": torch.ones(2)}, None, "difference of whole biases"),
        ({"lora_te1_text_model_x.lora_down.weight": GOOD[DOWN]}, None, "Stable Diffusion XL"),
        ({"transformer.single_blocks.0.lora_A.weight": GOOD[DOWN]}, None, "Flux"),
        ({**GOOD, "nonsense": torch.ones(2)}, None, "'nonsense' is no matrix of a LoRA"),
        ({DOWN: GOOD[DOWN], UP: torch.ones(16, 3)}, None, "no rank in common"),
        ({DOWN: GOOD[DOWN], UP: torch.ones(16)}, None, "are needed"),
        ({DOWN: GOOD[DOWN].int(), UP: GOOD[UP].int()}, None, "torch.int32"),
        ({DOWN: GOOD[DOWN] * math.nan, UP: GOOD[UP]}, None, "not finite"),
        ({**GOOD, f"unet.{LAYER}.alpha": torch.ones(3)}, None, "one number is needed"),
        ({**GOOD, f"unet.{LAYER}.alpha": torch.tensor(4.0)}, CONFIG, "there twice"),
        ({**GOOD, f"{LAYER}.lora_A.weight": GOOD[DOWN].clone()}, None, "second matrix"),
        ({**GOOD, f"unet.{LAYER}.alpha": torch.tensor(0.0)}, None, "alpha of .* is 0: a number above 0 is needed"),
        (dict(zip(NAMES["peft"], matrices(), strict=True)), None, r"whose alpha is in adapter_config\.json"),
        (GOOD, CONFIG | {"lora_alpha": -1}, "an alpha of -1: a number above 0 is needed"),
        (GOOD, CONFIG | {"bias": "all"}, "says bias='all', which isn't supported"),
        (GOOD, CONFIG | {"something_new": 3}, "says something_new=3, which isn't supported"),
        (GOOD, CONFIG | {"r": 4}, "the rank 4, its matrices have 2"),
        (GOOD, CONFIG | {"use_dora": True}, "use_dora=True, which isn't supported"),
        (GOOD, CONFIG | {"peft_type": "LOHA"}, "only LORA"),
        (GOOD, CONFIG | {"lora_alpha": "many"}, "a number is needed"),
        (GOOD, CONFIG | {"init_lora_weights": "pissa"}, "alters the base"),
        (GOOD, CONFIG | {"rank_pattern": {"(a+)+$": 2}}, "rank_pattern that can't be read"),
    ],
)
def test_what_is_not_taken_is_said_in_a_line(tmp_path: Path, tensors: Any, config: Any, message: str) -> None:
    path = saved(tmp_path / "x.safetensors", tensors, config and prefixed(config))
    with pytest.raises(ValueError, match=message) as told:
        read_lora(path)
    assert str(path) in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("text", ["[]", "{", "7", "[" * 100_000, '{"unet.r": NaN}'])
def test_headers_of_a_wrong_form_are_refused(tmp_path: Path, text: str) -> None:
    for key in ("underpaint", "lora_adapter_metadata"):
        save_file(GOOD, tmp_path / "x.safetensors", {key: text})
        with pytest.raises(ValueError, match=r"x\.safetensors"):
            read_lora(tmp_path / "x.safetensors")


def test_a_config_of_another_part_is_no_config_of_this_one(tmp_path: Path) -> None:
    path = saved(tmp_path / "x.safetensors", GOOD, {"text_encoder.r": 2, "text_encoder.lora_alpha": 8})
    with pytest.raises(ValueError, match="its config speaks of text_encoder and not of the UNet"):
        read_lora(path)


def test_layers_of_another_model_are_refused(unet: Any, tmp_path: Path) -> None:
    path = saved(tmp_path / "x.safetensors", dict(zip((DOWN, UP), matrices(width=320), strict=True)))
    with pytest.raises(ValueError, match=r"doesn't fit this base: .* is of shape \(320, 320\), here it is \(16, 16\)"):
        effect(unet, path)
    stem = LAYER.replace("attn1.to_q", "attn2.to_k")
    names = (f"{stem}.lora.down.weight", f"{stem}.lora.up.weight")
    path = saved(tmp_path / "x.safetensors", dict(zip(names, matrices(width=2048), strict=True)))
    with pytest.raises(ValueError, match=r"here it is \(16, 128\); it is for Stable Diffusion XL"):
        effect(unet, path)
    stem = "unet.down_blocks.7.to_q"
    names = (f"{stem}.lora.down.weight", f"{stem}.lora.up.weight")
    path = saved(tmp_path / "x.safetensors", dict(zip(names, matrices(), strict=True)))
    with pytest.raises(ValueError, match=r"down_blocks\.7\.to_q is no layer of this UNet"):
        effect(unet, path)
