"""Masks of everything in a picture by a model of transformers: Segment Anything and its successors."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from underpaint.renderers.vision.folders import Loaded, Task, kept, load_folder

OPTION = "sam_checkpoint"
MASKS = Task(
    name="mask generation",
    kinds=("sam", "sam2", "sam2_video", "sam_hq", "sam3_tracker", "edgetam"),
    example="facebook/sam2.1-hiera-small",
)


def _classes(transformers: Any, kind: str) -> tuple[Any, Any]:
    return transformers.AutoModelForMaskGeneration, transformers.AutoImageProcessor


@kept
def _loaded(model: Path, device: str) -> Loaded:
    return load_folder(OPTION, model, MASKS, device, _classes)


def mask_model_type(model: Path, device: str) -> str:
    """Return the type of a model, as transformers calls it; loads it if need be, and raises as `generated_masks`."""
    return _loaded(model, device).kind


def generated_masks(
    image: npt.NDArray[np.uint8], model: Path, *, device: str = "auto", **settings: Any
) -> list[dict[str, Any]]:
    """Return the masks that transformers' mask generation finds, prompted with a grid of points.

    Args:
        image: uint8 (H, W, 3).
        model: a folder with a model of transformers for mask generation.
        device: `cpu`, `cuda`, `cuda:1`, or `auto` (cuda if there is one).
        settings: of transformers' MaskGenerationPipeline, under its names.

    Returns:
        For each mask its `segmentation`, bool (H, W), and its `area`.

    Raises:
        ValueError: no such folder, a model of another kind, an unknown device.
        MissingExtra: transformers or torch isn't installed.
    """
    loaded = _loaded(model, device)
    import transformers

    pipeline = _pipeline(transformers, loaded)
    found = pipeline(Image.fromarray(image), **settings)["masks"]
    masks = [np.asarray(mask.cpu() if hasattr(mask, "cpu") else mask, bool) for mask in found]
    return [{"segmentation": mask, "area": int(mask.sum())} for mask in masks]


@functools.lru_cache(maxsize=1)
def _pipeline(transformers: Any, loaded: Loaded) -> Any:
    return transformers.pipeline(
        "mask-generation", model=loaded.network, image_processor=loaded.processor, device=loaded.device
    )
