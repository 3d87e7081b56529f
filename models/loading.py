"""Loading and saving a base: nano, a diffusers folder or a model on the hub."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

from underpaint.models.base import Base
from underpaint.models.nano import build_nano
from underpaint.models.noise import NoiseSchedule, schedule_of
from underpaint.models.weights import load_model

_PIPELINE = "StableDiffusionPipeline"
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


def load_base(name: str | Path, *, seed: int = 0) -> Base:
    """Load a base in float32, on the CPU, in evaluation mode.

    Args:
        name: `nano`, a folder of a diffusers StableDiffusionPipeline, or the id of one on the Hugging Face hub.
        seed: of nano's weights, which are new; no other base draws anything.

    Raises:
        ValueError: there is no such folder or model, it is another kind of model, or a part is missing or damaged.
    """
    if name == "nano":
        return build_nano(seed=seed)
    if Path(name).is_dir():
        _check_folder(Path(name))
    elif not _HUB_ID.fullmatch(str(name)):
        raise ValueError(f"base {str(name)!r} is neither 'nano' nor a folder nor a hub id such as 'owner/model'")
    noise = _load_schedule(name)
    return Base(
        name=str(name),
        vae=load_model(AutoencoderKL, name, subfolder="vae").eval(),
        tokenizer=_load_part(CLIPTokenizer, name, "tokenizer"),
        text_encoder=_load_part(CLIPTextModel, name, "text_encoder", use_safetensors=True).float().eval(),
        unet=load_model(UNet2DConditionModel, name, subfolder="unet").eval(),
        noise=noise,
    )


def save_base(folder: Path, base: Base) -> None:
    """Save a base as an ordinary diffusers folder: `StableDiffusionPipeline.from_pretrained(folder)` loads it."""
    pipeline = StableDiffusionPipeline(
        vae=base.vae,
        text_encoder=base.text_encoder,
        tokenizer=base.tokenizer,
        unet=base.unet,
        scheduler=base.noise.scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(str(folder), safe_serialization=True)
    # transformers 5 writes a tokenizer.json alone, which earlier releases of CLIPTokenizer don't read.
    backend = getattr(base.tokenizer, "backend_tokenizer", None)
    if backend is not None:
        backend.model.save(str(folder / "tokenizer"))


def _check_folder(folder: Path) -> None:
    index = folder / "model_index.json"
    if not index.is_file():
        raise ValueError(f"base folder {folder} has no model_index.json: it is not a saved diffusers pipeline")
    kind = json.loads(index.read_bytes()).get("_class_name")
    if kind != _PIPELINE:
        raise ValueError(f"base folder {folder} holds a {kind}; a {_PIPELINE} (Stable Diffusion 1.x) is needed")


def _load_part(kind: Any, name: str | Path, subfolder: str, **options: Any) -> Any:
    """Load one of the parts that transformers owns."""
    try:
        return kind.from_pretrained(str(name), subfolder=subfolder, **options)
    # Whatever is missing or damaged, transformers may raise anything; the message keeps its words.
    except Exception as error:
        raise ValueError(f"base {name} has no {subfolder} that can be loaded: {error}") from error


def _load_schedule(name: str | Path) -> NoiseSchedule:
    try:
        config = DDIMScheduler.load_config(str(name), subfolder="scheduler")
    except OSError as error:
        where = "has no scheduler" if Path(name).is_dir() else "is neither a folder nor a model on the hub"
        raise ValueError(f"base {name} {where} that can be loaded: {error}") from error
    assert isinstance(config, dict)
    return schedule_of(config)
