"""Strokes belong where most of their paint lies, and places are no larger than a hand reaches."""

from collections.abc import Callable

import numpy as np

from underpaint.renderers.order.places import MOST_IN_PLACE, cut_into_places, stroke_regions

MakeStroke = Callable[..., np.ndarray]

HALVES = np.repeat(np.array([[0, 1]], np.int32), [30, 20], axis=1).repeat(37, axis=0)


def test_a_stroke_belongs_where_most_of_its_paint_lies(make_stroke: MakeStroke) -> None:
    left = make_stroke(cx=27, cy=10, theta=0, length=14, r0=2, r1=2)
    # Its thick end lies on the other side.
    thick = make_stroke(cx=27, cy=10, theta=0, length=14, r0=0.5, r1=6)
    right = make_stroke(cx=35, cy=30)
    assert stroke_regions(np.stack([left, thick, right]), HALVES).tolist() == [0, 1, 1]


def test_a_stroke_beside_the_canvas_belongs_to_the_nearest_pixel(make_stroke: MakeStroke) -> None:
    away = make_stroke(cx=400, cy=-90)
    assert stroke_regions(away[None], HALVES).tolist() == [1]


def test_regions_agree_with_the_paint_counted_pixel_by_pixel(
    random_strokes: Callable[..., np.ndarray], paint_reference: Callable[..., np.ndarray]
) -> None:
    height, width = HALVES.shape
    labels = (HALVES + 2 * (np.arange(height) > 20)[:, None]).astype(np.int32)
    strokes = random_strokes(30, height, width, 5)
    found = stroke_regions(strokes, labels)
    opaque = strokes.copy()
    opaque[:, 7:12] = 1
    for stroke, region in zip(opaque, found, strict=True):
        paint = np.bincount(labels.ravel(), paint_reference(np.zeros((height, width, 3)), stroke[None])[..., 0].ravel())
        assert paint[region] >= paint.max() - 0.02


def test_places_keep_to_their_region_and_size() -> None:
    random = np.random.default_rng(0)
    centres, region = random.random((500, 2)).astype(np.float32), random.integers(0, 3, 500).astype(np.int32)
    place = cut_into_places(centres, region, 0.3)
    assert sorted(set(place.tolist())) == list(range(place.max() + 1))
    for number in range(place.max() + 1):
        members = place == number
        assert len(set(region[members].tolist())) == 1
        assert (np.ptp(centres[members], axis=0) <= 0.3).all()
    assert (np.diff(place[np.lexsort((place, region))]) >= 0).all()


def test_a_place_as_large_as_the_canvas_leaves_regions_whole() -> None:
    centres = np.random.default_rng(1).random((60, 2)).astype(np.float32)
    region = np.repeat(np.array([2, 5], np.int32), 30)
    np.testing.assert_array_equal(cut_into_places(centres, region, 1.0), np.repeat([0, 1], 30))


def test_a_crowd_on_one_spot_is_divided() -> None:
    count = 2 * MOST_IN_PLACE + 2
    place = cut_into_places(np.zeros((count, 2), np.float32), np.zeros(count, np.int32), 0.2)
    assert np.bincount(place).max() <= MOST_IN_PLACE


def test_nothing_has_no_places() -> None:
    assert cut_into_places(np.zeros((0, 2), np.float32), np.zeros(0, np.int32), 0.2).shape == (0,)
