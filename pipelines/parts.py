"""Finding the networks that paint, and whether they fit each other."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from diffusers import AutoencoderKL, MotionAdapter, SparseControlNetModel, UNetMotionModel
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
from underpaint.pipelines.loras import Lora, find_lora, fuse_lora
from underpaint.pipelines.medium import named_media
from underpaint.runs import is_run, result_of, tuned_motion

# The trained nano that lies in the package itself, see its README.md.
SHIPPED = Path(__file__).parent / "nano"
# Published motion modules say nothing of the sequences they have seen; AnimateDiff's had 16 frames.
_USUAL_WINDOW = 16
_HOW_TO_TRAIN = """leave --models out for the nano that is built in, or train one in about an hour of two cores, on a corpus of `underpaint-data generate
--renderer bezier,oil,ink,region --size 72 --frames 16 --strokes 200`:
  underpaint-train base        --config configs/nano-base.yaml        --corpus CORPUS --out {0}/base
  underpaint-train motion      --config configs/nano-motion.yaml      --corpus CORPUS --base {0}/base --out {0}/motion
  underpaint-train replication --config configs/nano-replication.yaml --corpus CORPUS --base {0}/base --motion {0}/motion --out {0}/replication
and paint with --models {0}"""  # noqa: E501, commands to be copied


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


@dataclasses.dataclass(frozen=True, kw_only=True)
class Places:
    """Where the networks are: finished runs, folders that diffusers saved, or hub ids."""

    base: str
    motion: str
    replication: str | None


def find_places(
    models: Path | None, *, base: str | None = None, motion: str | None = None, replication: str | None = None
) -> Places:
    """Find what to load: `base`, `motion` and `replication` as named, and those that aren't from the folder `models`.

    Without the folder, and unless base and motion module are named, the others are the built-in nano's.

    Raises:
        ValueError: there is no such folder, or no base or motion module; says how to train one.
    """
    if models is None and not (base and motion):
        models = SHIPPED
    if models is not None and not models.is_dir():
        raise ValueError(f"models {models} is not a folder; {_HOW_TO_TRAIN.format(models)}")
    named = {"base": base, "motion": motion, "replication": replication}
    for name in named:
        folder = (models or Path()) / name
        # A replication network that isn't finished is only missed when it is needed.
        awaited = name == "replication" and is_run(folder) and not (folder / name).is_dir()
        if named[name] is None and models is not None and folder.is_dir() and not awaited:
            named[name] = str(folder)
    if motion is None and named["replication"] and (tuned := tuned_motion(Path(named["replication"]))):
        named["motion"] = str(tuned)
    for name in ("base", "motion"):
        if named[name] is None:
            raise ValueError(f"models {models} holds no {name}/; {_HOW_TO_TRAIN.format(models)}")
    return Places(base=str(named["base"]), motion=str(named["motion"]), replication=named["replication"])


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
    network = _network(places.replication, name, noise)
    unet = with_motion(base.unet, adapter)
    for lora, found in zip(loras, files, strict=True):
        fuse_lora(unet, found, lora.weight, base=name, noise=noise)
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


def _network(place: str | None, base: str, noise: NoiseSchedule) -> SparseControlNetModel | None:
    if place is None:
        return None
    network, record = load_replication_network(result_of(place, "replication"))
    if record:
        check_record(record, kind="replication", base=base, noise=noise, where=place)
    return network


def _window(record: Record | None, adapter: MotionAdapter, network: SparseControlNetModel | None) -> int:
    longest = [int(part.config.motion_max_seq_length) for part in (adapter, network) if part is not None]
    return min(record.frames if record else _USUAL_WINDOW, *longest)
