"""The real segment_anything package from end to end, with a small model of random weights."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.pictures import load_picture
from underpaint.renderers import Program, paint
from underpaint.renderers.segment import SamOptions, partition, sam_model_type
from underpaint.renderers.segment.sam import masks_to_labels, sam_labels

UInt8 = npt.NDArray[np.uint8]
Int32 = npt.NDArray[np.int32]


def options(checkpoint: Path, **changes: Any) -> SamOptions:
    """Nothing that the model finds is dropped for its quality: random weights rate themselves at random."""
    settings = {"points_per_side": 6, "pred_iou_thresh": -100.0, "stability_score_thresh": 0.0, "box_nms_thresh": 1.0}
    return SamOptions(checkpoint=str(checkpoint), **{**settings, **changes})


def test_small_masks_lie_on_large_ones() -> None:
    whole, part, dot = (np.zeros((4, 6), bool) for _ in range(3))
    whole[:, :4], part[1:3, 2:5], dot[1, 3] = True, True, True
    masks = [{"segmentation": mask, "area": int(mask.sum())} for mask in (dot, whole, part)]
    assert np.array_equal(
        masks_to_labels(masks, (4, 6)),
        [[1, 1, 1, 1, 0, 0], [1, 1, 2, 3, 2, 0], [1, 1, 2, 2, 2, 0], [1, 1, 1, 1, 0, 0]],
    )


def test_masks_are_those_of_the_package(small_sam: Any, small_checkpoint: Path, shapes: UInt8) -> None:
    """The model from the file, through our loader, against the one in memory, through the package alone."""
    from segment_anything import SamAutomaticMaskGenerator

    generator = SamAutomaticMaskGenerator(
        small_sam, points_per_side=6, pred_iou_thresh=-100.0, stability_score_thresh=0.0, box_nms_thresh=1.0
    )
    masks = generator.generate(shapes)
    assert len(masks) >= 2
    labels = sam_labels(shapes, options(small_checkpoint))
    assert np.array_equal(labels, masks_to_labels(masks, shapes.shape[:2]))


def test_partition_covers_the_picture_with_connected_regions(
    small_checkpoint: Path, connected: Callable[[Int32], bool]
) -> None:
    picture = load_picture("motorcycle", (96, 128))
    labels = partition(picture, "sam", sam=options(small_checkpoint), min_area=0.005)
    assert labels.shape == (96, 128)
    assert labels.max() >= 2
    assert connected(labels)
    assert np.bincount(labels.ravel()).min() >= 0.005 * labels.size
    assert np.array_equal(labels, partition(picture, "sam", sam=options(small_checkpoint), min_area=0.005))


def test_a_picture_is_painted_by_the_regions_of_the_package(small_checkpoint: Path) -> None:
    """Image encoder, prompt grid, suppression of doubles, partition, order, process; it replays from its file alone."""
    picture = load_picture("motorcycle", (96, 128))
    process = paint(
        picture,
        renderer="region",
        strokes=60,
        sam_checkpoint=small_checkpoint,
        sam_points=6,
        sam_iou=-100.0,
        sam_stability=0.0,
    )
    assert process.program.about["segmenter"] == "sam"
    assert process.program.about["sam_model"] == "custom"
    assert process.program.about["regions"] == len(process.program.arrays["ends"]) >= 2
    assert (process.frames(6)[0] == 255).all()
    file = io.BytesIO()
    process.program.save(file)
    file.seek(0)
    assert np.array_equal(Program.load(file).replay(), picture)


def test_no_mask_is_one_region(small_checkpoint: Path, shapes: UInt8) -> None:
    assert not partition(shapes, "sam", sam=options(small_checkpoint, pred_iou_thresh=100.0)).any()


def test_pictures_larger_than_the_network_sees_work(small_checkpoint: Path, shapes: UInt8) -> None:
    large = np.repeat(np.repeat(shapes, 12, axis=0), 12, axis=1)
    labels = partition(large, "sam", sam=options(small_checkpoint, points_per_side=2))
    assert labels.shape == large.shape[:2]


def test_checkpoint_is_read_once(
    torch: Any, small_checkpoint: Path, shapes: UInt8, monkeypatch: pytest.MonkeyPatch
) -> None:
    partition(shapes, "sam", sam=options(small_checkpoint))
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("read again"))
    partition(shapes, "sam", sam=options(small_checkpoint, points_per_side=3))
    assert sam_model_type(options(small_checkpoint)) == "custom"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"device": "gpu"}, "unknown device 'gpu'"),
        ({"device": "meta"}, "unknown device 'meta'"),
        ({"points_per_side": 0}, "at least 1 point per side"),
        ({"checkpoint": ""}, "has no checkpoint; download one of these"),
    ],
)
def test_bad_options_are_refused(small_checkpoint: Path, shapes: UInt8, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        partition(shapes, "sam", sam=SamOptions(**{"checkpoint": str(small_checkpoint), **changes}))


def test_cuda_without_a_card_is_refused(torch: Any, small_checkpoint: Path, shapes: UInt8) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a card")
    with pytest.raises(ValueError, match="torch finds no CUDA device; use auto or cpu"):
        partition(shapes, "sam", sam=options(small_checkpoint, device="cuda"))


WITHOUT_TORCH = """
import sys
sys.modules["torch"] = None
import numpy as np
from underpaint import renderers
from underpaint.renderers.saliency import saliency
from underpaint.renderers.segment import SamOptions, partition
picture = np.random.default_rng(0).integers(0, 256, (24, 24, 3)).astype(np.uint8)
partition(picture), saliency(picture)
for name in renderers.names():
    renderers.paint(picture, renderer=name, strokes=12, quality="draft").frames(3)
try:
    partition(picture, "sam", sam=SamOptions(checkpoint="sam.pth"))
except ImportError as error:
    print(error)
"""


def test_without_torch_everything_else_works_and_sam_says_how_to_install_it() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_TORCH], capture_output=True, text=True, check=True)
    assert "pip install 'underpaint[sam]'" in done.stdout
