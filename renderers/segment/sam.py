"""Segmentation by Segment Anything (Kirillov et al., ICCV 2023): its masks made into a partition.

A file is a checkpoint of the authors' package segment_anything, a folder a model of transformers, SAM or one of its
successors. Neither is imported before the first picture is segmented.
"""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from underpaint.renderers.segment.checkpoint import download_advice, import_sam, load_checkpoint
from underpaint.renderers.segment.graph import Int32
from underpaint.renderers.segment.working_size import enlarge_labels, shrink
from underpaint.renderers.vision.masks import generated_masks, mask_model_type

if TYPE_CHECKING:
    from segment_anything.modeling import Sam

# The network sees 1024 px; masks of larger pictures would only take memory.
_WORKING_SIDE = 1024


@dataclasses.dataclass(frozen=True, kw_only=True)
class SamOptions:
    """Which checkpoint, where it runs, and the settings of SamAutomaticMaskGenerator, with its names and defaults.

    Attributes:
        checkpoint: file with the weights; the model type (vit_h, vit_l, vit_b) is read off their shapes. Or a folder
            with a model of transformers for mask generation: SAM, SAM 2, and others.
        device: `cpu`, `cuda`, `cuda:1`, or `auto` (cuda if there is one).
        points_per_side: point prompts per side of the grid; fewer are faster and miss small things.
        points_per_batch: prompts decoded at once; fewer take less memory.
        pred_iou_thresh: masks with a predicted IoU below this are dropped, 0..1.
        stability_score_thresh: masks with a stability score below this are dropped, 0..1. A mask is stable if it hardly
            changes with the threshold of its logits.
        box_nms_thresh: of masks whose boxes overlap by more than this IoU, the best stays (non-maximum suppression).
        crop_n_layers: layers of crops that are segmented as well; each is slower and finds smaller things.
    """

    checkpoint: str = ""
    device: str = "auto"
    points_per_side: int = 32
    points_per_batch: int = 64
    pred_iou_thresh: float = 0.88
    stability_score_thresh: float = 0.95
    box_nms_thresh: float = 0.7
    crop_n_layers: int = 0


def sam_labels(image: npt.NDArray[np.uint8], options: SamOptions) -> Int32:
    """Return the masks that Segment Anything finds, each pixel given to the smallest that covers it.

    Args:
        image: uint8 (H, W, 3).
        options: checkpoint, device and settings.

    Returns:
        int32 (H, W), 0 where no mask is. Regions may be in pieces, and some empty.

    Raises:
        ValueError: for a missing or wrong checkpoint, an unknown device, bad settings.
        ImportError: without torch and segment-anything.
    """
    small = shrink(image, _WORKING_SIDE)
    return enlarge_labels(masks_to_labels(_masks(small, options), small.shape[:2]), small, image)


def _masks(image: npt.NDArray[np.uint8], options: SamOptions) -> list[dict[str, Any]]:
    _check_points(options)
    folder = _folder(options)
    if folder is None:
        masks: list[dict[str, Any]] = _generator(_loaded(options)[0], options).generate(image)
        return masks
    return generated_masks(
        image,
        folder,
        device=options.device,
        points_per_crop=options.points_per_side,
        points_per_batch=options.points_per_batch,
        pred_iou_thresh=options.pred_iou_thresh,
        stability_score_thresh=options.stability_score_thresh,
        crops_nms_thresh=options.box_nms_thresh,
        crops_n_layers=options.crop_n_layers,
    )


def sam_model_type(options: SamOptions) -> str:
    """Return `vit_h`, `vit_l`, `vit_b` or `custom`, or what transformers calls a model, such as `sam2`.

    Loads the checkpoint if need be, and raises as `sam_labels`.
    """
    folder = _folder(options)
    return _loaded(options)[1] if folder is None else mask_model_type(folder, options.device)


def _folder(options: SamOptions) -> Path | None:
    """Return the folder of a model of transformers; None for a checkpoint of segment_anything."""
    path = Path(options.checkpoint).expanduser()
    return path if options.checkpoint and path.is_dir() else None


def masks_to_labels(masks: list[dict[str, Any]], shape: tuple[int, ...]) -> Int32:
    """Lay masks over each other, the largest first, so that parts lie on their wholes.

    Args:
        masks: as SamAutomaticMaskGenerator gives them: `segmentation`, bool (H, W), and `area`.
        shape: (H, W).

    Returns:
        int32 (H, W): 0 where no mask is, else its place in the order of falling area.
    """
    labels = np.zeros(shape, np.int32)
    for place, mask in enumerate(sorted(masks, key=lambda mask: -mask["area"]), start=1):
        labels[mask["segmentation"]] = place
    return labels


def _generator(model: Sam, options: SamOptions) -> Any:
    _, package = import_sam()
    settings = dataclasses.asdict(options)
    del settings["checkpoint"], settings["device"]
    return package.SamAutomaticMaskGenerator(model, **settings)


def _check_points(options: SamOptions) -> None:
    if options.points_per_side < 1 or options.points_per_batch < 1:
        raise ValueError(
            f"sam needs at least 1 point per side and per batch, not {options.points_per_side} and "
            f"{options.points_per_batch}; 32 and 64 are usual"
        )


def _loaded(options: SamOptions) -> tuple[Sam, str]:
    """Return the model on its device, and its type; the last one is kept."""
    if not options.checkpoint:
        raise ValueError(f"the segmenter sam has no checkpoint; {download_advice()}")
    import_sam()
    path = Path(options.checkpoint).expanduser().resolve()
    device = _device(options.device)
    # Another file of the same name is another model.
    changed = path.stat().st_mtime_ns if path.is_file() else 0
    return _load(path, device, changed)


@functools.lru_cache(maxsize=1)
def _load(path: Path, device: str, changed: int) -> tuple[Sam, str]:
    del changed
    model, kind = load_checkpoint(path)
    return model.to(device), kind


def _device(name: str) -> str:
    torch, _ = import_sam()
    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        kind = torch.device(name).type
    except RuntimeError:
        kind = ""
    if kind not in ("cpu", "cuda"):
        raise ValueError(f"unknown device {name!r} for sam; use auto, cpu, cuda or cuda:1")
    if kind == "cuda" and not torch.cuda.is_available():
        raise ValueError(f"device is {name!r}, but torch finds no CUDA device; use auto or cpu")
    return name
