from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from tests.models.painting import paint
from underpaint.models.freeze import changed
from underpaint.models.lora import (
    activate_loras,
    add_lora,
    load_lora,
    lora_tensors,
    loras_of,
    save_lora,
    train_lora,
)
from underpaint.models.lora_layouts import LAYOUTS
from underpaint.models.motion import with_motion
from underpaint.models.replication import denoise
from underpaint.models.weights import digests, read_tensors, write_tensors

KINDS = ("spatial", "temporal")


@torch.no_grad()
def test_new_ones_change_nothing(base: Any, motion: Any, process: Any) -> None:
    unet = with_motion(base.unet, motion)
    before, state = denoise(unet, *process), torch.get_rng_state()
    for kind in KINDS:
        add_lora(unet, kind, rank=2, seed=1)
    assert torch.equal(state, torch.get_rng_state())
    assert loras_of(unet) == list(KINDS)
    assert torch.allclose(denoise(unet, *process), before, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_each_trains_alone_while_both_take_effect(base: Any, motion: Any, process: Any, kind: str) -> None:
    unet = with_motion(base.unet, motion)
    for each in KINDS:
        add_lora(unet, each, rank=2)
    training = train_lora(unet, kind)
    before = digests(unet)
    optimiser = torch.optim.AdamW(training, lr=1e-2)
    for _ in range(2):
        optimiser.zero_grad()
        denoise(unet, *process).square().mean().backward()
        optimiser.step()
    moved = changed(before, digests(unet))
    assert len(moved) == len(training)
    assert all(f".{kind}." in name for name in moved)
    block = "attentions" if kind == "spatial" else "motion_modules"
    assert all(f".{block}." in name for name in moved)


@torch.no_grad()
def test_any_set_of_them_takes_effect(base: Any, motion: Any, unet_with_loras: Any, process: Any) -> None:
    outputs = []
    for active in ([], ["spatial"], ["temporal"], ["spatial", "temporal"]):
        activate_loras(unet_with_loras, active)
        assert not any(parameter.requires_grad for parameter in unet_with_loras.parameters())
        outputs.append(denoise(unet_with_loras, *process))
    assert torch.allclose(outputs[0], denoise(with_motion(base.unet, motion), *process), atol=1e-6)
    for index, first in enumerate(outputs):
        assert all((first - other).abs().max() > 1e-3 for other in outputs[index + 1 :])


@torch.no_grad()
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_comes_back_at_its_scale(
    base: Any, motion: Any, unet_with_loras: Any, process: Any, record: Any, saved: Path, kind: str, layout: str
) -> None:
    activate_loras(unet_with_loras, [kind])
    expected = denoise(unet_with_loras, *process)
    unet = with_motion(base.unet, motion)
    assert load_lora(unet, kind, saved / f"{kind}.{layout}.safetensors") == record(kind)
    assert torch.allclose(denoise(unet, *process), expected, atol=1e-5)
    assert not any(parameter.requires_grad for parameter in unet.parameters())


@pytest.mark.parametrize("name", ["spatial.diffusers", "spatial.kohya", "temporal.diffusers"])
def test_stock_diffusers_paints_the_same(base: Any, unet_with_loras: Any, stock: dict[str, Any], name: str) -> None:
    activate_loras(unet_with_loras, [name.split(".")[0]])
    painted = paint(base, unet_with_loras)
    assert torch.allclose(painted, stock[name], atol=1e-4)
    assert not torch.allclose(painted, stock["motion"], atol=1e-3)


def test_kohya_names_and_alpha_are_those_of_other_programs(unet_with_loras: Any, saved: Path) -> None:
    tensors, metadata = read_tensors(saved / "temporal.kohya.safetensors")
    module = "lora_unet_down_blocks_0_motion_modules_0_transformer_blocks_0_attn1_to_out_0"
    assert float(tensors[f"{module}.alpha"]) == 12.0
    assert tensors[f"{module}.lora_down.weight"].shape[0] == 3
    assert {name.split(".", 1)[1] for name in tensors} == {"alpha", "lora_down.weight", "lora_up.weight"}
    assert (metadata["ss_network_dim"], metadata["ss_network_alpha"]) == ("3", "12.0")
    stored = lora_tensors(unet_with_loras, "temporal")
    name = "down_blocks.0.motion_modules.0.transformer_blocks.0.attn1.to_out.0.lora_B.weight"
    assert torch.equal(tensors[f"{module}.lora_up.weight"], stored[name])


def test_stock_diffusers_still_misreads_temporal_kohya_names(stock: dict[str, Any]) -> None:
    # When this fails, diffusers has learnt it: then say so in docs/models.md and in `load_lora`.
    assert stock["stock reads temporal kohya"] == 0


def test_saving_twice_gives_equal_bytes(unet_with_loras: Any, record: Any, saved: Path, tmp_path: Path) -> None:
    for layout in LAYOUTS:
        save_lora(tmp_path / "again.safetensors", unet_with_loras, "spatial", record("spatial"), layout)
        first = saved / f"spatial.{layout}.safetensors"
        assert (tmp_path / "again.safetensors").read_bytes() == first.read_bytes()


def test_an_image_model_takes_a_spatial_one(base: Any, saved: Path) -> None:
    from underpaint.models.nano import build_nano

    unet = build_nano(seed=3).unet
    assert load_lora(unet, "spatial", saved / "spatial.diffusers.safetensors") is not None
    with pytest.raises(ValueError, match="a UNet2DConditionModel has no motion_modules for a temporal LoRA"):
        add_lora(unet, "temporal")


def test_what_must_fail(base: Any, motion: Any, saved: Path, tmp_path: Path) -> None:
    unet = with_motion(base.unet, motion)
    with pytest.raises(ValueError, match=r"temporal\.diffusers\.safetensors is not a spatial LoRA"):
        load_lora(unet, "spatial", saved / "temporal.diffusers.safetensors")
    with pytest.raises(ValueError, match=r"can't be taken: 'down_blocks.*' is no matrix of a LoRA"):
        load_lora(unet, "spatial", saved / "motion" / "diffusion_pytorch_model.safetensors")
    tensors, metadata = read_tensors(saved / "spatial.diffusers.safetensors")
    write_tensors(tmp_path / "part.safetensors", dict(list(tensors.items())[2:]), metadata)
    with pytest.raises(ValueError, match=r"part\.safetensors doesn't fit this UNet"):
        load_lora(unet, "spatial", tmp_path / "part.safetensors")
    assert loras_of(unet) == []
    load_lora(unet, "spatial", saved / "spatial.diffusers.safetensors")
    with pytest.raises(ValueError, match="has a spatial LoRA already"):
        add_lora(unet, "spatial")
