from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.pictures import load_picture
from tests.renderers.scenes import make_mosaic
from underpaint.renderers.segment import SamOptions, partition

UInt8 = npt.NDArray[np.uint8]
Int32 = npt.NDArray[np.int32]
Connected = Callable[[Int32], bool]


def covering(truth: npt.NDArray[np.integer], labels: Int32) -> float:
    """Each true segment's best overlap (IoU) with a region, weighted by its size."""
    total = 0.0
    for segment in np.unique(truth):
        inside = truth == segment
        total += inside.sum() * max(
            (inside & (labels == region)).sum() / (inside | (labels == region)).sum()
            for region in np.unique(labels[inside])
        )
    return total / truth.size


@pytest.mark.parametrize("name", ["motorcycle", "temple", "tissue"])
def test_regions_cover_the_picture_are_connected_and_not_tiny(connected: Connected, name: str) -> None:
    labels = partition(load_picture(name, (400, 512)), min_area=0.004)
    assert (labels.shape, labels.dtype) == ((400, 512), np.int32)
    sizes = np.bincount(labels.ravel())
    assert labels.min() == 0
    assert 4 <= len(sizes) <= 60
    assert sizes.min() >= 0.004 * labels.size
    assert connected(labels)


def test_same_picture_gives_same_labels() -> None:
    picture = load_picture("coffee", (256, 256))
    assert np.array_equal(partition(picture), partition(picture.copy()))


def test_pieces_of_photographs_are_found() -> None:
    """0.69 was measured when this was written; each photograph has parts of its own. One region would cover 0.3."""
    scores, whole = [], []
    for seed in range(8):
        picture, pieces = make_mosaic(seed)
        scores.append(covering(pieces, partition(picture)))
        whole.append(covering(pieces, np.zeros(pieces.shape, np.int32)))
    assert np.mean(whole) < 0.35
    assert np.mean(scores) > 0.66


def test_plain_shapes_are_found_to_the_pixel(shapes: UInt8) -> None:
    labels = partition(shapes)
    _, colours = np.unique(shapes.reshape(-1, 3), axis=0, return_inverse=True)
    assert labels.max() == 2
    assert covering(colours.reshape(labels.shape), labels) > 0.98


def test_borders_of_a_large_picture_follow_its_own_pixels(shapes: UInt8) -> None:
    """The shapes at 8 times the size: the small copy that is segmented has 3.2 times coarser pixels."""
    large = np.asarray(Image.fromarray(shapes).resize((1024, 768), Image.Resampling.NEAREST))
    labels = partition(large)
    _, colours = np.unique(large.reshape(-1, 3), axis=0, return_inverse=True)
    assert labels.max() == 2
    assert covering(colours.reshape(labels.shape), labels) > 0.995


def test_more_detail_gives_more_regions() -> None:
    picture = load_picture("motorcycle", (320, 320))
    counts = [int(partition(picture, detail=detail).max()) + 1 for detail in (0.5, 1.0, 2.0, 4.0)]
    assert counts == sorted(counts)
    assert counts[3] > 2 * counts[1]


def test_one_colour_is_one_region() -> None:
    assert not partition(np.full((64, 48, 3), 200, np.uint8)).any()


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1), st.booleans())
def test_any_picture_is_covered_by_connected_regions(
    connected: Connected, height: int, width: int, seed: int, coarse: bool
) -> None:
    noise = np.random.default_rng(seed).integers(0, 3 if coarse else 256, (height, width, 3)) * (100 if coarse else 1)
    labels = partition(noise.astype(np.uint8))
    assert labels.shape == (height, width)
    assert set(np.unique(labels)) == set(range(int(labels.max()) + 1))
    assert connected(labels)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"segmenter": "magic"}, "unknown segmenter 'magic'; there are: classic, sam"),
        ({"detail": 0.0}, "detail is 0.0"),
        ({"detail": float("nan")}, "detail is nan"),
        ({"min_area": 1.0}, "min_area is 1.0"),
        ({"min_area": -0.1}, "min_area is -0.1"),
        ({"segmenter": "sam"}, "has no checkpoint; download one of these"),
        ({"segmenter": "sam", "sam": SamOptions(checkpoint="/nowhere.pth")}, "there is no .*'/nowhere.pth'"),
    ],
)
def test_bad_arguments_are_refused(arguments: dict[str, object], message: str) -> None:
    if isinstance(arguments.get("sam"), SamOptions):
        pytest.importorskip("segment_anything")
    with pytest.raises(ValueError, match=message):
        partition(np.zeros((16, 16, 3), np.uint8), **arguments)  # type: ignore[arg-type]
