from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from tests.training.conftest import Configure
from tests.training.runs import artist_config, lines, moved
from underpaint.models import load_base, load_lora, new_motion_adapter, with_motion
from underpaint.models.lora import LAYOUTS, lora_tensors
from underpaint.training.config import ArtistConfig
from underpaint.training.folder import check_folder, write_config

pytestmark = pytest.mark.slow

KINDS = ("spatial", "temporal")


@pytest.fixture
def config(thin: Path, trained_motion: Path, configure: Configure, tmp_path: Path) -> ArtistConfig:
    """Of three steps, with alpha / rank = 1/2."""
    data = configure(trigger="sks", validation=0.0, validation_samples=1)
    return artist_config(data, thin, tmp_path / "run", trained_motion, steps=3, alpha=1.0)


def check_result(config: ArtistConfig) -> None:
    """Both LoRAs are there, in two layouts that mean the same, and both have learned something."""
    folder = config.out / "artist"
    names = {f"{kind}.{layout}.safetensors" for kind in KINDS for layout in LAYOUTS[kind]}
    assert {path.name for path in folder.iterdir()} == names
    for kind in KINDS:
        loaded = []
        for layout in LAYOUTS[kind]:
            unet = with_motion(load_base(config.base).unet, new_motion_adapter(load_base(config.base).unet))
            record = load_lora(unet, kind, folder / f"{kind}.{layout}.safetensors")
            assert record is not None
            assert (record.kind, record.stage) == (kind, "artist")
            assert record.frames == (1 if kind == "spatial" and not config.joint else 4)
            loaded.append(lora_tensors(unet, kind))
        assert all(value.allclose(loaded[1][name]) for name, value in loaded[0].items())
        assert any(value.abs().max() > 0 for name, value in loaded[0].items() if "lora_B" in name)


def validated(config: ArtistConfig) -> list[str]:
    """The phase of each validation."""
    return [line["phase"] for line in lines(config.out) if line["kind"] == "validation"]


def test_both_loras_in_one_command_and_both_layouts(config: ArtistConfig) -> None:
    names = moved(config)
    assert names["spatial"]
    assert names["artist"]
    assert all(".attentions." in name and "lora_" in name and ".spatial." in name for name in names["spatial"])
    assert all(".motion_modules." in name and "lora_" in name and ".temporal." in name for name in names["artist"])
    check_result(config)
    assert validated(config) == ["spatial"] * 2 + ["artist"] * 2


def test_or_both_together_on_sequences(config: ArtistConfig) -> None:
    config = dataclasses.replace(config, joint=True)
    names = moved(config)
    assert list(names) == ["artist"]
    parts = {".spatial.": ".attentions.", ".temporal.": ".motion_modules."}
    for kind, place in parts.items():
        mine = [name for name in names["artist"] if kind in name]
        assert mine
        assert all("lora_" in name and place in name for name in mine)
    assert all("lora_" in name for name in names["artist"])
    check_result(config)
    assert validated(config) == ["artist"] * 2
    assert not (config.out / "spatial").exists()


def test_one_way_does_not_continue_the_other(config: ArtistConfig) -> None:
    write_config(dataclasses.replace(config, joint=True))
    with pytest.raises(ValueError, match="holds a run with joint True, now it is False"):
        check_folder(config)
