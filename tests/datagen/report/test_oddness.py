from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.datagen.report.helpers import a_row
from underpaint.datagen.report.oddness import ODD, half_way, largest_step, modified_z, oddest, oddities, worst


def usual(count: int = 20, **changes):
    return [a_row(number, psnr=25 + 0.1 * (number % 5), **changes) for number in range(count)]


def test_one_unlike_the_others_is_found_and_the_reason_said():
    rows = [*usual(), a_row(20, psnr=12.0)]
    odd = oddities(rows)
    (found,) = oddest(odd, 5)
    assert (found.number, found.measure) == (20, "final PSNR")
    assert found.reason == "final PSNR 12.0 dB, usually 25.2 dB"
    assert [each.number for each in odd] == list(range(21))


def test_few_strokes_among_equals_are_odd():
    rows = [*usual(strokes=1000), a_row(20, strokes=12)]
    (found,) = oddest(oddities(rows), 5)
    assert found.reason == "strokes 12, usually 1,000"


def test_each_is_compared_with_its_own_medium():
    rows = [*usual(), *(a_row(20 + n, group="ink", psnr=12 + 0.1 * (n % 5)) for n in range(20))]
    assert oddest(oddities(rows), 5) == []


def test_of_a_few_nobody_knows_what_is_usual():
    rows = [*usual(6), a_row(6, psnr=2.0)]
    assert all(each.score == 0 for each in oddities(rows))
    assert oddities([]) == []


def test_values_that_are_not_there_are_no_oddity():
    rows = [a_row(number, psnr=None, curve=(5.0, None, None)) for number in range(20)]
    assert all(each.score == 0 for each in oddities(rows))


def test_the_oddest_come_first():
    rows = [*usual(), a_row(20, psnr=20.0), a_row(21, psnr=5.0)]
    assert [each.number for each in oddest(oddities(rows), 5)] == [21, 20]
    assert [each.number for each in oddest(oddities(rows), 1)] == [21]


def test_a_difference_of_a_thousandth_is_not_odd():
    rows = [*usual(strokes=1000), a_row(20, strokes=999)]
    assert oddest(oddities(rows), 5) == []


def test_the_shape_of_the_curve():
    row = a_row(curve=(5.0, 6.0, 16.0, None))
    assert half_way(row) == 16.0
    assert largest_step(row) == 10.0
    assert largest_step(a_row(curve=(5.0, None))) is None


def test_modified_z_is_that_of_iglewicz_and_hoaglin():
    values = [2.1, 2.6, 2.4, 2.5, 2.3, 2.1, 2.3, 2.6, 8.2, 8.3]
    # 0.6745 (x - 2.45) / 0.15 + ..., with the median absolute deviation of these.
    median = np.median(values)
    mad = np.median(np.abs(np.array(values) - median))
    np.testing.assert_allclose(modified_z(values), 0.6745 * (np.array(values) - median) / mad)
    assert (np.abs(modified_z(values)) >= ODD).sum() == 2


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), max_size=30))
def test_scores_are_always_numbers(values):
    scores = modified_z(values)
    assert scores.shape == (len(values),)
    assert np.isfinite(scores).all()
    assert all(score == 0 for score, value in zip(scores, values, strict=True) if value is None)


def test_the_worst_of_each_medium():
    rows = [
        a_row(0, psnr=20.0),
        a_row(1, psnr=10.0),
        a_row(2, psnr=15.0),
        a_row(3, group="region", psnr=None),
        a_row(4, group="ink", psnr=9.0),
    ]
    assert worst(rows, 2) == [1, 2, 4]
    assert worst(rows, 1) == [1, 4]
    assert worst([], 1) == []


@pytest.mark.parametrize("curve", [(), (3.0,)])
def test_curves_too_short_for_a_step(curve):
    assert largest_step(a_row(curve=curve)) is None
