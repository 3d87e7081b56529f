from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from underpaint.renderers.segment.regions import components, consecutive, tidy

Int32 = npt.NDArray[np.int32]


def test_labels_are_numbered_in_reading_order() -> None:
    labels = np.array([[7, 7, 3], [9, 3, 3]])
    assert np.array_equal(consecutive(labels), [[0, 0, 1], [2, 1, 1]])


def test_pieces_that_touch_at_corners_only_are_apart() -> None:
    assert np.array_equal(components(np.array([[1, 0], [0, 1]])), [[0, 1], [2, 3]])


def test_speck_joins_the_neighbour_of_its_colour() -> None:
    labels = np.zeros((6, 8), np.int32)
    labels[:, 4:] = 1
    labels[2, 3] = 2  # on the border of both
    image = np.zeros((6, 8, 3), np.uint8)
    image[:, 4:] = 100
    image[2, 3] = 90
    tidied = tidy(labels, image, 3)
    assert tidied.max() == 1
    assert tidied[2, 3] == tidied[0, 7]


def test_specks_grow_together_until_nothing_is_small(connected: Callable[[Int32], bool]) -> None:
    random = np.random.default_rng(0)
    labels = random.integers(0, 6, (40, 50)).astype(np.int32)
    tidied = tidy(labels, random.integers(0, 256, (40, 50, 3)).astype(np.uint8), 60)
    assert np.bincount(tidied.ravel()).min() >= 60
    assert connected(tidied)


def test_a_picture_smaller_than_a_speck_is_one_region() -> None:
    assert not tidy(np.arange(6).reshape(2, 3), np.zeros((2, 3, 3), np.uint8), 100).any()


def test_good_regions_stay_as_they_are() -> None:
    labels = np.repeat(np.arange(3), 4).reshape(3, 4)
    assert np.array_equal(tidy(labels, np.zeros((3, 4, 3), np.uint8), 4), labels)
