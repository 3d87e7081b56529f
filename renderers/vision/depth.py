"""How near things are: depth estimation by a model of transformers, such as Depth Anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from underpaint.renderers.vision.folders import Loaded, Task, kept, load_folder

Float32 = npt.NDArray[np.float32]

OPTION = "depth"
DEPTH = Task(
    name="depth estimation",
    kinds=("depth_anything", "dpt", "depth_pro", "glpn", "zoedepth"),
    example="depth-anything/Depth-Anything-V2-Small-hf",
    classes=("ForDepthEstimation",),
)
# These give metres; the others give something like their inverse, and so is nearness.
_METRIC = ("depth_pro", "glpn", "zoedepth")
# Shares of the pixels that may lie beyond black and white: a single one can be off by any factor.
_LOWEST, _HIGHEST = 0.1, 99.9


def _classes(transformers: Any, kind: str) -> tuple[Any, Any]:
    return transformers.AutoModelForDepthEstimation, transformers.AutoImageProcessor


@kept
def _loaded(model: Path, device: str) -> Loaded:
    return load_folder(OPTION, model, DEPTH, device, _classes)


def load_depth(model: Path, device: str = "auto") -> None:
    """Load a model, so that what is wrong with it is told now; raises as `nearness`."""
    _loaded(model, device)


def nearness(image: npt.NDArray[np.uint8], model: Path, *, device: str = "auto") -> Float32:
    """Return how near each pixel is, from 0, the farthest, to 1, as inverse depth.

    The last model is kept. The same model gives almost the same map on every machine, but not to the bit.

    Args:
        image: uint8 (H, W, 3).
        model: a folder with a model of transformers for depth estimation.
        device: `cpu`, `cuda`, `cuda:1`, or `auto` (cuda if there is one).

    Returns:
        float32 (H, W), 0..1; 0 everywhere where all is equally near.

    Raises:
        ValueError: no such folder, a model of another kind, an unknown device.
        MissingExtra: transformers or torch isn't installed.
    """
    loaded = _loaded(model, device)
    import torch

    with torch.inference_mode():
        inputs = loaded.processor(images=Image.fromarray(image), return_tensors="pt").to(loaded.device)
        found = loaded.network(pixel_values=inputs["pixel_values"])
        sized = loaded.processor.post_process_depth_estimation(found, [image.shape[:2]])
    depth = np.asarray(sized[0]["predicted_depth"].float().cpu().numpy(), np.float32).reshape(image.shape[:2])
    if not np.isfinite(depth).all():
        raise ValueError(f"{OPTION} {model} gives numbers that are not finite")
    is_metric = loaded.kind in _METRIC or getattr(loaded.network.config, "depth_estimation_type", "") == "metric"
    near = 1 / np.maximum(depth, np.float32(1e-3)) if is_metric else depth
    low, high = np.percentile(near, (_LOWEST, _HIGHEST))
    return np.asarray(np.clip((near - low) / max(float(high - low), 1e-9), 0, 1), np.float32)
