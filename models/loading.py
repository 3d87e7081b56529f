"""Loading and saving a base: nano, a diffusers folder, a model on the hub or a checkpoint in one file."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

from underpaint.hub import VAE, check_base_config, check_hub, check_source
from underpaint.models.base import Base
from underpaint.models.finite import check_finite
from underpaint.models.folders import variant_of
from underpaint.models.nano import build_nano
from underpaint.models.nano_names import is_nano
from underpaint.models.noise import NoiseSchedule, schedule_of
from underpaint.models.single_file import SD15, has_vae, predicts, read_checkpoint, text_encoder_of, unet_of, vae_of
from underpaint.models.weights import load_model, one_line, read_tensors
from underpaint.texts import parse_json

_PIPELINE = "StableDiffusionPipeline"
INSTEAD = (
    "'nano', 'nano-large', a folder that diffusers saved, a .safetensors checkpoint, or a hub id such as owner/model"
)


def load_base(
    name: str | Path,
    *,
    seed: int = 0,
    vae: str | Path | None = None,
    configs: str | Path | None = None,
    dtype: torch.dtype = torch.float32,
    tokenizer: CLIPTokenizer | None = None,
) -> Base:
    """Load a base, on the CPU, in evaluation mode. What is a path on this machine is never asked for on the hub.

    Args:
        name: `nano` or `nano-large`, a folder of a diffusers StableDiffusionPipeline, the id of one on the Hugging Face
            hub, or a checkpoint in Stable Diffusion's own layout, a .safetensors file as on Civitai.
        seed: of nano's weights, which are new; no other base draws anything.
        vae: an autoencoder in place of its own: a folder of diffusers, a hub id or a .safetensors file.
        configs: folder with the configs and the tokenizer for a checkpoint, laid out as diffusers does; those of Stable
            Diffusion 1.5 if not given.
        dtype: of UNet and text encoder, however they are stored; the autoencoder, of which pictures are seen, is always
            in float32.
        tokenizer: of a new nano; `byte_tokenizer` if not given. Every other base has its own.

    Raises:
        ValueError: nothing there, another kind of model, or a part that is missing or damaged.
    """
    if not is_nano(name):
        check_source("base", str(name), INSTEAD)
    check_base_config(configs, name)
    if is_nano(name):
        base = build_nano(str(name), seed=seed, tokenizer=tokenizer)
        return base if vae is None else _with_vae(base, load_vae(vae, SD15))
    if Path(name).is_file():
        base = _load_checkpoint(Path(name), vae, Path(configs or SD15), dtype)
    else:
        base = _load_folder(name, vae, dtype)
    _check_parts(base)
    return base


def _load_folder(name: str | Path, vae: str | Path | None, dtype: torch.dtype) -> Base:
    """A base from a folder or the hub."""
    if Path(name).is_dir():
        _check_folder(Path(name))
    else:
        check_hub(str(name))
    noise = _load_schedule(name)
    if vae is None:
        autoencoder = load_model(AutoencoderKL, name, subfolder="vae").eval()
    else:
        autoencoder = load_vae(vae, Path(name) if Path(name).is_dir() else SD15)
    return Base(
        name=str(name),
        vae=autoencoder,
        tokenizer=_load_part(CLIPTokenizer, name, "tokenizer"),
        text_encoder=_load_text_encoder(name, dtype),
        unet=load_model(UNet2DConditionModel, name, subfolder="unet", dtype=dtype).eval(),
        noise=noise,
    )


def _load_checkpoint(path: Path, vae: str | Path | None, configs: Path, dtype: torch.dtype) -> Base:
    """A base from a file in Stable Diffusion's own layout."""
    tensors = read_checkpoint(path)
    if vae is None and not has_vae(tensors):
        raise ValueError(f"base {path} has no autoencoder: give one with --vae: a folder, a file or a hub id")
    return Base(
        name=str(path),
        vae=vae_of(tensors, configs, path) if vae is None else load_vae(vae, configs),
        tokenizer=_load_part(CLIPTokenizer, configs, "tokenizer"),
        text_encoder=text_encoder_of(tensors, configs, path, dtype).eval(),
        unet=unet_of(tensors, configs, path, dtype),
        noise=dataclasses.replace(_load_schedule(configs), **predicts(tensors)),
    )


def load_vae(source: str | Path, configs: Path) -> AutoencoderKL:
    """Load an autoencoder alone, in float32.

    Args:
        source: a folder that diffusers saved, of an autoencoder or a whole pipeline, a hub id, or a .safetensors file.
        configs: folder like SD15, for a file.

    Raises:
        ValueError: nothing there that is one.
    """
    check_source("vae", str(source), VAE)
    if Path(source).is_file():
        return vae_of(read_tensors(Path(source))[0], configs, Path(source))
    whole = (Path(source) / "vae").is_dir()
    return load_model(AutoencoderKL, source, subfolder="vae" if whole else "").eval()


def _with_vae(base: Base, vae: AutoencoderKL) -> Base:
    changed = dataclasses.replace(base, vae=vae)
    _check_parts(changed)
    return changed


def _load_text_encoder(name: str | Path, dtype: torch.dtype) -> CLIPTextModel:
    variant = variant_of(Path(name) / "text_encoder", "model")
    options = {"use_safetensors": True, "output_loading_info": True, "variant": variant}
    try:
        loaded, info = _load_part(CLIPTextModel, name, "text_encoder", **options)
    except ValueError:
        if Path(name).is_dir():
            raise
        loaded, info = _load_part(CLIPTextModel, name, "text_encoder", **(options | {"variant": "fp16"}))
    # transformers fills up with random numbers what is missing, or of another shape.
    if missing := [key for key in info["missing_keys"] if not key.endswith("position_ids")]:
        raise ValueError(f"base {name} lacks {len(missing)} weights of its text_encoder, {min(missing)} among them")
    check_finite(loaded.state_dict(), f"{name}/text_encoder")
    encoder: CLIPTextModel = loaded.to(dtype).eval()
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
