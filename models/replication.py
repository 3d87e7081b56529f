"""The replication network: a sparse control network conditioned on some frames of the process (Guo et al. 2023)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers import SparseControlNetModel, UNet2DConditionModel, UNetMotionModel
from torch import Tensor

from underpaint.models.adapter_file import read_adapter
from underpaint.models.attention import fold_places
from underpaint.models.motion import MOTION, check_heads, check_unet, repeat_text, zero_output
from underpaint.models.record import Record
from underpaint.models.seeding import seeded
from underpaint.models.weights import load_with_record, one_line, save_model

_COPIED = (
    "in_channels",
    "flip_sin_to_cos",
    "freq_shift",
    "only_cross_attention",
    "block_out_channels",
    "layers_per_block",
    "downsample_padding",
    "mid_block_scale_factor",
    "act_fn",
    "norm_num_groups",
    "norm_eps",
    "cross_attention_dim",
    "transformer_layers_per_block",
    "attention_head_dim",
    "num_attention_heads",
    "use_linear_projection",
    "upcast_attention",
    "resnet_time_scale_shift",
)
_CONDITION = "controlnet_cond_embedding."
_MOTION_BLOCKS = {"CrossAttnDownBlock2D": "CrossAttnDownBlockMotion", "DownBlock2D": "DownBlockMotion"}


def new_replication_network(
    unet: UNet2DConditionModel, *, frames_max: int = 32, heads: int = 8, seed: int = 0
) -> SparseControlNetModel:
    """A replication network that starts as the UNet's encoder and has no effect until it is trained.

    The condition is latents of the conditioning frames and a mask, through one convolution, SparseCtrl's encoder. It
    starts as the UNet's own first one: so the copied encoder sees latents as it is used to from its first step, where
    SparseCtrl's starts from zeros. Only the outputs are zero. The network is built by its constructor:
    `SparseControlNetModel.from_unet` rewrites the UNet's own config, and forgets the number of heads and of frames.

    Args:
        unet: the image model; not altered.
        frames_max: longest sequence it can take.
        heads: attention heads between frames; 8 is AnimateDiff's.
        seed: of the weights that are new. The global random state isn't touched.

    Raises:
        ValueError: the UNet's kind isn't supported, or `heads` doesn't divide its widths.
    """
    check_unet(unet)
    check_heads(unet, heads)
    with seeded(seed):
        network = SparseControlNetModel(
            **{key: _plain(unet.config[key]) for key in _COPIED},
            down_block_types=tuple(_motion_block(kind) for kind in unet.config.down_block_types),
            conditioning_channels=unet.config.in_channels,
            motion_max_seq_length=frames_max,
            motion_num_attention_heads=heads,
        )
    zero_output(network)
    _copy_encoder(unet, network)
    fold_places(network)
    return network.train(unet.training)


def _plain(value: Any) -> Any:
    """Lists become tuples, so that nothing is shared with the UNet's config."""
    return tuple(value) if isinstance(value, list) else value


def _motion_block(kind: str) -> str:
    if kind not in _MOTION_BLOCKS:
        raise ValueError(f"a UNet with a {kind} can't have a replication network, only {', '.join(_MOTION_BLOCKS)}")
    return _MOTION_BLOCKS[kind]


def _copy_encoder(unet: UNet2DConditionModel, network: SparseControlNetModel) -> None:
    for part in ("conv_in", "time_embedding", "down_blocks", "mid_block"):
        target = getattr(network, part)
        missing, unexpected = target.load_state_dict(getattr(unet, part).state_dict(), strict=False)
        assert not unexpected, unexpected
        assert all(MOTION in f".{name}" for name in missing), missing
    with torch.no_grad():
        # The mask is the channel after the latents', and stays without effect at first.
        network.controlnet_cond_embedding.weight[:, : unet.config.in_channels].copy_(unet.conv_in.weight)


def condition(latents_BCFHW: Tensor, conditioning_BF: Tensor) -> tuple[Tensor, Tensor]:
    """Return what the network sees of a process: its conditioning frames, and a mask that says which they are.

    Args:
        latents_BCFHW: scaled latents of all frames; those that aren't conditioning frames may hold anything finite.
        conditioning_BF: bool, which frames of each process are conditioning frames.

    Returns:
        Latents (B, C, F, H, W), zero outside the conditioning frames, and the mask (B, 1, F, H, W) of 0 and 1.
    """
    chosen = conditioning_BF[:, None, :, None, None].to(latents_BCFHW)
    mask = chosen.expand(-1, -1, -1, *latents_BCFHW.shape[-2:]).contiguous()
    return latents_BCFHW * chosen, mask


def residuals(
    network: SparseControlNetModel,
    noisy_BCFHW: Tensor,
    timesteps_B: Tensor,
    text: Tensor,
    conditioning: tuple[Tensor, Tensor],
    scale: float = 1.0,
) -> dict[str, Any]:
    """What the network adds to the UNet: `unet(noisy, steps, text, **residuals(...))`.

    Args:
        network: the replication network.
        noisy_BCFHW: noisy latents; the network looks at their shape only, by design.
        timesteps_B: int64 (B,).
        text: (B * F, L, D), see `motion.repeat_text`.
        conditioning: what `condition` returned.
        scale: strength of the effect.
    """
    down, middle = network(
        noisy_BCFHW,
        timesteps_B,
        encoder_hidden_states=text,
        controlnet_cond=conditioning[0],
        conditioning_mask=conditioning[1],
        conditioning_scale=scale,
        return_dict=False,
    )
    return {"down_block_additional_residuals": down, "mid_block_additional_residual": middle}


def denoise(
    unet: UNetMotionModel,
    noisy_BCFHW: Tensor,
    timesteps_B: Tensor,
    text_BLD: Tensor,
    network: SparseControlNetModel | None = None,
    conditioning: tuple[Tensor, Tensor] | None = None,
    scale: float = 1.0,
) -> Tensor:
    """Return the motion model's output, (B, C, F, H, W), with the effect of a replication network if one is given."""
    text = repeat_text(text_BLD, noisy_BCFHW.shape[2])
    extra: dict[str, Any] = {}
    if network is not None:
        assert conditioning is not None, "a replication network needs a condition"
        extra = residuals(network, noisy_BCFHW, timesteps_B, text, conditioning, scale)
    output: Tensor = unet(noisy_BCFHW, timesteps_B, text, return_dict=False, **extra)[0]
    return output


def seeing_latents(network: SparseControlNetModel, unet: UNet2DConditionModel, where: str) -> SparseControlNetModel:
    """Return a network to train on: itself, if it is conditioned on latents and a mask, as SparseCtrl's rgb network is.

    Of one that sees pictures, as SparseCtrl's scribble network, the first layers of the condition alone are new: they
    start as those of a new network.

    Raises:
        ValueError: it doesn't fit the UNet.
    """
    if _sees_latents(network, unet):
        check_network(network, unet, where)
        return network
    _check_residuals(network, unet, where)
    config = network.config
    made = new_replication_network(
        unet, frames_max=config.motion_max_seq_length, heads=config.motion_num_attention_heads
    )
    kept = {name: value for name, value in network.state_dict().items() if not name.startswith(_CONDITION)}
    try:
        missing, unexpected = made.load_state_dict(kept, strict=False)
    except RuntimeError as error:  # other shapes
        raise ValueError(f"{where} doesn't fit this UNet: {one_line(error)}") from error
    if unexpected or any(not name.startswith(_CONDITION) for name in missing):
        raise ValueError(f"{where} doesn't fit this UNet: it has other layers")
    return made


def _sees_latents(network: SparseControlNetModel, unet: UNet2DConditionModel) -> bool:
    config = network.config
    same = config.conditioning_channels == unet.config.in_channels
    return bool(same and network.use_simplified_condition_embedding and network.config.concat_conditioning_mask)


def check_network(network: SparseControlNetModel, unet: UNet2DConditionModel, where: str) -> None:
    """Raise ValueError unless a network's residuals fit a UNet, and its condition is latents and a mask."""
    _check_residuals(network, unet, where)
    if not _sees_latents(network, unet):
        raise ValueError(
            f"{where} is conditioned on pictures, or without a mask: one that sees latents and a mask is needed"
        )


def _check_residuals(network: SparseControlNetModel, unet: UNet2DConditionModel, where: str) -> None:
    for key in ("block_out_channels", "layers_per_block", "cross_attention_dim", "in_channels"):
        theirs, ours = _plain(network.config[key]), _plain(unet.config[key])
        if theirs != ours:
            raise ValueError(f"{where} is made for a UNet of {key} {theirs}, this one has {ours}")


def save_replication_network(folder: Path, network: SparseControlNetModel, record: Record) -> None:
    """Save a network so that `SparseControlNetModel.from_pretrained(folder)` loads it, with its record."""
    assert record.kind == "replication", record.kind
    save_model(folder, network, record)


def load_replication_network(
    source: str | Path, dtype: torch.dtype = torch.float32
) -> tuple[SparseControlNetModel, Record | None]:
    """Load a replication network from a folder, a file of any layout or the hub, with its record if it has one.

    Raises:
        ValueError: nothing there that is a sparse control network.
    """
    if Path(source).is_file():
        network, record = read_adapter(SparseControlNetModel, Path(source), dtype)
    else:
        network, record = load_with_record(SparseControlNetModel, source, dtype)
    fold_places(network)
    return network, record
