import numpy as np
import pytest

from tests.pictures import load_picture
from underpaint.renderers.ink.tones import DENSEST, ink_target, ink_tones, outlines

PAPER = np.array([245, 239, 224], np.float32) / np.float32(255)


def flat(value: tuple[int, int, int]) -> np.ndarray:
    return np.tile(np.array(value, np.uint8), (20, 20, 1))


def test_white_is_bare_paper_and_black_dense_ink() -> None:
    assert (ink_tones(flat((255, 255, 255)), 0.35) == 1).all()
    np.testing.assert_allclose(ink_tones(flat((0, 0, 0)), 0.35), DENSEST)
    assert (ink_target(flat((255, 255, 255)), PAPER, 0.35) == (245, 239, 224)).all()


def test_a_flat_grey_stays_between_them() -> None:
    tone = ink_tones(flat((128, 128, 128)), 0.0)
    assert 0.4 < tone.mean() < 0.9


def test_tones_keep_the_order_of_brightness() -> None:
    image = load_picture("temple", (120, 160))
    luma = image @ np.array([0.299, 0.587, 0.114])
    tone = ink_tones(image, 0.0)[..., 0]
    order = np.argsort(luma.ravel(), kind="stable")
    assert (np.diff(tone.ravel()[order]) >= -1e-5).all()
    assert tone.min() == pytest.approx(DENSEST)
    assert (tone == 1).mean() >= 0.04


@pytest.mark.parametrize(("colour", "chroma"), [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0)])
def test_colour_scales_the_differences_between_channels(colour: float, chroma: float) -> None:
    # Dim enough that nothing is clipped.
    image = flat((130, 110, 100))
    tone = ink_tones(image, colour)[0, 0]
    np.testing.assert_allclose(tone - tone[2], chroma * (np.array([30, 10, 0]) / 255), atol=1e-5)


def test_the_target_is_no_smoother_than_the_picture() -> None:
    image = load_picture("temple", (120, 160))
    luma, toned = (x @ np.array([0.299, 0.587, 0.114]) for x in (image, ink_target(image, PAPER, 0.0)))
    sharpness = [np.abs(np.diff(x, axis=1)).mean() / x.std() for x in (luma, toned)]
    assert sharpness[1] > 0.85 * sharpness[0]


def test_outlines_see_colours_of_equal_brightness() -> None:
    image = flat((118, 118, 118))
    image[:, 10:] = (200, 87, 60)
    plane = outlines(image)
    assert plane.shape == (20, 20)
    assert abs(plane[0, 0] - plane[0, 15]) > 0.05
