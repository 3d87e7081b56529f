"""Loading the networks that paint, and whether they fit each other."""

from __future__ import annotations

import ctypes
import dataclasses
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, MotionAdapter, SparseControlNetModel, UNet2DConditionModel, UNetMotionModel
from torch import nn
from transformers import CLIPTextModel, CLIPTokenizer

from underpaint.models import (
    NoiseSchedule,
    Record,
    architecture,
    check_record,
    fingerprint,
    load_base,
    load_motion_adapter,
    load_replication_network,
    with_motion,
)
from underpaint.models.base import size_step
from underpaint.models.latents import downsampling
from underpaint.models.record import noise_beside
from underpaint.models.replication import check_network
from underpaint.pipelines.embeddings import Embedding, add_embedding, spelled
from underpaint.pipelines.fusing import fuse_lora
from underpaint.pipelines.loras import Lora, find_lora
from underpaint.pipelines.medium import named_media
from underpaint.pipelines.places import Places
from underpaint.runs import result_of

# Published motion modules say nothing of the sequences they have seen; AnimateDiff's had 16 frames.
_USUAL_WINDOW = 16


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Parts:
    """Everything that paints, on the CPU.

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
        words: of prompts, that stand for embeddings, and their tokens.
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
    words: Mapping[str, Sequence[str]]
    described: Mapping[str, Any]

    @property
    def step(self) -> int:
        """Pixels by which the side of a canvas must be divisible."""
        return size_step(self.vae, self.unet)

    def spelled(self, prompt: str) -> str:
        """Return a prompt as the tokenizer is to see it."""
        return spelled(prompt, self.words)


def load_parts(
    places: Places,
    *,
    loras: Sequence[Lora] = (),
    models: Path | None = None,
    embeddings: Sequence[Embedding] = (),
    beta_schedule: str | None = None,
    dtype: torch.dtype = torch.float32,
) -> Parts:
    """Load everything that paints, without a second copy of anything in memory.

    Args:
        places: where from.
        loras: fused into the UNet, in this order.
        models: folder in which a LoRA's name is looked up.
        embeddings: textual inversions that prompts may name.
        beta_schedule: noise schedule of a motion module that says nothing of it; `linear`, AnimateDiff's, if not given.
        dtype: of UNet and replication network.

    Raises:
        ValueError: something is missing, not finished, or made for another architecture or schedule.
    """
    files = [find_lora(lora, models) for lora in loras]
    # Fingerprints are of numbers rounded to float16, so these tell a base as well as those of float32.
    loaded = torch.float32 if dtype == torch.float32 else torch.float16
    base = load_base(result_of(places.base, "base"), vae=places.vae, configs=places.base_config, dtype=loaded)
    name, shape = fingerprint(base.unet), architecture(base.unet)
    # What is cast takes twice its memory for the time: so one network after the other. LoRAs are added before.
    early = loaded if loras else dtype
    nn.Module.to(base.unet, early)
    adapter, record = load_motion_adapter(result_of(places.motion, "motion"), loaded)
    adapter_name = fingerprint(adapter)
    nn.Module.to(adapter, early)
    noise = noise_beside(record, base.noise, places.motion, given=beta_schedule is not None)
    if beta_schedule is not None:
        noise = dataclasses.replace(noise, beta_schedule=beta_schedule)
    fits: dict[str, Any] = {"base": name, "architecture": shape, "noise": noise}
    if record:
        check_record(record, kind="motion", where=places.motion, **fits)
    unet = with_motion(base.unet, adapter, share=True)
    for lora, found in zip(loras, files, strict=True):
        for path in found:
            fuse_lora(unet, base.text_encoder, path, lora.weight, **fits)
    nn.Module.to(unet, dtype)
    network, network_name = _network(places.replication, base.unet, fits, loaded)
    parts = Parts(
        vae=base.vae,
        tokenizer=base.tokenizer,
        text_encoder=base.text_encoder,
        unet=unet,
        network=network and nn.Module.to(network, dtype),
        noise=noise,
        window=_window(record, adapter, network),
        size=record.size if record else int(base.unet.config.sample_size) * downsampling(base.vae),
        media=named_media(record.recipe) if record else (),
        words={each.word: add_embedding(base.tokenizer, base.text_encoder, each) for each in embeddings},
        described={
            "base": {"name": places.base, "fingerprint": name} | ({"vae": places.vae} if places.vae else {}),
            "motion": {"name": places.motion, "fingerprint": adapter_name},
            "replication": network and {"name": places.replication, "fingerprint": network_name},
            "loras": [dataclasses.asdict(lora) for lora in loras],
            "noise": dataclasses.asdict(noise),
        },
    )
    _release_freed()
    return parts


def _release_freed() -> None:
    """Have the C library give back what was freed: weights that are cast one by one leave 0.3 GiB of holes behind."""
    if sys.platform == "linux":
        # Other C libraries than glibc have no such function, and keep less.
        getattr(ctypes.CDLL(None), "malloc_trim", int)(0)


def _network(
    place: str | None, unet: UNet2DConditionModel, fits: Mapping[str, Any], dtype: torch.dtype
) -> tuple[SparseControlNetModel | None, str]:
    """The replication network and its fingerprint."""
    if place is None:
        return None, ""
    network, record = load_replication_network(result_of(place, "replication"), dtype)
    if record:
        check_record(record, kind="replication", where=place, **fits)
    check_network(network, unet, place)
    return network, fingerprint(network)


def _window(record: Record | None, adapter: MotionAdapter, network: SparseControlNetModel | None) -> int:
    longest = [int(part.config.motion_max_seq_length) for part in (adapter, network) if part is not None]
    return min(record.frames if record else _USUAL_WINDOW, *longest)
