"""The hand goes as far as it does."""

import numpy as np
import pytest

from underpaint.renderers.order.hops import MOST_PAIRED, hop_ratio


def strokes(centres: np.ndarray) -> np.ndarray:
    return np.pad(centres, ((0, 0), (0, 11))).astype(np.float32)


def test_a_random_order_is_about_one_and_a_short_way_far_less() -> None:
    places = np.random.default_rng(0).random((600, 2))
    assert hop_ratio(strokes(places)) == pytest.approx(1, abs=0.05)
    in_rows = places[np.lexsort((places[:, 0], (places[:, 1] * 20).astype(int)))]
    assert hop_ratio(strokes(in_rows)) < 0.25


def test_a_square_walked_around_and_crossed() -> None:
    around = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], float)
    crossed = around[[0, 2, 1, 3]]
    expected = (4 + 2 * 2**0.5) / 6
    assert hop_ratio(strokes(around)) == pytest.approx(1 / expected)
    assert hop_ratio(strokes(crossed)) == pytest.approx((1 + 2 * 2**0.5) / 3 / expected)


def test_the_size_of_the_canvas_makes_no_difference() -> None:
    places = np.random.default_rng(1).random((40, 2))
    assert hop_ratio(strokes(places * 512)) == pytest.approx(hop_ratio(strokes(places)))


def test_a_long_program_is_measured_by_some_of_its_pairs() -> None:
    places = np.random.default_rng(2).random((3 * MOST_PAIRED, 2))
    assert hop_ratio(strokes(places)) == pytest.approx(1, abs=0.03)


def test_strokes_on_one_spot_take_no_way() -> None:
    assert hop_ratio(strokes(np.full((5, 2), 3.0))) == 0
