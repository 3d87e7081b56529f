"""Folders of weights that somebody might hand in: each is refused in one line, whatever is wrong with it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.pipelines.conftest import small as small
from underpaint.pipelines.parts import load_parts
from underpaint.pipelines.places import find_places

CONFIGS = {"motion": "motion/config.json", "replication": "replication/config.json", "unet": "base/unet/config.json"}
WRONG = (b"[]", b"{}", b"7", b"\xff\xfe{", b"[" * 100_000, b'{"_class_name": 3}', b"")


@pytest.fixture
def models(small: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small, tmp_path / "models"))


def refusal(models: Path) -> str:
    with pytest.raises(ValueError) as told:  # noqa: PT011, the callers look at the message
        load_parts(find_places(models))
    line = str(told.value)
    assert line.isprintable(), line
    return line


@pytest.mark.parametrize("part", ["motion", "unet"])
def test_configs_of_a_wrong_form(models: Path, part: str) -> None:
    for content in WRONG:
        (models / CONFIGS[part]).write_bytes(content)
        assert str(models) in refusal(models), content


def test_model_index_and_scheduler_of_a_wrong_form(models: Path) -> None:
    for name in ("base/scheduler/scheduler_config.json", "base/model_index.json"):
        before = (models / name).read_bytes()
        for content in (*WRONG[:1], *WRONG[2:], b'{"beta_start": "x"}'):
            (models / name).write_bytes(content)
            if content != b'{"_class_name": 3}' or "index" in name:  # a scheduler of defaults
                assert str(models) in refusal(models), (name, content)
        (models / name).write_bytes(before)


@pytest.mark.parametrize(
    ("part", "key", "value", "message"),
    [
        ("motion", "block_out_channels", [16, 32], "holds no MotionAdapter|made for a UNet of widths"),
        ("motion", "motion_layers_per_block", 2, "holds no MotionAdapter|lacks|doesn't fit"),
        ("replication", "cross_attention_dim", 64, "holds no SparseControlNetModel"),
        ("unet", "cross_attention_dim", 64, "holds no UNet2DConditionModel"),
        ("unet", "sample_size", [8, 8], "sample_size is"),
    ],
)
def test_configs_of_other_networks(models: Path, part: str, key: str, value: Any, message: str) -> None:
    path = models / CONFIGS[part]
    path.write_text(json.dumps(json.loads(path.read_bytes()) | {key: value}))
    with pytest.raises(ValueError, match=message):
        load_parts(find_places(models))


@pytest.mark.parametrize("part", ["motion", "replication", "base/unet", "base/vae", "base/text_encoder"])
def test_weights_that_are_not_finite_are_named(models: Path, part: str) -> None:
    path = next((models / part).glob("*.safetensors"))
    tensors = load_file(path)
    name = sorted(tensors)[3]
    tensors[name].view(-1)[0] = torch.nan
    save_file(tensors, path, {"format": "pt"})
    line = refusal(models)
    assert part in line
    assert f"not finite (NaN or infinity) in {name.removeprefix('text_model.')}" in line.replace("text_model.", "")


def test_what_a_text_encoder_lacks_is_not_made_up(models: Path) -> None:
    path = models / "base" / "text_encoder" / "model.safetensors"
    tensors = load_file(path)
    del tensors[sorted(tensors)[3]]
    save_file(tensors, path, {"format": "pt"})
    assert "lacks 1 weights of its text_encoder" in refusal(models)


@pytest.mark.parametrize("text", ["[]", "{}", "[" * 100_000, '{"kind": "x"}'])
def test_records_of_a_wrong_form(models: Path, text: str) -> None:
    (models / "motion" / "underpaint.json").write_text(text)
    assert "holds no readable training record" in refusal(models)
