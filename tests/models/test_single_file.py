from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from tests.models.original import original_vae, thin_sd_base, write_file
from underpaint.models.loading import load_base
from underpaint.models.single_file import SD15
from underpaint.models.weights import architecture, digests, fingerprint

NETWORKS = ("vae", "unet", "text_encoder")


@pytest.fixture(autouse=True)
def _no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody may connect to anything."""

    def refuse(*arguments: Any, **options: Any) -> Any:
        raise AssertionError("the hub was asked")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("socket.create_connection", refuse)


def without(word: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: value for name, value in tensors.items() if word not in name}


def configs_for(kind: str, original: Path) -> Path | None:
    return original / "folder" if kind.endswith(".safetensors") else None


@pytest.mark.parametrize("kind", ["fp16", "file.safetensors"])
def test_every_kind_is_the_same_base(original: Path, kind: str) -> None:
    folder, other = load_base(original / "folder"), load_base(original / kind, configs=configs_for(kind, original))
    for part in NETWORKS:
        assert digests(getattr(other, part)) == digests(getattr(folder, part)), part
        assert not getattr(other, part).training
    assert fingerprint(other.unet) == fingerprint(folder.unet)
    assert architecture(other.unet) == architecture(folder.unet)
    assert other.noise == folder.noise
    assert other.tokenizer("a hill").input_ids == folder.tokenizer("a hill").input_ids


@pytest.mark.parametrize("kind", ["folder", "fp16", "file.safetensors"])
def test_weights_are_loaded_in_16_bits_without_another_fingerprint(original: Path, kind: str) -> None:
    base = load_base(original / kind, configs=configs_for(kind, original), dtype=torch.float16)
    assert (base.unet.dtype, base.text_encoder.dtype, base.vae.dtype) == (torch.float16, torch.float16, torch.float32)
    assert fingerprint(base.unet) == fingerprint(load_base(original / "folder").unet)


def test_an_autoencoder_is_swapped_from_wherever_it_is(original: Path, tmp_path: Path) -> None:
    other = thin_sd_base(seed=2)
    other.vae.half().float().save_pretrained(tmp_path / "folder")
    other.vae.save_pretrained(tmp_path / "whole" / "vae")
    write_file(tmp_path / "vae.safetensors", original_vae(other.vae))
    pairs = {"whole": "folder", "folder": "file.safetensors", "vae.safetensors": "file.safetensors"}
    for vae, kind in pairs.items():
        base = load_base(original / kind, vae=tmp_path / vae, configs=configs_for(kind, original))
        assert digests(base.vae) == digests(other.vae), (kind, vae)
        assert base.unet.config.sample_size == 8


def test_a_pruned_checkpoint_needs_a_vae(original: Path, tmp_path: Path) -> None:
    kept = without("first_stage", load_file(original / "file.safetensors"))
    path, configs = write_file(tmp_path / "pruned.safetensors", kept), original / "folder"
    with pytest.raises(ValueError, match=r"base .*pruned\.safetensors has no autoencoder: give one with --vae"):
        load_base(path, configs=configs)
    swapped = load_base(path, configs=configs, vae=original / "vae.safetensors")
    assert digests(swapped.vae) == digests(load_base(configs).vae)


def test_what_a_checkpoint_says_of_its_prediction_is_taken(original: Path, tmp_path: Path) -> None:
    tensors = load_file(original / "file.safetensors") | {"v_pred": torch.zeros(1), "ztsnr": torch.zeros(1)}
    noise = load_base(write_file(tmp_path / "v.safetensors", tensors), configs=original / "folder").noise
    assert (noise.prediction, noise.zero_terminal_snr) == ("v_prediction", True)


def test_the_package_has_the_configs_and_the_tokenizer_of_stable_diffusion(original: Path) -> None:
    from diffusers import UNet2DConditionModel
    from transformers import CLIPTokenizer

    tokens = CLIPTokenizer.from_pretrained(SD15 / "tokenizer")("a photo of a cat").input_ids
    assert tokens == [49406, 320, 1125, 539, 320, 2368, 49407]
    with torch.device("meta"):
        unet = UNet2DConditionModel.from_config(UNet2DConditionModel.load_config(SD15, subfolder="unet"))
    assert sum(value.numel() for value in unet.parameters()) == 859_520_964
    with pytest.raises(ValueError, match=r"file\.safetensors holds no .* that fits the configs in .*sd15: ") as error:
        load_base(original / "file.safetensors")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda held: {"conditioner.embedders.0.x": torch.zeros(1)} | held, "is a Stable Diffusion XL checkpoint; one"),
        (
            lambda held: {"down_blocks.0.x": torch.zeros(1)},
            "no Stable Diffusion checkpoint: it has no UNet, .* but",
        ),
        (lambda held: without("cond_stage", held), "it has no text encoder"),
        (lambda held: without("out.2.bias", held), "lacks weights of its UNet2DConditionModel"),
        (lambda held: held | {"model.diffusion_model.out.2.bias": torch.full((4,), torch.nan)}, "are not finite"),
        (lambda held: held | {"model.diffusion_model.out.2.bias": torch.zeros(5)}, "UNet2DConditionModel that fits"),
    ],
)
def test_what_is_no_such_checkpoint_is_refused_in_a_line(
    original: Path, tmp_path: Path, change: Any, message: str
) -> None:
    path = write_file(tmp_path / "a.safetensors", change(load_file(original / "file.safetensors")))
    with pytest.raises(ValueError, match=message) as error:
        load_base(path, configs=original / "folder")
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_pickles_are_refused_with_the_command_that_converts_them(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tensors = load_file(original / "vae.safetensors")
    torch.save({"state_dict": tensors}, tmp_path / "model.ckpt")
    with pytest.raises(ValueError, match=r"model\.ckpt is a pickle, .* never opened: convert it") as error:
        load_base(tmp_path / "model.ckpt")
    command = re.search(r'python -c "(.*)" (\S+) (\S+)$', str(error.value))
    assert command is not None
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["-c", command[2], command[3]])
    exec(command[1], {})
    assert load_file(tmp_path / "model.safetensors").keys() == tensors.keys()
    shutil.copytree(original / "folder", tmp_path / "folder")
    weights = tmp_path / "folder" / "unet" / "diffusion_pytorch_model.safetensors"
    weights.rename(weights.with_suffix(".bin"))
    with pytest.raises(ValueError, match=r"diffusion_pytorch_model\.bin is a pickle"):
        load_base(tmp_path / "folder")
