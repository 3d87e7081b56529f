"""Bases of Stable Diffusion 1.5's shape but thin, and checkpoints in its own layout, as they are on Civitai.

The renamings are those of diffusers' scripts/convert_diffusers_to_original_stable_diffusion.py, which no package ships.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

LEVELS = 4
_UNET = {
    "time_embedding.linear_1.": "time_embed.0.",
    "time_embedding.linear_2.": "time_embed.2.",
    "conv_in.": "input_blocks.0.0.",
    "conv_norm_out.": "out.0.",
    "conv_out.": "out.2.",
    "mid_block.resnets.0.": "middle_block.0.",
    "mid_block.attentions.0.": "middle_block.1.",
    "mid_block.resnets.1.": "middle_block.2.",
    **{f"down_blocks.{i}.resnets.{j}.": f"input_blocks.{3 * i + j + 1}.0." for i in range(LEVELS) for j in range(2)},
    **{f"down_blocks.{i}.attentions.{j}.": f"input_blocks.{3 * i + j + 1}.1." for i in range(3) for j in range(2)},
    **{f"down_blocks.{i}.downsamplers.0.conv.": f"input_blocks.{3 * i + 3}.0.op." for i in range(3)},
    **{f"up_blocks.{i}.resnets.{j}.": f"output_blocks.{3 * i + j}.0." for i in range(LEVELS) for j in range(3)},
    **{f"up_blocks.{i}.attentions.{j}.": f"output_blocks.{3 * i + j}.1." for i in range(1, LEVELS) for j in range(3)},
    **{f"up_blocks.{i}.upsamplers.0.": f"output_blocks.{3 * i + 2}.{2 if i else 1}." for i in range(3)},
}
_RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "time_emb_proj": "emb_layers.1",
    "conv_shortcut": "skip_connection",
}
_VAE = {
    **{f"coder.mid_block.resnets.{j}.": f"coder.mid.block_{j + 1}." for j in range(2)},
    "mid_block.attentions.0.": "mid.attn_1.",
    **{f"down_blocks.{i}.resnets.{j}.": f"down.{i}.block.{j}." for i in range(LEVELS) for j in range(2)},
    **{f"down_blocks.{i}.downsamplers.0.": f"down.{i}.downsample." for i in range(3)},
    **{f"up_blocks.{i}.resnets.{j}.": f"up.{3 - i}.block.{j}." for i in range(LEVELS) for j in range(3)},
    **{f"up_blocks.{i}.upsamplers.0.": f"up.{3 - i}.upsample." for i in range(3)},
    "conv_shortcut": "nin_shortcut",
    "conv_norm_out": "norm_out",
    "group_norm.": "norm.",
    "to_q.": "q.",
    "to_k.": "k.",
    "to_v.": "v.",
    "to_out.0.": "proj_out.",
}


def thin_sd_base(seed: int = 1) -> Any:
    """A base of Stable Diffusion 1.5's blocks, for pictures of 64 px, with nano's text encoder and a few widths."""
    import dataclasses

    from diffusers import AutoencoderKL, UNet2DConditionModel

    from underpaint.models.nano import build_nano
    from underpaint.models.noise import NoiseSchedule
    from underpaint.models.seeding import seeded

    nano = build_nano(seed=seed)
    with seeded(seed):
        unet = UNet2DConditionModel(
            sample_size=8, block_out_channels=(8, 16, 16, 16), cross_attention_dim=128, norm_num_groups=4,
            attention_head_dim=2,
        )  # fmt: skip
        vae = AutoencoderKL(
            down_block_types=("DownEncoderBlock2D",) * LEVELS, up_block_types=("UpDecoderBlock2D",) * LEVELS,
            block_out_channels=(4, 4, 8, 8), layers_per_block=2, norm_num_groups=4, sample_size=64,
        )  # fmt: skip
    noise = NoiseSchedule(beta_schedule="scaled_linear")
    return dataclasses.replace(nano, name="thin", vae=vae.eval(), unet=unet.eval(), noise=noise)


def _renamed(name: str, table: Iterable[tuple[str, str]]) -> str:
    for ours, theirs in table:
        name = name.replace(ours, theirs)
    return name


def original_vae(vae: Any) -> dict[str, Tensor]:
    """The weights of an autoencoder in the original layout, as in a file of its own."""
    renamed = {_renamed(name, _VAE.items()): value for name, value in vae.state_dict().items()}
    # Its attention is of 1x1 convolutions there.
    is_matrix = {name for name, value in renamed.items() if ".attn_1." in name and value.ndim == 2}
    return {name: value[:, :, None, None] if name in is_matrix else value for name, value in renamed.items()}


def original_base(base: Any) -> dict[str, Tensor]:
    """The weights of a whole base in the original layout."""
    found = {f"first_stage_model.{name}": value for name, value in original_vae(base.vae).items()}
    for name, value in base.unet.state_dict().items():
        other = _renamed(name, _RESNET.items()) if ".resnets." in name else name
        for ours, theirs in _UNET.items():
            if other.startswith(ours):
                other = theirs + other.removeprefix(ours)
                break
        found[f"model.diffusion_model.{other}"] = value
    for name, value in base.text_encoder.state_dict().items():
        found[f"cond_stage_model.transformer.text_model.{name.removeprefix('text_model.')}"] = value
    return found


def write_file(path: Path, tensors: dict[str, Tensor], dtype: torch.dtype = torch.float16) -> Path:
    """Write tensors as a .safetensors file of a dtype."""
    save_file({name: value.to(dtype).contiguous() for name, value in tensors.items()}, path)
    return path


def write_kinds(folder: Path) -> Path:
    """Write a thin base in float16 numbers as folder/, fp16/ and file.safetensors, and vae.safetensors alone."""
    from diffusers import StableDiffusionPipeline

    from underpaint.models.loading import save_base

    base = thin_sd_base()
    for part in (base.vae, base.unet, base.text_encoder):
        part.half().float()
    save_base(folder / "folder", base)
    pipeline = StableDiffusionPipeline.from_pretrained(folder / "folder", use_safetensors=True)
    pipeline.save_pretrained(folder / "fp16", variant="fp16")
    write_file(folder / "file.safetensors", original_base(base))
    write_file(folder / "vae.safetensors", original_vae(base.vae))
    return folder
