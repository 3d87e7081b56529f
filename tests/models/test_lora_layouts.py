"""LoRAs in every layout: what we write others read, and what others write has the strength that they give it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import StableDiffusionPipeline
from diffusers.training_utils import _collate_lora_metadata
from peft import LoraConfig, PeftModel, get_peft_model
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from tests.models.published import comfyui_patches, module_shapes, older_webui_patches, webui_patches
from tests.models.thin import thin_unet
from underpaint.models.layouts import animatediff_name, diffusers_name
from underpaint.models.lora_file import fuse, layers_of, read_lora, write_lora
from underpaint.models.lora_layouts import LAYOUTS, Matrices, as_layout, dotted
from underpaint.models.motion import new_motion_adapter, with_motion

RANK = 3
# What kohya's trainer alters of a UNet, and of a text encoder.
BLOCKS = (".attentions.", ".self_attn.", ".mlp.")
Networks = dict[str, nn.Module]


@pytest.fixture(scope="module")
def networks(base: Any) -> Networks:
    """A UNet with attention of every kind, and a text encoder."""
    return {"unet": thin_unet(8, seed=0), "text_encoder": base.text_encoder}


@pytest.fixture(scope="module")
def moving() -> Any:
    return with_motion(thin_unet(8, seed=0), new_motion_adapter(thin_unet(8, seed=0), heads=2))


def drawn(layer: Any, seed: int) -> tuple[Tensor, Tensor]:
    """Two matrices for a linear layer or a convolution."""
    generator = torch.Generator().manual_seed(seed)
    shape = layer.weight.shape
    up = torch.randn(shape[0], RANK, *(1 for _ in shape[2:]), generator=generator)
    return torch.randn(RANK, *shape[1:], generator=generator), up


def layers(network: nn.Module, chosen: Callable[[str], bool]) -> dict[str, Any]:
    return {
        name: module
        for name, module in network.named_modules()
        if isinstance(module, nn.Linear | nn.Conv2d) and chosen(name)
    }


def kohya(
    networks: Networks,
    parts: dict[str, Callable[[str], bool]],
    alpha: float | None = 1.0,
    dtype: torch.dtype = torch.float32,
) -> dict[str, Tensor]:
    """A LoRA as on Civitai."""
    tensors = {}
    for part, chosen in parts.items():
        for seed, (name, layer) in enumerate(layers(networks[part], chosen).items()):
            if part == "text_encoder" and not name.startswith("text_model."):
                name = f"text_model.{name}"  # as transformers called them before version 5
            stem = f"{'lora_unet' if part == 'unet' else 'lora_te'}_{name.replace('.', '_')}"
            down, up = drawn(layer, seed)
            tensors |= {f"{stem}.lora_down.weight": down.to(dtype), f"{stem}.lora_up.weight": up.to(dtype)}
            if alpha is not None:
                tensors[f"{stem}.alpha"] = torch.tensor(alpha, dtype=dtype)
    return tensors


def usual(name: str) -> bool:
    return any(block in f".{name}" for block in BLOCKS)


def civitai(folder: Path, networks: Networks) -> None:
    parts = {"unet": usual, "text_encoder": usual}
    save_file(kohya(networks, parts), folder / "lora.safetensors")


def unet_alone(folder: Path, networks: Networks) -> None:
    save_file(kohya(networks, {"unet": usual}, alpha=2.0), folder / "lora.safetensors")


def without_alpha(folder: Path, networks: Networks) -> None:
    save_file(kohya(networks, {"unet": usual}, alpha=None), folder / "lora.safetensors")


def some_blocks(folder: Path, networks: Networks) -> None:
    save_file(kohya(networks, {"unet": lambda name: name.startswith("up_blocks.1.att")}), folder / "lora.safetensors")


def locon(folder: Path, networks: Networks) -> None:
    tensors = kohya(networks, {"unet": lambda name: usual(name) or ".resnets." in name or "samplers" in name})
    save_file(tensors, folder / "lora.safetensors")


def bfloat16(folder: Path, networks: Networks) -> None:
    save_file(kohya(networks, {"unet": usual}, dtype=torch.bfloat16), folder / "lora.safetensors")


def _trained(networks: Networks, config: LoraConfig) -> Any:
    unet: Any = copy.deepcopy(networks["unet"])
    unet.add_adapter(config)
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for name, value in unet.named_parameters():
            if "lora_B" in name:
                value += torch.randn(value.shape, generator=generator)
    return unet


def header_alpha(folder: Path, networks: Networks) -> None:
    """Stock diffusers' trainers keep alpha in the header."""
    config = LoraConfig(r=RANK, lora_alpha=12, target_modules=["to_q", "to_v"], alpha_pattern={"attn2.to_q": 5})
    unet = _trained(networks, config)
    StableDiffusionPipeline.save_lora_weights(
        folder, get_peft_model_state_dict(unet), **_collate_lora_metadata({"unet": unet})
    )
    (folder / "pytorch_lora_weights.safetensors").rename(folder / "lora.safetensors")


def rank_stabilised(folder: Path, networks: Networks) -> None:
    unet = _trained(networks, LoraConfig(r=RANK, lora_alpha=4, target_modules=["to_k"], use_rslora=True))
    StableDiffusionPipeline.save_lora_weights(
        folder, get_peft_model_state_dict(unet), **_collate_lora_metadata({"unet": unet})
    )
    (folder / "pytorch_lora_weights.safetensors").rename(folder / "lora.safetensors")


KINDS = [civitai, unet_alone, without_alpha, some_blocks, locon, bfloat16, header_alpha, rank_stabilised]


def ours(networks: Networks, path: Path) -> Networks:
    fused = {part: copy.deepcopy(network) for part, network in networks.items()}
    fuse(read_lora(path), fused, 1.0)
    return fused


def fused_by_stock(base: Any, networks: Networks, path: Path) -> Networks:
    stock: dict[str, Any] = {part: copy.deepcopy(network) for part, network in networks.items()}
    pipeline = StableDiffusionPipeline(
        **stock,
        vae=base.vae,
        tokenizer=base.tokenizer,
        scheduler=base.noise.scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.load_lora_weights(path.parent, weight_name=path.name)
    pipeline.fuse_lora()
    pipeline.unload_lora_weights()
    return stock


def check_equal(ours: Networks, stock: Networks, before: Networks) -> set[str]:
    """Compare weights; return which parts have changed."""
    changed = set()
    for part, network in stock.items():
        mine, plain = ours[part].state_dict(), before[part].state_dict()
        for name, value in network.state_dict().items():
            assert torch.allclose(mine[name], value, atol=1e-5, rtol=1e-5), name
            changed |= set() if torch.equal(value, plain[name]) else {part}
    return changed


@pytest.mark.parametrize("kind", KINDS)
def test_the_scale_is_that_of_stock_diffusers(
    base: Any, networks: Networks, tmp_path: Path, kind: Callable[[Path, Networks], None]
) -> None:
    kind(tmp_path, networks)
    path = tmp_path / "lora.safetensors"
    changed = check_equal(ours(networks, path), fused_by_stock(base, networks, path), networks)
    assert changed == ({"unet", "text_encoder"} if kind is civitai else {"unet"})


def test_the_scale_is_that_of_peft(networks: Networks, tmp_path: Path) -> None:
    config = LoraConfig(r=RANK, lora_alpha=7, target_modules=["to_q", "proj_in"], init_lora_weights=False)
    get_peft_model(copy.deepcopy(networks["unet"]), config).save_pretrained(str(tmp_path))
    stock = PeftModel.from_pretrained(copy.deepcopy(networks["unet"]), str(tmp_path)).merge_and_unload()
    unet = {"unet": networks["unet"]}
    assert check_equal(ours(unet, tmp_path / "adapter_model.safetensors"), {"unet": stock}, unet)


def processors(network: nn.Module, place: str) -> dict[str, Tensor]:
    """AnimateDiff's own names, which are those of attention processors."""
    tensors = {}
    for seed, (name, layer) in enumerate(layers(network, lambda name: place in name and ".to_" in name).items()):
        stem, _, projection = animatediff_name(name).removesuffix(".0").rpartition(".")
        down, up = drawn(layer, seed)
        stem = f"{stem}.processor.{projection}_lora"
        tensors |= {f"{stem}.down.weight": down, f"{stem}.up.weight": up}
    return tensors


@pytest.mark.parametrize("place", ["attentions", "motion_modules"])
def test_the_scale_is_that_of_animatediff(moving: Any, tmp_path: Path, place: str) -> None:
    """Its domain adapter, and its motion LoRAs."""
    tensors = processors(moving, f".{place}.")
    save_file(tensors, tmp_path / "lora.safetensors")
    # Both are read by one rule, which ComfyUI keeps to names with "temporal".
    patches = comfyui_patches({name.replace(f".{place}.", f".{place}-temporal."): v for name, v in tensors.items()})
    before, after = moving.state_dict(), ours({"unet": moving}, tmp_path / "lora.safetensors")["unet"].state_dict()
    expected = {name.replace("-temporal", ""): value for name, value in patches.items()}
    changed = {animatediff_name(name) for name, value in after.items() if not torch.equal(value, before[name])}
    assert changed == expected.keys()
    for name, value in after.items():
        if animatediff_name(name) in expected:
            assert torch.allclose(value - before[name], expected[animatediff_name(name)], atol=1e-5)


def matrices(path: Path) -> dict[Any, tuple[Tensor, Tensor]]:
    return {name: (each.down, each.up) for name, each in layers_of(read_lora(path)).items()}


@pytest.mark.parametrize("kind", ["spatial", "temporal"])
@pytest.mark.parametrize(
    ("first", "second"),
    [(LAYOUTS[n], LAYOUTS[(n + step) % len(LAYOUTS)]) for n in range(len(LAYOUTS)) for step in (1, 2)],
)
def test_each_layout_comes_back_to_the_bit(saved: Path, tmp_path: Path, kind: str, first: str, second: str) -> None:
    path, over, back = saved / f"{kind}.{first}.safetensors", tmp_path / "b.safetensors", tmp_path / "c.safetensors"
    file = read_lora(path)
    write_lora(over, layers_of(file), second, torch.float32, file.record)
    write_lora(back, layers_of(read_lora(over)), first, torch.float32, file.record)
    assert read_lora(back).record == file.record
    expected, found = matrices(path), matrices(back)
    assert found.keys() == expected.keys()
    for name, (down, up) in expected.items():
        assert torch.equal(found[name][0], down)
        assert torch.equal(found[name][1], up)


@pytest.mark.parametrize(
    ("program", "layout"),
    [(comfyui_patches, "animatediff"), (older_webui_patches, "animatediff"), (webui_patches, "webui")],
)
def test_a_temporal_lora_has_the_names_and_strength_that_others_look_for(
    saved: Path, program: Any, layout: str
) -> None:
    patches = program(load_file(saved / f"temporal.{layout}.safetensors"))
    expected = {
        f"{animatediff_name(name)}.weight": up @ down
        for (_, name), (down, up) in matrices(saved / "temporal.diffusers.safetensors").items()
    }
    if layout == "webui":
        expected = {name.removesuffix(".weight").replace(".", "_"): value for name, value in expected.items()}
    assert patches.keys() == expected.keys()
    for name, value in expected.items():
        assert torch.allclose(patches[name], value, atol=1e-6)


def test_at_full_size_it_alters_layers_of_the_published_module() -> None:
    names = [
        name.removesuffix(".weight") for name in module_shapes() if name.endswith((".to_q.weight", ".to_out.0.weight"))
    ]
    layers = {
        ("unet", diffusers_name(name)): Matrices(down=torch.ones(1, 2), up=torch.ones(2, 1), alpha=1.0)
        for name in names
    }
    patches = comfyui_patches(as_layout(layers, "animatediff"))
    assert patches.keys() <= module_shapes().keys()
    assert len(patches) == 2 * 2 * 21


def test_sixteen_bits_are_those_of_the_scaled_matrices(saved: Path, tmp_path: Path) -> None:
    path = saved / "spatial.kohya.safetensors"
    file = read_lora(path)
    for dtype in (torch.float16, torch.bfloat16):
        write_lora(tmp_path / "a.safetensors", layers_of(file), "kohya", dtype, None)
        stored = load_file(tmp_path / "a.safetensors")
        assert {value.dtype for name, value in stored.items() if not name.endswith(".alpha")} == {dtype}
        found = matrices(tmp_path / "a.safetensors")
        for name, (_, up) in matrices(path).items():
            assert torch.equal(found[name][1], up.to(dtype).float())


def test_convolutions_and_text_encoders_go_into_layouts_that_have_names_for_them(
    base: Any, networks: Networks, tmp_path: Path
) -> None:
    parts = {"unet": lambda name: ".resnets." in name or "samplers" in name, "text_encoder": usual}
    save_file(kohya(networks, parts, alpha=float(RANK)), tmp_path / "a.safetensors")
    file = read_lora(tmp_path / "a.safetensors")
    for layout in ("diffusers", "kohya"):
        write_lora(tmp_path / "b.safetensors", layers_of(file), layout, torch.float32, None)
        for found in (
            ours(networks, tmp_path / "b.safetensors"),
            fused_by_stock(base, networks, tmp_path / "b.safetensors"),
        ):
            changed = check_equal(found, ours(networks, tmp_path / "a.safetensors"), networks)
            assert changed == {"unet", "text_encoder"}
    with pytest.raises(ValueError, match=r"AnimateDiff's layout has no name for .*: choose diffusers or kohya"):
        write_lora(tmp_path / "b.safetensors", layers_of(file), "animatediff", torch.float32, None)


def test_kohya_names_get_their_dots_back(moving: Any, base: Any) -> None:
    for network in (moving, base.text_encoder):
        for name in layers(network, lambda _: True):
            assert dotted(name.replace(".", "_")) == name
    with pytest.raises(ValueError, match="'down__blocks' is no layer of a Stable Diffusion"):
        dotted("down__blocks")
