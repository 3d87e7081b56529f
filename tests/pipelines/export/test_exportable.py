from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from underpaint.pipelines.export.exportable import find_exportable, layout_of


def folder_of(path: Path, *files: str, kind: str = "") -> Path:
    path.mkdir(parents=True, exist_ok=True)
    for file in files:
        (path / file).touch()
    if kind:
        (path / "config.json").write_text(json.dumps({"_class_name": kind}))
    return path


def test_a_run_has_what_its_stage_makes(tmp_path: Path) -> None:
    loras = ("spatial.diffusers.safetensors", "spatial.kohya.safetensors", "temporal.diffusers.safetensors")
    folder_of(tmp_path / "zorn", "config.yaml")
    folder_of(tmp_path / "zorn" / "spatial", *loras[:2])
    with pytest.raises(ValueError, match=r"zorn is not finished: run its command again"):
        find_exportable(tmp_path / "zorn")
    folder_of(tmp_path / "zorn" / "artist", *loras)
    assert [(each.kind, each.name) for each in find_exportable(tmp_path / "zorn")] == [
        ("lora", "zorn-spatial"),
        ("lora", "zorn-temporal"),
    ]
    folder_of(tmp_path / "net", "config.yaml")
    folder_of(tmp_path / "net" / "replication", kind="SparseControlNetModel")
    folder_of(tmp_path / "net" / "replication" / "motion", kind="MotionAdapter")
    assert [(each.kind, each.name) for each in find_exportable(tmp_path / "net")] == [
        ("replication", "net-replication"),
        ("motion", "net-motion"),
    ]
    # Neither of the two is written over the other.
    ours = shutil.copytree(tmp_path / "net", tmp_path / "my-replication-motion")
    assert len({each.name for each in find_exportable(ours)}) == 2
    folder_of(tmp_path / "base", "config.yaml")
    folder_of(tmp_path / "base" / "base", "model_index.json", "adapter.diffusers.safetensors")
    assert [each.name for each in find_exportable(tmp_path / "base")] == ["base-adapter"]


def test_so_have_folders_and_files(tmp_path: Path) -> None:
    (motion,) = find_exportable(folder_of(tmp_path / "my-motion", kind="MotionAdapter"))
    assert (motion.kind, motion.name) == ("motion", "my-motion")
    (stock,) = find_exportable(folder_of(tmp_path / "theirs", "pytorch_lora_weights.safetensors"))
    assert (stock.kind, stock.name) == ("lora", "theirs")
    (file,) = find_exportable(stock.path)
    assert (file.kind, file.name) == ("file", "pytorch_lora_weights")


def test_what_must_fail(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="source nowhere does not exist: give a run"):
        find_exportable(Path("nowhere"))
    with pytest.raises(ValueError, match="empty holds no motion module, replication network or LoRA"):
        find_exportable(folder_of(tmp_path / "empty", kind="UNet2DConditionModel"))
    with pytest.raises(ValueError, match="nano is a whole base without a LoRA of its own"):
        find_exportable(folder_of(tmp_path / "nano", "model_index.json"))


def test_the_layout_is_what_most_programs_load() -> None:
    kinds = ("motion", "replication", "spatial", "temporal")
    assert [layout_of(kind, None) for kind in kinds] == ["animatediff", "animatediff", "kohya", "animatediff"]
    assert [layout_of(kind, "webui") for kind in kinds] == ["webui", "webui", "kohya", "webui"]
    assert layout_of("temporal", "diffusers") == "diffusers"
    with pytest.raises(ValueError, match="no program reads temporal LoRAs in kohya's layout: give"):
        layout_of("temporal", "kohya")
    with pytest.raises(ValueError, match="no program reads motion weights in kohya's layout"):
        layout_of("motion", "kohya")
