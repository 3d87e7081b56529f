from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.pipelines.conftest import SIZE, picture
from underpaint.pipelines.networks import Networks
from underpaint.pipelines.parts import load_parts
from underpaint.pipelines.places import find_places
from underpaint.pipelines.settings import ComputeConfig


@pytest.mark.parametrize(("upcast", "dtype"), [(True, torch.float32), (False, torch.bfloat16)])
def test_an_autoencoder_that_overflows_in_16_bits_stays_in_32(small: Path, upcast: bool, dtype: torch.dtype) -> None:
    parts = load_parts(find_places(small))
    parts.vae.register_to_config(force_upcast=upcast)
    networks = Networks(parts, ComputeConfig(device="cpu", precision="bf16"))
    assert parts.vae.dtype == dtype
    assert parts.unet.dtype == parts.text_encoder.dtype == networks.states(["a barn"]).dtype == torch.bfloat16
    latents = networks.encoded(np.array(picture())[None])
    assert (latents.shape, latents.dtype) == ((1, 4, SIZE // 4, SIZE // 4), torch.float32)
    decoded = networks.decoded(latents)
    assert (decoded.shape, decoded.dtype) == ((1, SIZE, SIZE, 3), np.uint8)


def test_margins_are_up_to_what_the_unet_takes(small: Path) -> None:
    networks = Networks(load_parts(find_places(small)), ComputeConfig(device="cpu"))
    assert networks.margins((20, 33)).padded == (24, 40)


def test_slicing_and_tiling_are_the_autoencoder_s(small: Path) -> None:
    for slicing, tiling in ((True, False), (False, True)):
        parts = load_parts(find_places(small))
        Networks(parts, ComputeConfig(device="cpu", slicing=slicing, tiling=tiling))
        assert (parts.vae.use_slicing, parts.vae.use_tiling) == (slicing, tiling)


def test_clip_skip_is_that_of_stock_pipelines(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from diffusers import StableDiffusionPipeline
    from transformers import CLIPTextModel

    stock = StableDiffusionPipeline.from_pretrained(small / "base", use_safetensors=True)
    if not hasattr(
        stock.text_encoder, "text_model"
    ):  # later transformers have it no more, diffusers looks for it still
        monkeypatch.setattr(CLIPTextModel, "text_model", property(lambda encoder: encoder), raising=False)
    networks = Networks(load_parts(find_places(small)), ComputeConfig(device="cpu"))
    for skip in (None, 1):
        expected, _ = stock.encode_prompt("a barn", torch.device("cpu"), 1, False, clip_skip=skip)
        assert torch.equal(networks.states(["a barn"], skip or 0), expected)
    with pytest.raises(ValueError, match="clip_skip is 2: the text encoder has 2 layers"):
        networks.states(["a barn"], 2)


def test_prompts_that_are_cut_are_told_once(small: Path, caplog: pytest.LogCaptureFixture) -> None:
    networks = Networks(load_parts(find_places(small)), ComputeConfig(device="cpu"))
    for _ in range(2):
        networks.states(["a barn", "a" * 100 + " dragon"])
    assert len(caplog.messages) == 1
    assert "dragon" in caplog.messages[0]


def test_numbers_that_are_not_finite_become_no_picture(small: Path) -> None:
    networks = Networks(load_parts(find_places(small)), ComputeConfig(device="cpu", precision="bf16"))
    latents = torch.full((1, 4, SIZE // 4, SIZE // 4), float("nan"))
    with pytest.raises(ValueError, match=r"decoded frames hold numbers that are not finite: .* --precision fp32"):
        networks.decoded(latents)


def test_what_the_autoencoder_overflows_to_is_no_picture(small: Path) -> None:
    parts = load_parts(find_places(small))
    networks = Networks(parts, ComputeConfig(device="cpu"))
    with torch.no_grad():
        parts.vae.decoder.conv_out.bias.fill_(float("inf"))
    with pytest.raises(ValueError, match="decoded frames hold numbers that are not finite"):
        networks.decoded(torch.zeros(1, 4, SIZE // 4, SIZE // 4))


def test_of_many_prompts_the_first_are_told(small: Path, caplog: pytest.LogCaptureFixture) -> None:
    networks = Networks(load_parts(find_places(small)), ComputeConfig(device="cpu"))
    networks.states([f"{number}" * 90 + " A DRAGON" for number in range(15)])
    assert len(caplog.messages) == 11
    assert caplog.messages[0].endswith("A DRAGON'")
    assert caplog.messages[-1].startswith("more prompts are too long")
