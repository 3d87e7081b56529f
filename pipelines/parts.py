"""Loading the networks that paint, and whether they fit each other."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from diffusers import AutoencoderKL, MotionAdapter, SparseControlNetModel, UNet2DConditionModel, UNetMotionModel
from transformers import CLIPTextModel, CLIPTokenizer

from underpaint.models import (
    NoiseSchedule,
    Record,
    check_record,
    fingerprint,
    load_base,
    load_motion_adapter,
    load_replication_network,
    with_motion,
)
from underpaint.models.latents import downsampling
from underpaint.models.replication import check_network
from underpaint.pipelines.fusing import fuse_lora
from underpaint.pipelines.loras import Lora, find_lora
from underpaint.pipelines.medium import named_media
from underpaint.pipelines.places import Places
from underpaint.runs import result_of

# Published motion modules say nothing of the sequences they have seen; AnimateDiff's had 16 frames.
_USUAL_WINDOW = 16


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Parts:
    """Everything that paints, in float32 on the CPU.

    Attributes:
        vae: the autoencoder.
        tokenizer: text to token numbers.
        text_encoder: token numbers to states.
        unet: with its motion module, and the LoRAs fused.
        network: the replication network, if there is one.
        noise: the schedule that the motion module was trained with.
        window: how many frames it was trained with.
        size: side in pixels of the frames that it was trained with.
        media: names that prompts can begin with, as the captions of training did; none if they named none.
        described: names and fingerprints, JSON values.
    """

    vae: AutoencoderKL
    tokenizer: CLIPTokenizer
    text_encoder: CLIPTextModel
    unet: UNetMotionModel
    network: SparseControlNetModel | None
    noise: NoiseSchedule
    window: int
    size: int
    media: tuple[str, ...]
    described: Mapping[str, Any]

    @property
    def step(self) -> int:
        """Pixels by which the side of a canvas must be divisible."""
        return int(downsampling(self.vae) * 2 ** (len(self.unet.config.block_out_channels) - 1))


def load_parts(
    places: Places, *, loras: Sequence[Lora] = (), models: Path | None = None, beta_schedule: str | None = None
) -> Parts:
    """Load everything that paints.

    Args:
        places: where from.
        loras: fused into the UNet, in this order.
        models: folder in which a LoRA's name is looked up.
        beta_schedule: noise schedule of a motion module that says nothing of it: `linear` for AnimateDiff's.

    Raises:
        ValueError: something is missing, not finished, or trained on another base or schedule.
    """
    files = [find_lora(lora, models) for lora in loras]
    base = load_base(result_of(places.base, "base"))
    name = fingerprint(base.unet)
    adapter, record = load_motion_adapter(result_of(places.motion, "motion"))
    noise = record.noise if record else base.noise
    if beta_schedule is not None:
        noise = dataclasses.replace(noise, beta_schedule=beta_schedule)
    if record:
        check_record(record, kind="motion", base=name, noise=noise, where=places.motion)
    network = _network(places.replication, base.unet, name, noise)
    unet = with_motion(base.unet, adapter)
    for lora, found in zip(loras, files, strict=True):
        for path in found:
            fuse_lora(unet, base.text_encoder, path, lora.weight, base=name, noise=noise)
    return Parts(
        vae=base.vae,
        tokenizer=base.tokenizer,
        text_encoder=base.text_encoder,
        unet=unet,
        network=network,
        noise=noise,
        window=_window(record, adapter, network),
        size=record.size if record else int(base.unet.config.sample_size) * downsampling(base.vae),
        media=named_media(record.recipe) if record else (),
        described={
            "base": {"name": places.base, "fingerprint": name},
            "motion": {"name": places.motion, "fingerprint": fingerprint(adapter)},
            "replication": network and {"name": places.replication, "fingerprint": fingerprint(network)},
            "loras": [dataclasses.asdict(lora) for lora in loras],
            "noise": dataclasses.asdict(noise),
        },
    )


def _network(
    place: str | None, unet: UNet2DConditionModel, base: str, noise: NoiseSchedule
) -> SparseControlNetModel | None:
    if place is None:
        return None
    network, record = load_replication_network(result_of(place, "replication"))
    if record:
        check_record(record, kind="replication", base=base, noise=noise, where=place)
    check_network(network, unet, place)
    return network


def _window(record: Record | None, adapter: MotionAdapter, network: SparseControlNetModel | None) -> int:
    longest = [int(part.config.motion_max_seq_length) for part in (adapter, network) if part is not None]
    return min(record.frames if record else _USUAL_WINDOW, *longest)
