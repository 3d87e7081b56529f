"""Depth and masks through transformers, by small networks of its own classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from safetensors.torch import load_file, save_file

from tests.pictures import load_picture
from tests.renderers.vision.models import save_depth, save_sam
from underpaint.renderers import paint
from underpaint.renderers.segment import SamOptions, partition
from underpaint.renderers.vision.depth import nearness
from underpaint.renderers.vision.masks import generated_masks


@pytest.fixture(scope="module")
def picture() -> npt.NDArray[np.uint8]:
    return load_picture("motorcycle", (48, 64))


def test_what_a_model_calls_near_is_near(picture: npt.NDArray[np.uint8], tmp_path: Path) -> None:
    near = nearness(picture, save_depth(tmp_path / "relative"), device="cpu")
    assert (near.shape, near.dtype, near.min(), near.max()) == ((48, 64), np.float32, 0, 1)
    assert len(np.unique(near)) > 100
    np.testing.assert_array_equal(near, nearness(picture, tmp_path / "relative", device="cpu"))
    # The same weights in metres: what was near is far.
    metric = nearness(picture, save_depth(tmp_path / "metric", "metric"), device="cpu")
    assert np.corrcoef(near.ravel(), metric.ravel())[0, 1] < -0.5


def test_weights_that_are_missing_or_damaged_are_told(picture: npt.NDArray[np.uint8], tmp_path: Path) -> None:
    weights = save_depth(tmp_path) / "model.safetensors"
    left = load_file(weights)
    del left["head.conv1.weight"]
    save_file(left, weights, {"format": "pt"})
    with pytest.raises(ValueError, match=r"depth .* lacks 1 weights, such as head.conv1.weight"):
        nearness(picture, tmp_path, device="cpu")
    weights.write_bytes(b"no weights")
    with pytest.raises(ValueError, match=r"depth .* can't be loaded: .*") as told:
        nearness(picture, tmp_path, device="cpu")
    assert "\n" not in str(told.value)


def test_a_folder_segments_as_a_checkpoint_does(picture: npt.NDArray[np.uint8], tmp_path: Path) -> None:
    model = save_sam(tmp_path)
    # Nothing is dropped for its quality: random weights rate themselves at random.
    masks = generated_masks(
        picture, model, device="cpu", points_per_crop=3, pred_iou_thresh=-100.0, stability_score_thresh=0.0
    )
    assert masks
    assert all(mask["segmentation"].shape == (48, 64) for mask in masks)
    assert all(mask["area"] == mask["segmentation"].sum() for mask in masks)
    sam = {"points_per_side": 3, "pred_iou_thresh": -100.0, "stability_score_thresh": 0.0}
    labels = partition(picture, "sam", sam=SamOptions(checkpoint=str(model), device="cpu", **sam))  # type: ignore[arg-type]
    options = {"sam_points": 3, "sam_iou": -100.0, "sam_stability": 0.0}
    program = paint(picture, renderer="region", strokes=80, sam_checkpoint=model, sam_device="cpu", **options).program
    assert program.about["sam_model"] == "sam"
    assert program.about["regions"] == labels.max() + 1


def test_a_folder_of_another_kind_is_told(picture: npt.NDArray[np.uint8], tmp_path: Path) -> None:
    depth = save_depth(tmp_path)
    with pytest.raises(ValueError, match=r"sam_checkpoint .* type depth_anything .* not for mask generation"):
        paint(picture, renderer="region", sam_checkpoint=depth)
