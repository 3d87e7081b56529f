"""The models that `guides` uses: checked at once, named with a digest, and loaded where they work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from underpaint.datagen.guides.config import GuidesConfig
from underpaint.renderers.vision.depth import DEPTH, load_depth, nearness
from underpaint.renderers.vision.depth import OPTION as DEPTH_OPTION
from underpaint.renderers.vision.folders import Loaded, Task, check_folder, kept, load_folder
from underpaint.renderers.vision.identity import identity
from underpaint.renderers.vision.salient import check_salient, load_salient, salient_objects

CAPTIONS = Task(
    name="image captioning",
    kinds=("blip", "blip-2", "git", "vision-encoder-decoder"),
    example="Salesforce/blip-image-captioning-base",
    # BLIP has networks for questions and for retrieval, too.
    classes=("ForConditionalGeneration", "ForCausalLM", "EncoderDecoderModel"),
)


def check_models(config: GuidesConfig) -> None:
    """Check in milliseconds that the models are there, of the right kinds, and what runs them installed.

    Raises:
        ValueError: one isn't; says which and what to do.
        MissingExtra: a package isn't installed.
    """
    if config.saliency is not None:
        check_salient("saliency", config.saliency)
    for option, path, task in ((DEPTH_OPTION, config.depth, DEPTH), ("captions", config.captions, CAPTIONS)):
        if path is not None:
            check_folder(option, path, task)


def load_models(config: GuidesConfig) -> None:
    """Load the models, so that one that is damaged, or no CUDA device, is told before any picture is looked at.

    Raises:
        ValueError: says which and what to do.
    """
    if config.saliency is not None:
        load_salient("saliency", config.saliency, config.device)
    if config.depth is not None:
        load_depth(config.depth, config.device)
    if config.captions is not None:
        _captioner(config.captions, config.device)


def identities(config: GuidesConfig) -> dict[str, str]:
    """Return what goes on record for each model: its name and a digest."""
    return {name: identity(path) for name, path in config.models.items()}


def made_map(name: str, pixels: NDArray[np.uint8], config: GuidesConfig) -> NDArray[np.float32]:
    """Return the `saliency` or `depth` of a picture, uint8 (H, W, 3) -> float32 (H, W), 0..1."""
    model = config.models[name]
    if name == "saliency":
        return salient_objects(pixels, model, device=config.device)
    return nearness(pixels, model, device=config.device)


def made_caption(pixels: NDArray[np.uint8], config: GuidesConfig) -> str:
    """Return what the captioning model says of a picture, uint8 (H, W, 3), in one line; may be empty."""
    assert config.captions is not None
    captioner = _captioner(config.captions, config.device)
    import torch

    with torch.inference_mode():
        inputs = captioner.processor(images=Image.fromarray(pixels), return_tensors="pt").to(captioner.device)
        tokens = captioner.network.generate(
            pixel_values=inputs["pixel_values"], max_new_tokens=config.caption_tokens, do_sample=False
        )
    (text,) = _tokenizer(captioner).batch_decode(tokens, skip_special_tokens=True)
    return " ".join(str(text).split())


def _tokenizer(captioner: Loaded) -> Any:
    return getattr(captioner.processor, "tokenizer", captioner.processor)


def _classes(transformers: Any, kind: str) -> tuple[Any, Any]:
    # transformers 5 has one class for what was two.
    network = getattr(transformers, "AutoModelForImageTextToText", None) or transformers.AutoModelForVision2Seq
    if kind == "vision-encoder-decoder":
        return transformers.VisionEncoderDecoderModel, _Pair
    if kind == "git":
        return transformers.AutoModelForCausalLM, transformers.AutoProcessor
    return network, transformers.AutoProcessor


class _Pair:
    """An image processor and a tokenizer that were saved side by side, without a processor that joins them."""

    def __init__(self, image_processor: Any, tokenizer: Any) -> None:
        self._image_processor, self.tokenizer = image_processor, tokenizer

    @classmethod
    def from_pretrained(cls, folder: Path, **options: Any) -> _Pair:
        """Load both."""
        import transformers

        load = (transformers.AutoImageProcessor, transformers.AutoTokenizer)
        return cls(*(each.from_pretrained(folder, **options) for each in load))

    def __call__(self, **inputs: Any) -> Any:
        return self._image_processor(**inputs)


@kept
def _captioner(model: Path, device: str) -> Loaded:
    return load_folder("captions", model, CAPTIONS, device, _classes)
