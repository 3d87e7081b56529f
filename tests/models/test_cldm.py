from __future__ import annotations

import pytest

from underpaint.models.cldm import cldm_name, name_of_cldm

PAIRS = {
    "conv_in.bias": "input_blocks.0.0.bias",
    "down_blocks.0.resnets.1.conv1.weight": "input_blocks.2.0.in_layers.2.weight",
    "down_blocks.1.attentions.0.transformer_blocks.0.norm1.bias": "input_blocks.4.1.transformer_blocks.0.norm1.bias",
    "down_blocks.1.downsamplers.0.conv.weight": "input_blocks.6.0.op.weight",
    "down_blocks.3.resnets.0.time_emb_proj.bias": "input_blocks.10.0.emb_layers.1.bias",
    "mid_block.resnets.1.norm2.weight": "middle_block.2.out_layers.0.weight",
    "controlnet_down_blocks.11.weight": "zero_convs.11.0.weight",
    "controlnet_cond_embedding.conv_in.weight": "input_hint_block.0.conv_in.weight",
    "down_blocks.0.motion_modules.0.norm.weight": "down_blocks.0.motion_modules.0.norm.weight",
}


@pytest.mark.parametrize(("ours", "theirs"), PAIRS.items())
def test_a_name_goes_both_ways(ours: str, theirs: str) -> None:
    assert cldm_name(ours) == theirs
    assert name_of_cldm(theirs) == ours
