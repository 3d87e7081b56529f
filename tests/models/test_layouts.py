from __future__ import annotations

import pytest
import torch

from underpaint.models.layouts import animatediff_name, as_animatediff, as_diffusers, diffusers_name, is_animatediff

STEM = "down_blocks.0.motion_modules.1"
BLOCK = "transformer_blocks.0"
PAIRS = {
    f"{STEM}.norm.weight": f"{STEM}.temporal_transformer.norm.weight",
    f"{STEM}.proj_in.bias": f"{STEM}.temporal_transformer.proj_in.bias",
    f"{STEM}.{BLOCK}.norm1.weight": f"{STEM}.temporal_transformer.{BLOCK}.norms.0.weight",
    f"{STEM}.{BLOCK}.norm2.weight": f"{STEM}.temporal_transformer.{BLOCK}.norms.1.weight",
    f"{STEM}.{BLOCK}.norm3.bias": f"{STEM}.temporal_transformer.{BLOCK}.ff_norm.bias",
    f"{STEM}.{BLOCK}.ff.net.0.proj.weight": f"{STEM}.temporal_transformer.{BLOCK}.ff.net.0.proj.weight",
    f"{STEM}.{BLOCK}.attn1.to_q.weight": f"{STEM}.temporal_transformer.{BLOCK}.attention_blocks.0.to_q.weight",
    f"{STEM}.{BLOCK}.attn2.to_out.0.bias": f"{STEM}.temporal_transformer.{BLOCK}.attention_blocks.1.to_out.0.bias",
    # A layer's name, as LoRAs have it.
    f"{STEM}.{BLOCK}.attn2.to_k": f"{STEM}.temporal_transformer.{BLOCK}.attention_blocks.1.to_k",
    # Not of a motion module.
    f"down_blocks.0.attentions.0.{BLOCK}.norm1.weight": f"down_blocks.0.attentions.0.{BLOCK}.norm1.weight",
    "conv_in.weight": "conv_in.weight",
}


@pytest.mark.parametrize(("ours", "theirs"), PAIRS.items())
def test_a_name_goes_both_ways_and_stays_where_it_is_right_already(ours: str, theirs: str) -> None:
    assert animatediff_name(ours) == theirs
    assert diffusers_name(theirs) == ours
    assert diffusers_name(ours) == ours


def test_the_table_of_positions_is_before_each_attention() -> None:
    pe = torch.rand(1, 4, 8)
    tensors = {f"{STEM}.{BLOCK}.pos_embed.pe": pe, f"{STEM}.{BLOCK}.attn2.to_q.weight": torch.rand(8, 8)}
    original = as_animatediff(tensors)
    tables = [f"{STEM}.temporal_transformer.{BLOCK}.attention_blocks.{n}.pos_encoder.pe" for n in (0, 1)]
    assert all(torch.equal(original[table], pe) for table in tables)
    assert len(original) == 3
    assert is_animatediff(original)
    assert not is_animatediff(tensors)
    again = as_diffusers({f"module.{name}": value for name, value in original.items()})
    assert again.keys() == tensors.keys()
    # One attention, as in SparseCtrl.
    assert len(as_animatediff({f"{STEM}.{BLOCK}.pos_embed.pe": pe})) == 1
    original[tables[1]] += 0.1
    with pytest.raises(ValueError, match=r"attention_blocks\.1\.pos_encoder\.pe' is there twice, with other numbers"):
        as_diffusers(original)
