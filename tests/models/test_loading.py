from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import AutoencoderKL, DDPMScheduler, UNet2DConditionModel

from tests.models.painting import noise, text_states
from underpaint.models.loading import load_base, save_base
from underpaint.models.weights import digests, fingerprint


def test_saved_and_loaded_it_is_the_same(base: Any, saved: Path) -> None:
    again = load_base(saved / "base")
    for part in ("vae", "unet", "text_encoder"):
        assert digests(getattr(again, part)) == digests(getattr(base, part)), part
        assert not getattr(again, part).training
    assert again.noise == base.noise
    assert fingerprint(again.unet) == fingerprint(base.unet)
    assert again.tokenizer("Ölbild, red").input_ids == base.tokenizer("Ölbild, red").input_ids


def test_it_is_an_ordinary_pipeline_folder(saved: Path) -> None:
    index = json.loads((saved / "base" / "model_index.json").read_bytes())
    assert index["_class_name"] == "StableDiffusionPipeline"
    assert index["safety_checker"] == [None, None]
    assert not list((saved / "base").rglob("*.bin"))
    assert UNet2DConditionModel.from_pretrained(saved / "base", subfolder="unet").config.in_channels == 4
    assert AutoencoderKL.from_pretrained(saved / "base", subfolder="vae").config.latent_channels == 4


@torch.no_grad()
def test_earlier_releases_of_transformers_find_the_tokenizers_files(base: Any, tmp_path: Path) -> None:
    save_base(tmp_path / "base", base)
    folder = tmp_path / "base" / "tokenizer"
    assert json.loads((folder / "vocab.json").read_bytes()) == base.tokenizer.get_vocab()
    assert (folder / "merges.txt").read_text(encoding="utf-8").startswith("#version")


def test_stock_diffusers_paints_the_same_picture(base: Any, stock: dict[str, Any]) -> None:
    scheduler = base.noise.scheduler()
    scheduler.set_timesteps(2)
    latents, text = noise()[:, :, 0], text_states(base)
    for level in scheduler.timesteps:
        latents = scheduler.step(base.unet(latents, level, text).sample, level, latents).prev_sample
    assert torch.allclose(latents, stock["base"], atol=1e-4)


def test_a_folder_of_another_scheduler_keeps_its_schedule(saved: Path, tmp_path: Path) -> None:
    shutil.copytree(saved / "base", tmp_path / "base")
    DDPMScheduler(beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012).save_pretrained(
        tmp_path / "base" / "scheduler"
    )
    noise = load_base(tmp_path / "base").noise
    assert (noise.beta_schedule, noise.prediction, noise.zero_terminal_snr) == ("scaled_linear", "epsilon", False)


def test_what_must_fail(base: Any, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="base none/such/folder does not exist: give 'nano', 'nano-large', a folder"):
        load_base("none/such/folder")
    with pytest.raises(ValueError, match=r"has no model_index\.json: it is not a saved diffusers pipeline"):
        load_base(tmp_path)
    (tmp_path / "model_index.json").write_text('{"_class_name": "StableDiffusionXLPipeline"}')
    with pytest.raises(ValueError, match="holds a StableDiffusionXLPipeline; a StableDiffusionPipeline"):
        load_base(tmp_path)
    save_base(tmp_path / "base", base)
    shutil.rmtree(tmp_path / "base" / "text_encoder")
    with pytest.raises(ValueError, match="has no text_encoder that can be loaded"):
        load_base(tmp_path / "base")
    shutil.rmtree(tmp_path / "base" / "vae")
    with pytest.raises(ValueError, match="holds no AutoencoderKL that can be loaded"):
        load_base(tmp_path / "base")


def test_a_hub_id_that_is_not_reachable_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ValueError, match="no-such-model is neither a folder nor a model on the hub"):
        load_base("underpaint-tests/no-such-model")
