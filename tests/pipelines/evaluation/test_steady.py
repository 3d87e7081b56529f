"""Film is brought to rest, and what was painted stays."""

import numpy as np
import pytest
from scipy import ndimage

from tests.pictures import load_picture
from underpaint.pipelines.evaluation.steady import FORGIVEN, forgiving_difference, relit, shift_onto, steady

PICTURE = load_picture("temple", (96, 128))


def grey(picture: np.ndarray) -> np.ndarray:
    return picture.mean(axis=2).astype(np.float32)


def moved(picture: np.ndarray, rows: int, columns: int) -> np.ndarray:
    return ndimage.shift(picture, (rows, columns, 0)[: picture.ndim], order=0, mode="nearest")


@pytest.mark.parametrize("shift", [(0, 0), (1, 0), (-2, 3), (4, -4)])
def test_the_camera_s_shift_is_found(shift: tuple[int, int]) -> None:
    found = shift_onto(grey(PICTURE), moved(grey(PICTURE), *shift))
    assert tuple(found) == (-shift[0], -shift[1])


def test_what_is_no_shift_of_a_camera_is_left() -> None:
    assert tuple(shift_onto(grey(PICTURE), moved(grey(PICTURE), 12, 0))) == (0, 0)  # an eighth of the picture
    assert tuple(shift_onto(grey(PICTURE), np.zeros((96, 128), np.float32))) == (0, 0)
    noise = np.random.default_rng(0).random((96, 128)).astype(np.float32)
    assert np.abs(shift_onto(grey(PICTURE), noise)).max() <= 0.05 * 128


def test_a_lamp_is_undone_and_paint_is_not() -> None:
    reference = PICTURE.astype(np.float32) / 255
    painted = reference.copy()
    painted[:40, :60] = (0.9, 0.1, 0.1)
    lit = np.clip(painted * (0.9, 0.95, 1.0) + 0.03, 0, 1).astype(np.float32)
    found = relit(reference, lit)
    np.testing.assert_allclose(found[50:], reference[50:], atol=0.01)
    np.testing.assert_allclose(found[:40, :60], painted[:40, :60], atol=0.02)


def test_a_film_comes_to_rest() -> None:
    shaky = [
        moved(np.clip(PICTURE * gain, 0, 255).astype(np.uint8), *shift)
        for gain, shift in ((0.9, (2, 1)), (1, (-1, 2)), (0.95, (0, 0)))
    ]
    at_rest = steady(np.stack(shaky))
    inside = np.abs(at_rest - at_rest[-1])[:, 8:-8, 8:-8]
    assert at_rest.shape == (3, 96, 128, 3)
    assert np.quantile(inside, 0.95) < 0.02
    assert np.quantile(np.abs(np.stack(shaky) / 255.0 - shaky[-1] / 255.0)[:2], 0.95) > 0.15  # as it was


def test_a_small_displacement_is_forgiven_and_a_mark_is_not() -> None:
    a = np.ones((40, 40, 3), np.float32)
    a[20, 10:30] = 0  # a thin line
    assert forgiving_difference(a, np.roll(a, FORGIVEN, 0)).max() == 0
    assert forgiving_difference(a, np.roll(a, FORGIVEN + 1, 0)).max() == 1
    blank = np.ones_like(a)
    np.testing.assert_array_equal(forgiving_difference(a, blank), forgiving_difference(blank, a))
    assert forgiving_difference(a, blank)[20, 10:30].min() == 1


def test_the_difference_is_the_largest_of_the_channels_and_signless() -> None:
    a = np.zeros((9, 9, 3), np.float32)
    b = a + np.float32([0.1, 0.4, 0.2])
    np.testing.assert_allclose(forgiving_difference(a, b), 0.4)
