from __future__ import annotations

import copy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import MotionAdapter, UNet2DConditionModel
from safetensors.torch import load_file

from tests.models.thin import thin_unet
from underpaint.models.nano import build_nano
from underpaint.models.record import HEADER_KEY, Record
from underpaint.models.weights import (
    architecture,
    cast_files,
    digests,
    fingerprint,
    load_model,
    read_tensors,
    save_model,
    write_tensors,
)

TENSORS = {"b": torch.arange(6.0).reshape(2, 3).T, "a": torch.ones(3, dtype=torch.bfloat16)}


def test_fingerprint_names_weights_and_wiring(base: Any) -> None:
    assert fingerprint(base.unet) == fingerprint(build_nano(seed=3).unet)
    assert fingerprint(base.unet) != fingerprint(build_nano(seed=4).unet)
    other = copy.deepcopy(base.unet)
    assert fingerprint(other.half()) == fingerprint(base.unet)
    other.register_to_config(attention_head_dim=8)
    assert fingerprint(other) != fingerprint(base.unet)


def test_architecture_names_shapes_and_wiring_but_no_weights(base: Any) -> None:
    name = architecture(base.unet)
    assert architecture(build_nano(seed=9).unet) == name != architecture(thin_unet(16, seed=1))
    wired = copy.deepcopy(base.unet)
    wired.register_to_config(attention_head_dim=2)
    assert architecture(wired) != name
    narrow, wide = (
        UNet2DConditionModel(
            block_out_channels=(32, side),
            down_block_types=("DownBlock2D",) * 2,
            up_block_types=("UpBlock2D",) * 2,
            layers_per_block=1,
        )
        for side in (32, 64)
    )
    assert architecture(narrow) != architecture(wide)  # the same names


def test_digests_tell_a_single_bit() -> None:
    layer = torch.nn.Linear(3, 3).bfloat16()
    before = digests(layer)
    with torch.no_grad():
        layer.weight[0, 0] = torch.nextafter(layer.weight[0, 0], torch.tensor(9.0, dtype=torch.bfloat16))
    after = digests(layer)
    assert [name for name in before if before[name] != after[name]] == ["weight"]


def test_tensors_and_metadata_come_back(tmp_path: Path) -> None:
    metadata = {"format": "pt", "z": 'quotes " and ü', "a": "1"}
    write_tensors(tmp_path / "x.safetensors", TENSORS, metadata)
    tensors, found = read_tensors(tmp_path / "x.safetensors")
    assert found == metadata
    assert all(torch.equal(tensors[name], TENSORS[name]) for name in TENSORS)
    assert tensors.keys() == load_file(tmp_path / "x.safetensors").keys()


def test_whoever_may_read_new_files_may_read_weights(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    write_tensors(tmp_path / "a.safetensors", {"a": torch.ones(2)}, {})
    assert (tmp_path / "a.safetensors").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_equal_content_is_equal_bytes(tmp_path: Path) -> None:
    # safetensors shuffles its metadata anew in every file.
    contents = set()
    for turn in range(8):
        write_tensors(tmp_path / f"{turn}", TENSORS, {"format": "pt", "a": "1", "b": "2", "c": "3"})
        contents.add((tmp_path / f"{turn}").read_bytes())
    assert len(contents) == 1


def test_a_saved_model_is_an_ordinary_folder_with_a_record(motion: Any, record: Any, tmp_path: Path) -> None:
    save_model(tmp_path, motion, record("motion"))
    stock = MotionAdapter.from_pretrained(tmp_path)
    assert digests(stock) == digests(motion)
    header = read_tensors(tmp_path / "diffusion_pytorch_model.safetensors")[1][HEADER_KEY]
    assert Record.from_json(header, "header") == record("motion")


def test_what_must_fail(motion: Any, record: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no MotionAdapter that can be loaded"):
        load_model(MotionAdapter, tmp_path)
    save_model(tmp_path, motion, record("motion"))
    weights = tmp_path / "diffusion_pytorch_model.safetensors"
    tensors, metadata = read_tensors(weights)
    dropped = min(tensors)
    write_tensors(weights, {name: value for name, value in tensors.items() if name != dropped}, metadata)
    with pytest.raises(ValueError, match=f"lacks 1 weights of its MotionAdapter, {dropped} among them"):
        load_model(MotionAdapter, tmp_path)
    weights.write_bytes(b"nonsense")
    with pytest.raises(ValueError, match="holds no MotionAdapter that can be loaded"):
        load_model(MotionAdapter, tmp_path)
    with pytest.raises(ValueError, match="is not a readable safetensors file"):
        read_tensors(weights)
    with pytest.raises(ValueError, match="is not a readable safetensors file"):
        read_tensors(tmp_path / "missing.safetensors")


def test_files_are_cast_but_for_single_numbers(tmp_path: Path) -> None:
    given = {"a": torch.full((2, 2), 0.1), "a.alpha": torch.tensor(0.1), "ids": torch.arange(3)}
    write_tensors(tmp_path / "deep.safetensors", given, {"format": "pt"})
    cast_files(tmp_path, torch.float16)
    found, metadata = read_tensors(tmp_path / "deep.safetensors")
    assert metadata == {"format": "pt"}
    assert torch.equal(found["a"], given["a"].half())
    assert all(torch.equal(found[name], given[name]) for name in ("a.alpha", "ids"))
    write_tensors(tmp_path / "deep.safetensors", {"a": torch.full((2,), 1e5)}, {})
    with pytest.raises(ValueError, match=r"deep\.safetensors holds numbers that .* in a; fp16 ends at 65504, bf16"):
        cast_files(tmp_path, torch.float16)


def test_pickled_weights_are_not_read(base: Any, tmp_path: Path) -> None:
    base.unet.save_pretrained(tmp_path, safe_serialization=False)
    with pytest.raises(ValueError, match=r"diffusion_pytorch_model\.bin is a pickle"):
        load_model(UNet2DConditionModel, tmp_path)


def test_corpus_and_renderers_never_import_the_networks() -> None:
    heavy = {"torch", "diffusers", "underpaint.models"}
    code = f"import sys; from underpaint import renderers, datagen; assert not {heavy} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_what_a_model_has_no_place_for_is_refused(motion: Any, record: Any, tmp_path: Path) -> None:
    save_model(tmp_path, motion, record("motion"))
    weights = tmp_path / "diffusion_pytorch_model.safetensors"
    tensors, metadata = read_tensors(weights)
    write_tensors(weights, {**tensors, "foreign.weight": torch.ones(2)}, metadata)
    with pytest.raises(ValueError, match=r"has no place for, 1 weights of its MotionAdapter, foreign\.weight"):
        load_model(MotionAdapter, tmp_path)
    with pytest.raises(ValueError, match=r"holds no UNet2DConditionModel .* says a MotionAdapter"):
        load_model(UNet2DConditionModel, tmp_path)
