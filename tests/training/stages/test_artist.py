from __future__ import annotations

from pathlib import Path

import pytest
import torch

from models import Record, fingerprint, load_base, load_lora, new_motion_adapter, save_motion_adapter, with_motion
from models.lora import lora_tensors
from tests.training.conftest import Configure
from tests.training.runs import artist_config, lines
from training.run import train


@pytest.fixture(scope="module")
def motion(thin: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    base, folder = load_base(thin), tmp_path_factory.mktemp("motion")
    adapter = new_motion_adapter(base.unet)
    with torch.no_grad():
        generator = torch.Generator().manual_seed(0)
        for parameter in adapter.parameters():
            parameter += 0.02 * torch.randn(parameter.shape, generator=generator)
    record = Record(kind="motion", stage="motion", base=fingerprint(base.unet), noise=base.noise, frames=4, size=48)
    save_motion_adapter(folder, adapter, record)
    return folder


def test_both_loras_in_one_command_and_both_layouts(
    thin: Path, motion: Path, configure: Configure, tmp_path: Path
) -> None:
    config = artist_config(
        configure(trigger="sks", validation=0.0, validation_samples=1),
        thin,
        tmp_path / "run",
        motion,
        steps=3,
        alpha=1.0,
    )
    assert train(config)
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
