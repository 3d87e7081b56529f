"""The motion module: temporal attention after every block of a frozen image UNet (AnimateDiff, Guo et al. 2024)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers import MotionAdapter, SparseControlNetModel, UNet2DConditionModel, UNetMotionModel
from diffusers.models.unets.unet_motion_model import AnimateDiffTransformer3D
from torch import Tensor, nn

from underpaint.models.adapter_file import read_adapter
from underpaint.models.attention import fold_places, split_attention
from underpaint.models.record import Record
from underpaint.models.seeding import seeded
from underpaint.models.weights import load_with_record, one_line, quiet, save_model

# `train_only(model, MOTION)` is the motion stage: what the names of its parameters contain.
MOTION = ".motion_modules."
# What UNetMotionModel takes for granted: with another value it would be built all the same, and compute something else.
_TAKEN_FOR_GRANTED: dict[str, Any] = {
    "act_fn": "silu",
    "class_embed_type": None,
    "dual_cross_attention": False,
    "flip_sin_to_cos": True,
    "freq_shift": 0,
    "mid_block_type": "UNetMidBlock2DCrossAttn",
    "num_class_embeds": None,
    "only_cross_attention": False,
    "resnet_time_scale_shift": "default",
    "time_embedding_type": "positional",
    "upcast_attention": False,
}


def zero_output(module: nn.Module) -> None:
    """Make all motion modules inside a network the identity, by zeroing their last layers.

    AnimateDiff starts so (`zero_initialize`); diffusers doesn't, and its fresh modules garble every frame.
    """
    for part in module.modules():
        if isinstance(part, AnimateDiffTransformer3D):
            nn.init.zeros_(part.proj_out.weight)
            nn.init.zeros_(part.proj_out.bias)


def check_unet(unet: UNet2DConditionModel) -> None:
    """Raise ValueError for an image UNet that diffusers can't turn into a motion model that equals it."""
    for key, expected in _TAKEN_FOR_GRANTED.items():
        value = unet.config.get(key, expected)
        if value != expected:
            raise ValueError(f"a UNet with {key}={value!r} can't take a motion module, only one with {expected!r}")


def check_heads(unet: UNet2DConditionModel, heads: int) -> None:
    """Raise ValueError unless the width of every block can be split into `heads`."""
    if any(width % heads for width in unet.config.block_out_channels):
        raise ValueError(f"{heads} heads don't divide the UNet's widths {tuple(unet.config.block_out_channels)}")


def check_frames(module: MotionAdapter | SparseControlNetModel, frames: int) -> None:
    """Raise ValueError if a sequence is longer than a motion module or replication network was built for."""
    longest = module.config.motion_max_seq_length
    if frames > longest:
        raise ValueError(f"{frames} frames are more than the {longest} that a {type(module).__name__} was built for")


def new_motion_adapter(
    unet: UNet2DConditionModel, *, frames_max: int = 32, heads: int = 8, middle: bool = True, seed: int = 0
) -> MotionAdapter:
    """A motion module for a UNet that changes nothing until it is trained.

    Args:
        unet: the image model; not altered.
        frames_max: longest sequence it can take. 32 is AnimateDiff v3's; longer ones only cost a table of positions.
        heads: attention heads; 8 is AnimateDiff's.
        middle: have a module in the middle block too, as AnimateDiff v2.
        seed: of its weights. The global random state isn't touched.

    Raises:
        ValueError: the UNet's kind isn't supported, or `heads` doesn't divide its widths.
    """
    check_unet(unet)
    check_heads(unet, heads)
    with seeded(seed):
        adapter = MotionAdapter(
            block_out_channels=tuple(unet.config.block_out_channels),
            motion_layers_per_block=unet.config.layers_per_block,
            motion_num_attention_heads=heads,
            motion_norm_num_groups=unet.config.norm_num_groups,
            motion_max_seq_length=frames_max,
            use_motion_mid_block=middle,
        )
    zero_output(adapter)
    return adapter


def with_motion(unet: UNet2DConditionModel, adapter: MotionAdapter, *, share: bool = False) -> UNetMotionModel:
    """Both in one model, which copies their weights: neither is altered by what is done to it.

    Args:
        unet: the image model.
        adapter: the motion module.
        share: the model takes over their very parameters instead, for whoever has no use for the two any more: what
            trains, moves or is cast in it does so in them. Of Stable Diffusion 1.5 that saves 5 GB of main memory.

    Raises:
        ValueError: the two don't fit each other.
    """
    check_unet(unet)
    ours, theirs = tuple(unet.config.block_out_channels), tuple(adapter.config.block_out_channels)
    if ours != theirs:
        raise ValueError(f"the motion module is made for a UNet of widths {theirs}, this one has {ours}")
    # diffusers would build the model with the UNet's number and say nothing.
    if unet.config.norm_num_groups != adapter.config.motion_norm_num_groups:
        raise ValueError(
            f"the motion module normalises in {adapter.config.motion_norm_num_groups} groups, "
            f"the UNet in {unet.config.norm_num_groups}"
        )
    channels = adapter.config.conv_in_channels
    if channels not in (None, unet.config.in_channels):
        raise ValueError(
            f"the motion module takes {channels} channels, as PIA's, which is shown a picture; this UNet takes "
            f"{unet.config.in_channels}"
        )
    with seeded(0), quiet():
        try:
            model = _joined(unet, adapter) if share else UNetMotionModel.from_unet2d(unet, adapter)
        except Exception as error:  # of other numbers of blocks or layers diffusers raises anything
            raise ValueError(f"the motion module doesn't fit this UNet: {one_line(error)}") from error
    joined: UNetMotionModel = model.train(unet.training)
    split_attention(joined)
    fold_places(joined)
    return joined


def _joined(unet: UNet2DConditionModel, adapter: MotionAdapter) -> UNetMotionModel:
    """`UNetMotionModel.from_unet2d` without a copy; the parts of a model are called as in the two."""
    with torch.device("meta"):
        model = UNetMotionModel.from_unet2d(unet, adapter, load_weights=False)
    for source in (unet, adapter):
        for name, value in [*source.named_parameters(), *source.named_buffers()]:
            part, _, leaf = name.rpartition(".")
            setattr(model.get_submodule(part), leaf, value)
    left = [name for name, value in model.state_dict().items() if value.is_meta]
    if left:
        raise ValueError(f"{len(left)} weights have no source, {left[0]} for one")
    return model


def motion_of(model: UNetMotionModel) -> MotionAdapter:
    """A copy in float32 of the motion module inside a model, as it is now.

    `UNetMotionModel.save_motion_modules` would forget how many layers each module has.
    """
    config = model.config
    with seeded(0):
        adapter = MotionAdapter(
            block_out_channels=tuple(config.block_out_channels),
            motion_layers_per_block=config.layers_per_block,
            motion_transformer_layers_per_block=config.temporal_transformer_layers_per_block,
            motion_transformer_layers_per_mid_block=config.temporal_transformer_layers_per_mid_block,
            motion_num_attention_heads=config.motion_num_attention_heads,
            motion_norm_num_groups=config.norm_num_groups,
            motion_max_seq_length=config.motion_max_seq_length,
            use_motion_mid_block=config.use_motion_mid_block,
        )
    adapter.load_state_dict({name: value for name, value in model.state_dict().items() if MOTION in name})
    return adapter


def repeat_text(text_BLD: Tensor, frames: int) -> Tensor:
    """One row of text states for each frame, (B, L, D) -> (B * frames, L, D), as motion models expect them."""
    return text_BLD.repeat_interleave(frames, dim=0)


def save_motion_adapter(folder: Path, adapter: MotionAdapter, record: Record) -> None:
    """Save a motion module so that `MotionAdapter.from_pretrained(folder)` loads it, with its record."""
    assert record.kind == "motion", record.kind
    save_model(folder, adapter, record)


def load_motion_adapter(source: str | Path, dtype: torch.dtype = torch.float32) -> tuple[MotionAdapter, Record | None]:
    """Load a motion module from a folder, a file of any layout or the hub, with its record if it has one.

    Raises:
        ValueError: nothing there that is a motion module.
    """
    if Path(source).is_file():
        return read_adapter(MotionAdapter, Path(source), dtype)
    return load_with_record(MotionAdapter, source, dtype)
