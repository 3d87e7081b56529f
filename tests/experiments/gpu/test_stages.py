"""What a run leaves says what prompts can ask of it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch

from underpaint.experiments.gpu.config import GpuConfig
from underpaint.experiments.gpu.stages import NanoStages
from underpaint.models import fingerprint, load_motion_adapter
from underpaint.models.tokenizer import byte_tokenizer
from underpaint.pipelines.medium import named_media


def test_the_record_names_the_media(tmp_path: Path) -> None:
    config = GpuConfig(out=tmp_path, base="nano", size=64, media=("oil", "ink"))
    room: Any = SimpleNamespace(tokenizer=byte_tokenizer())
    stages = NanoStages(config, room, torch.device("cpu"))
    stages.finish("base", tmp_path)
    stages.begin("motion")
    stages.finish("motion", tmp_path)
    _, record = load_motion_adapter(str(tmp_path / "motion"))
    assert record is not None
    assert named_media(record.recipe) == ("ink", "oil")
    assert record.base == fingerprint(stages._plain.unet)
