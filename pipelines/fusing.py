"""LoRAs at chosen weights, fused into the networks before they paint."""

from __future__ import annotations

import logging
from pathlib import Path

from diffusers import UNetMotionModel
from transformers import CLIPTextModel

from underpaint.models import NoiseSchedule, check_record
from underpaint.models.lora import kinds_of
from underpaint.models.lora_file import LoraFile, fuse, read_lora

_logger = logging.getLogger(__name__)


def fuse_lora(
    unet: UNetMotionModel,
    text_encoder: CLIPTextModel,
    path: Path,
    weight: float,
    *,
    base: str,
    architecture: str,
    noise: NoiseSchedule,
) -> None:
    """Fuse a LoRA into the weights of a UNet and a text encoder.

    Args:
        unet: altered, unless the weight is 0; in 16 bits each LoRA rounds its weights once more.
        text_encoder: altered likewise, where the LoRA has a part for it.
        path: one of what `find_lora` gives.
        weight: how much of it.
        base: `fingerprint` of the image UNet as it was loaded.
        architecture: `architecture` of it.
        noise: the schedule in use; a LoRA may have been trained with other betas.

    Raises:
        ValueError: not a LoRA, or one for a base of another architecture or prediction.
    """
    file = read_lora(path)
    if file.record:
        kind = next(iter(kinds_of(file.fitted("unet", unet))), "spatial")
        check_record(
            file.record, kind=kind, base=base, architecture=architecture, noise=noise, where=str(path), betas=False
        )
    else:
        _logger.info("%s", _described(file))
    fuse(file, {"unet": unet, "text_encoder": text_encoder}, weight)


def _described(file: LoraFile) -> str:
    """A line on a LoRA of another program, so that whoever paints with it sees how it was understood."""
    ranks = sorted({len(layer.down) for layers in file.parts.values() for layer in layers.values()})
    counts = [f"{len(layers)} layers of the {part.replace('_', ' ')}" for part, layers in sorted(file.parts.items())]
    scales = sorted({layer.scale for layers in file.parts.values() for layer in layers.values()})
    rank, scale = (f"{each[0]:g}" if len(each) == 1 else f"{each[0]:g} to {each[-1]:g}" for each in (ranks, scales))
    made_for = file.made_for or "; for which base it doesn't say"
    return f"{file.path}: a LoRA for {' and '.join(counts)}, rank {rank}, alpha / rank {scale}{made_for}"
