from __future__ import annotations

from pathlib import Path

import torch

from models import load_base, load_lora, new_motion_adapter, with_motion
from models.lora import lora_tensors
from tests.training.conftest import Configure
from tests.training.runs import artist_config, lines, moved


def test_both_loras_in_one_command_and_both_layouts(
    thin: Path, trained_motion: Path, configure: Configure, tmp_path: Path
) -> None:
    config = artist_config(
        configure(trigger="sks", validation=0.0, validation_samples=1),
        thin,
        tmp_path / "run",
        trained_motion,
        steps=3,
        alpha=1.0,
    )
    names = moved(config)
    assert names["spatial"]
    assert names["artist"]
    assert all(".attentions." in name and "lora_" in name and ".spatial." in name for name in names["spatial"])
    assert all(".motion_modules." in name and "lora_" in name and ".temporal." in name for name in names["artist"])
    folder = config.out / "artist"
    names = {f"{kind}.{layout}.safetensors" for kind in ("spatial", "temporal") for layout in ("diffusers", "kohya")}
    assert {path.name for path in folder.iterdir()} == names
    for kind in ("spatial", "temporal"):
        loaded = []
        for layout in ("diffusers", "kohya"):
            unet = with_motion(load_base(thin).unet, new_motion_adapter(load_base(thin).unet))
            record = load_lora(unet, kind, folder / f"{kind}.{layout}.safetensors")
            assert record is not None
            assert (record.kind, record.stage) == (kind, "artist")
            loaded.append(lora_tensors(unet, kind)[0])
        # Both layouts mean the same, alpha / rank = 1/2 included, and both LoRAs have learned something.
        assert all(torch.allclose(value, loaded[1][name]) for name, value in loaded[0].items())
        assert any(value.abs().max() > 0 for name, value in loaded[0].items() if "lora_B" in name)
    assert [line["phase"] for line in lines(config.out) if line["kind"] == "validation"] == ["spatial"] * 2 + [
        "artist"
    ] * 2
