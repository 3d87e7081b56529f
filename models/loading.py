"""Loading and saving a base: nano, a diffusers folder or a model on the hub."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

from underpaint.hub import check_source
from underpaint.models.base import Base
from underpaint.models.finite import check_finite
from underpaint.models.nano import build_nano
from underpaint.models.noise import NoiseSchedule, schedule_of
from underpaint.models.weights import load_model, one_line
from underpaint.texts import parse_json

_PIPELINE = "StableDiffusionPipeline"


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
    check_source("base", str(name), "'nano', a folder that diffusers saved, or a hub id such as owner/model")
    if Path(name).is_dir():
        _check_folder(Path(name))
    noise = _load_schedule(name)
    base = Base(
        name=str(name),
        vae=load_model(AutoencoderKL, name, subfolder="vae").eval(),
        tokenizer=_load_part(CLIPTokenizer, name, "tokenizer"),
        text_encoder=_load_text_encoder(name),
        unet=load_model(UNet2DConditionModel, name, subfolder="unet").eval(),
        noise=noise,
    )
    _check_parts(base)
    return base


def _load_text_encoder(name: str | Path) -> CLIPTextModel:
    options = {"use_safetensors": True, "output_loading_info": True}
    loaded, info = _load_part(CLIPTextModel, name, "text_encoder", **options)
    # transformers fills up with random numbers what is missing, or of another shape.
    if missing := [key for key in info["missing_keys"] if not key.endswith("position_ids")]:
        raise ValueError(f"base {name} lacks {len(missing)} weights of its text_encoder, {min(missing)} among them")
    check_finite(loaded.state_dict(), f"{name}/text_encoder")
    encoder: CLIPTextModel = loaded.float().eval()
    return encoder


def _check_parts(base: Base) -> None:
    """Raise ValueError unless the parts of a folder fit each other, as those of a Stable Diffusion 1.x do."""
    unet, vae, text = base.unet.config, base.vae.config, base.text_encoder.config
    pairs = {
        "the UNet attends to states of {} numbers, the text encoder has {}": (
            unet.cross_attention_dim,
            text.hidden_size,
        ),
        "the UNet takes latents of {} channels, the autoencoder has {}": (unet.in_channels, vae.latent_channels),
        "the UNet takes {} channels and puts out {}": (unet.in_channels, unet.out_channels),
    }
    for words, (one, other) in pairs.items():
        if one != other:
            raise ValueError(f"the parts of base {base.name} don't fit each other: {words.format(one, other)}")
    scale = vae.scaling_factor
    if isinstance(scale, bool) or not isinstance(scale, (int, float)) or not 0 < scale < math.inf:
        raise ValueError(f"base {base.name}: its autoencoder's scaling_factor is {scale!r}, a number above 0 is needed")
    if not isinstance(unet.sample_size, int):
        raise ValueError(f"base {base.name}: its UNet's sample_size is {unet.sample_size!r}, a number is needed")
    if len(base.tokenizer) > text.vocab_size:
        raise ValueError(
            f"base {base.name}: its tokenizer has {len(base.tokenizer)} tokens, its text encoder {text.vocab_size}"
        )
    # Some tokenizers don't say how long a text may be; what is longer than the encoder's table has no place in it.
    base.tokenizer.model_max_length = min(base.tokenizer.model_max_length, text.max_position_embeddings)


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
    try:
        content = parse_json(index.read_bytes())
    except ValueError as error:
        raise ValueError(f"base folder {folder}: model_index.json can't be read: {one_line(error)}") from error
    kind = content.get("_class_name") if isinstance(content, dict) else type(content).__name__
    if kind != _PIPELINE:
        raise ValueError(f"base folder {folder} holds a {kind}; a {_PIPELINE} (Stable Diffusion 1.x) is needed")


def _load_part(kind: Any, name: str | Path, subfolder: str, **options: Any) -> Any:
    """Load one of the parts that transformers owns."""
    try:
        return kind.from_pretrained(str(name), subfolder=subfolder, **options)
    # Whatever is missing or damaged, transformers may raise anything; the message keeps its words.
    except Exception as error:
        raise ValueError(f"base {name} has no {subfolder} that can be loaded: {one_line(error)}") from error


def _load_schedule(name: str | Path) -> NoiseSchedule:
    try:
        config = DDIMScheduler.load_config(str(name), subfolder="scheduler")
    except Exception as error:  # see above
        where = "has no scheduler" if Path(name).is_dir() else "is neither a folder nor a model on the hub"
        raise ValueError(f"base {name} {where} that can be loaded: {one_line(error)}") from error
    if not isinstance(config, dict):
        raise ValueError(f"base {name} has no scheduler that can be loaded: its config is a {type(config).__name__}")
    try:
        return schedule_of(config)
    except (ValueError, TypeError) as error:
        raise ValueError(f"base {name} has a scheduler that isn't supported: {one_line(error)}") from error
