import numpy as np
import pytest

from underpaint.renderers.region.flats import nearest_planes, plane_colours, turn_of_pixels


def test_a_plane_of_colour_is_found_and_drawn_again() -> None:
    y, x = np.mgrid[0:60, 0:90] + 0.5
    ramp = np.stack([40 + x, 200 - 1.5 * y, 100 + 0.5 * x + 0.5 * y], axis=2)
    labels = np.zeros((60, 90), np.int32)
    plane = nearest_planes(np.round(ramp).astype(np.uint8), labels)[0]
    # Half-way across in both directions; a side is 90 px.
    np.testing.assert_allclose(plane[0] * 255, [85, 155, 137.5], atol=0.2)
    assert plane[1, 0] * 255 == pytest.approx(90, rel=0.02)
    assert plane[2, 1] * 255 == pytest.approx(-135, rel=0.03)
    colours = plane_colours(plane, x.ravel().astype(np.float32), y.ravel().astype(np.float32), (60, 90))
    assert np.abs(colours.reshape(60, 90, 3) * 255 - ramp).max() < 3


def test_small_regions_hardly_slope_and_keep_their_mean() -> None:
    image = np.zeros((100, 100, 3), np.uint8)
    image[48:52, 48:52] = (np.arange(4) * 80)[:, None]
    labels = np.zeros((100, 100), np.int32)
    labels[48:52, 48:52] = 1
    plane = nearest_planes(image, labels)[1]
    np.testing.assert_allclose(plane[0] * 255, 120, atol=3)
    # Undamped, the colour would gain 80 a pixel.
    assert np.abs(plane[1:]).max() * 255 / 100 < 20


def test_pixels_have_the_turn_of_their_region() -> None:
    turns = turn_of_pixels(np.array([[0, 1], [2, 2]], np.int32), np.array([2, 0, 1], np.uint16))
    assert turns.tolist() == [[1, 2], [0, 0]]
