from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.pipelines.conftest import thin_base
from underpaint.models.weights import digests
from underpaint.pipelines.loras import Lora, find_lora, parse_lora
from underpaint.pipelines.pipeline import ProcessPipeline
from underpaint.pipelines.settings import ComputeConfig


def load(small: Path, *loras: Lora) -> ProcessPipeline:
    return ProcessPipeline.from_pretrained(small, loras=loras, compute=ComputeConfig(device="cpu"))


def test_parsing() -> None:
    assert parse_lora("runs/zorn") == Lora(source="runs/zorn", weight=1.0)
    assert parse_lora("runs/a=b=0.8") == Lora(source="runs/a=b", weight=0.8)
    for weight in ("much", "nan", "inf", "1e400"):
        with pytest.raises(ValueError, match=f"lora 'zorn={weight}': '{weight}' is not a weight"):
            parse_lora(f"zorn={weight}")


def test_weight_0_is_no_lora(small: Path, pipeline: Any) -> None:
    none = load(small, Lora(source="artist-x", weight=0))
    assert digests(none.parts.unet) == digests(pipeline.parts.unet)
    assert none.parts.described["loras"] == [{"source": "artist-x", "weight": 0}]


def test_weights_have_an_effect_in_proportion(small: Path, pipeline: Any) -> None:
    plain = pipeline.parts.unet.state_dict()
    half, whole = (load(small, Lora(source="artist-x", weight=weight)).parts.unet.state_dict() for weight in (0.5, 1))
    changed = {name for name in plain if not np.array_equal(plain[name], whole[name])}
    assert plain.keys() == whole.keys()
    assert {"attentions" in name or "motion_modules" in name for name in changed} == {True}
    assert any("motion_modules" in name for name in changed)
    assert any(".attentions" in name for name in changed)
    for name in changed:
        assert np.allclose(2 * (half[name] - plain[name]), whole[name] - plain[name], atol=1e-5)


def test_several_are_added_up_and_files_stand_for_themselves(small: Path) -> None:
    spatial, temporal = (str(small / "artist-x" / f"{kind}.diffusers.safetensors") for kind in ("spatial", "temporal"))
    assert find_lora(Lora(source=temporal), None) == [Path(temporal)]
    both = load(small, Lora(source=temporal), Lora(source=spatial)).parts.unet.state_dict()
    folder = load(small, Lora(source=str(small / "artist-x"))).parts.unet.state_dict()
    twice = load(
        small, Lora(source="artist-x", weight=0.5), Lora(source="artist-x", weight=0.5)
    ).parts.unet.state_dict()
    for name, value in folder.items():
        assert np.allclose(both[name], value, atol=1e-5)
        assert np.allclose(twice[name], value, atol=1e-5)


def test_a_run_stands_for_its_result(small: Path, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.yaml").touch()
    with pytest.raises(ValueError, match="has no finished artist"):
        find_lora(Lora(source="run"), tmp_path)
    shutil.copytree(small / "artist-x", tmp_path / "run" / "artist")
    found = [path.name for path in find_lora(Lora(source="run"), tmp_path)]
    assert found == ["spatial.diffusers.safetensors", "temporal.diffusers.safetensors"]


def test_a_base_run_s_domain_adapter_is_a_lora(small: Path, tmp_path: Path, pipeline: Any) -> None:
    (tmp_path / "run" / "base").mkdir(parents=True)
    (tmp_path / "run" / "config.yaml").touch()
    adapter = tmp_path / "run" / "base" / "adapter.diffusers.safetensors"
    shutil.copy(small / "artist-x" / "spatial.diffusers.safetensors", adapter)
    for source in (tmp_path / "run", tmp_path / "run" / "base"):
        assert find_lora(Lora(source=str(source)), None) == [adapter]
    half = load(small, Lora(source=str(tmp_path / "run"), weight=0.5))
    assert digests(half.parts.unet) != digests(pipeline.parts.unet)


def test_what_is_not_there_is_named(small: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no lora 'zorn': give its folder or file; .* holds artist-x"):
        find_lora(Lora(source="zorn"), small)
    with pytest.raises(ValueError, match="train one with `underpaint-train artist`"):
        find_lora(Lora(source="zorn"), None)
    with pytest.raises(ValueError, match="holds neither spatial"):
        find_lora(Lora(source=str(tmp_path)), None)


def test_a_lora_paints_on_other_bases_and_with_other_betas(
    small: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from underpaint.models import save_base

    caplog.set_level("INFO")
    save_base(tmp_path / "base", thin_base(seed=2))
    motion = tmp_path / "motion"
    shutil.copytree(small / "motion", motion)
    (motion / "underpaint.json").unlink()  # as a published one, which was trained with linear betas
    loras = [Lora(source=str(small / "artist-x"))]
    parts = ProcessPipeline.from_pretrained(tmp_path, loras=loras, compute=ComputeConfig(device="cpu")).parts
    assert parts.noise.beta_schedule == "linear"
    assert sum("artist-x" in line and "is another of its kind" in line for line in caplog.messages) == 2


def test_a_lora_is_fused_as_exactly_in_16_bits_as_they_allow(small: Path) -> None:
    import torch

    loras = [Lora(source=str(small / "artist-x"), weight=0.3)]
    whole, half = (
        ProcessPipeline.from_pretrained(small, loras=loras, compute=ComputeConfig(device="cpu", precision=precision))
        for precision in ("fp32", "fp16")
    )
    rounded = half.parts.unet.state_dict()
    for name, value in whole.parts.unet.state_dict().items():
        # The base's rounding and the sum's.
        assert torch.allclose(rounded[name].float(), value, rtol=2**-10, atol=2**-10), name
