"""A UNet like nano's, but so thin that a step takes milliseconds."""

from __future__ import annotations

from typing import Any


def thin_unet(side: int, *, seed: int) -> Any:
    """For latents of `side`; a function of the seed."""
    from diffusers import UNet2DConditionModel

    from underpaint.models.seeding import seeded

    with seeded(seed):
        unet = UNet2DConditionModel(
            sample_size=side,
            block_out_channels=(16, 16),
            down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
            layers_per_block=1,
            norm_num_groups=8,
            cross_attention_dim=128,
            attention_head_dim=2,
        )
    return unet.eval()
