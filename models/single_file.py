"""A base in one file, as other programs share it: Stable Diffusion's own layout, read without asking the hub."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from torch import Tensor
from transformers import CLIPTextConfig, CLIPTextModel

from underpaint.models.finite import check_finite
from underpaint.models.weights import one_line, quiet, read_tensors
from underpaint.texts import printable

# Configs and tokenizer of Stable Diffusion 1.5, see its README.md.
SD15 = Path(__file__).parent / "sd15"
# What the names of the weights begin with, in a checkpoint of Stable Diffusion 1.x.
_UNET, _TEXT, _VAE = "model.diffusion_model.", "cond_stage_model.transformer.", "first_stage_model."
# The same of other models.
_OTHERS = {
    "conditioner.embedders.": "a Stable Diffusion XL",
    "cond_stage_model.model.": "a Stable Diffusion 2.x",
    "model.diffusion_model.joint_blocks.": "a Stable Diffusion 3",
    "model.diffusion_model.double_blocks.": "a Flux",
}
# Names by which ComfyUI, too, knows that a checkpoint predicts v, and that its last timestep is noise alone.
_PREDICTS_V, _ZERO_SNR = "v_pred", "ztsnr"


def read_checkpoint(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a checkpoint of Stable Diffusion 1.x, as they are stored.

    Raises:
        ValueError: a pickle, a damaged file, or another model; says which.
    """
    tensors, _ = read_tensors(path)
    for start, model in _OTHERS.items():
        if any(name.startswith(start) for name in tensors):
            raise ValueError(f"base {path} is {model} checkpoint; one of Stable Diffusion 1.x is needed")
    for start, part in ((_UNET, "UNet"), (_TEXT, "text encoder")):
        if not any(name.startswith(start) for name in tensors):
            first = printable(min(tensors, default="none")[:80])
            raise ValueError(
                f"base {path} is no Stable Diffusion checkpoint: it has no {part}, whose weights are called "
                f"{start}..., but {first}; give a whole checkpoint"
            )
    return tensors


def predicts(tensors: Mapping[str, Tensor]) -> dict[str, Any]:
    """Return what a checkpoint says of its noise schedule, as fields of NoiseSchedule."""
    told: dict[str, Any] = {"prediction": "v_prediction"} if _PREDICTS_V in tensors else {}
    return told | ({"zero_terminal_snr": True} if _ZERO_SNR in tensors else {})


def unet_of(tensors: Mapping[str, Tensor], configs: Path, path: Path, dtype: torch.dtype) -> UNet2DConditionModel:
    """Return the UNet of a checkpoint; `configs` is a folder like SD15, and `path` is named in messages.

    Raises:
        ValueError: weights that are missing, of other shapes than the config's, or not finite.
    """
    return _converted(UNet2DConditionModel, tensors, configs, "unet", path, dtype)


def vae_of(tensors: Mapping[str, Tensor], configs: Path, path: Path) -> AutoencoderKL:
    """Return the autoencoder of a checkpoint, or of a file that holds nothing else, in float32; see `unet_of`."""
    return _converted(AutoencoderKL, tensors, configs, "vae", path, torch.float32)


def has_vae(tensors: Mapping[str, Tensor]) -> bool:
    """Return whether a checkpoint has an autoencoder; those that are pruned hard have none."""
    return any(name.startswith(_VAE) for name in tensors)


def text_encoder_of(tensors: Mapping[str, Tensor], configs: Path, path: Path, dtype: torch.dtype) -> CLIPTextModel:
    """Return the text encoder of a checkpoint; see `unet_of`."""
    # Not by diffusers, whose function for it is its own. `text_model.` comes and goes with releases of transformers.
    own = {name.removeprefix(_TEXT): value for name, value in tensors.items() if name.startswith(_TEXT)}
    own = {name.removeprefix("text_model."): value for name, value in own.items() if not name.endswith("position_ids")}
    try:
        encoder = CLIPTextModel(CLIPTextConfig.from_pretrained(str(configs), subfolder="text_encoder"))
        getattr(encoder, "text_model", encoder).load_state_dict(own)
    except Exception as error:  # of a damaged config transformers raises anything
        raise ValueError(_unfit(path, "text encoder", configs, error)) from error
    check_finite(encoder.state_dict(), f"{path} (text encoder)")
    ready: CLIPTextModel = encoder.to(dtype)
    return ready


def _converted(
    kind: Any, tensors: Mapping[str, Tensor], configs: Path, subfolder: str, path: Path, dtype: torch.dtype
) -> Any:
    """A network by diffusers' own converter."""
    try:
        with quiet():
            model = kind.from_single_file(
                dict(tensors), config=str(configs), subfolder=subfolder, local_files_only=True, torch_dtype=dtype
            )
    except NotImplementedError as error:  # what isn't given stays without storage, and can't be cast
        raise ValueError(f"{path} lacks weights of its {kind.__name__}: download it again, it isn't whole") from error
    except Exception as error:  # of what doesn't fit diffusers raises anything
        raise ValueError(_unfit(path, kind.__name__, configs, error)) from error
    check_finite(model.state_dict(), f"{path} ({kind.__name__})")
    return model.eval()


def _unfit(path: Path, part: str, configs: Path, error: Exception) -> str:
    reason = one_line(error).partition(". If you want to instead")[0]  # advice to programmers, and a link
    return f"{path} holds no {part} that fits the configs in {configs}: {reason}; --base-config names others"
