import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from underpaint.datagen.format.draws import draw, number, shuffled


def test_draws_stay_what_they_are_from_version_to_version():
    # A resumed run depends on it.
    assert number(0, 7, "flip") == 6591157728412681078
    assert draw(0, 7, "flip") == pytest.approx(number(0, 7, "flip") / 2**63)
    assert shuffled(8, "order", 0).tolist() == [3, 6, 4, 5, 0, 2, 1, 7]


def test_draws_are_even_and_unlike_each_other():
    values = np.array([[draw(0, position, name) for name in ("a", "b")] for position in range(4000)])
    assert np.all((values >= 0) & (values < 1))
    assert np.histogram(values[:, 0], 10, (0, 1))[0].min() > 320  # of 400 expected, 4 standard deviations
    assert abs(np.corrcoef(values.T)[0, 1]) < 0.06


def test_names_are_not_run_together():
    assert number("ab", "c") != number("a", "bc")


@settings(deadline=None)
@given(st.integers(0, 300), st.integers(0, 2**40))
def test_shuffled_is_a_permutation(count, seed):
    assert sorted(shuffled(count, seed)) == list(range(count))


def test_every_place_gets_every_number_equally_often():
    places = np.array([shuffled(5, seed) for seed in range(3000)])
    for place in range(5):
        assert np.bincount(places[:, place]).min() > 510  # of 600 expected, 4 standard deviations
