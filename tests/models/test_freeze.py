from __future__ import annotations

from typing import Any

import pytest
import torch

from underpaint.models.freeze import changed, parameter_table, train_only
from underpaint.models.motion import MOTION, with_motion
from underpaint.models.replication import denoise
from underpaint.models.weights import digests


def test_only_the_named_part_moves(base: Any, motion: Any, process: Any) -> None:
    unet = with_motion(base.unet, motion)
    training = train_only(unet, MOTION)
    before = digests(unet)
    optimiser = torch.optim.AdamW(training, lr=1e-3)
    denoise(unet, *process).square().mean().backward()
    optimiser.step()
    moved = changed(before, digests(unet))
    assert moved
    assert all(MOTION in name for name in moved)
    assert len(moved) == len(training)
    assert sum(row.training for row in parameter_table(unet)) == sum(p.numel() for p in motion.parameters())


def test_nothing_named_freezes_all(base: Any, motion: Any) -> None:
    unet = with_motion(base.unet, motion)
    assert train_only(unet) == []
    assert not any(parameter.requires_grad for parameter in unet.parameters())
    with pytest.raises(AssertionError, match="no parameter is called"):
        train_only(unet, "misspelt")


def test_table_names_the_parts(unet_with_loras: Any) -> None:
    parts = {row.part: row for row in parameter_table(unet_with_loras)}
    assert {"conv_in", "down_blocks.motion_modules", "mid_block.attentions", "lora.spatial", "lora.temporal"} <= set(
        parts
    )
    assert sum(row.parameters for row in parts.values()) == sum(p.numel() for p in unet_with_loras.parameters())


def test_changed_names_what_differs() -> None:
    assert changed({"a": "1", "b": "2"}, {"a": "1", "b": "3", "c": "4"}) == ["b", "c"]
