from __future__ import annotations

import numpy as np
import pytest

from tests.datagen.report.helpers import a_row
from underpaint.datagen.corpus import Corpus
from underpaint.datagen.report.figures import change_bands, histograms, psnr_bands
from underpaint.datagen.report.rows import read_rows


def test_a_band_holds_the_middle_of_the_curves():
    rows = [a_row(number, curve=(0.0, float(number), 10.0 + number)) for number in range(11)]
    (band,) = psnr_bands(rows)
    assert band.group == "bezier"
    np.testing.assert_array_equal(band.x, [0, 0.5, 1])
    np.testing.assert_array_equal(band.middle, [0, 5, 15])
    np.testing.assert_array_equal(band.low, [0, 1, 11])
    np.testing.assert_array_equal(band.high, [0, 9, 19])


def test_paintings_equal_to_their_pictures_have_no_end():
    rows = [a_row(number, group="region", curve=(5.0, 20.0, None)) for number in range(5)]
    (band,) = psnr_bands(rows)
    assert band.middle.tolist() == [5, 20, np.inf]


def test_processes_of_several_lengths_share_a_band():
    rows = [a_row(0, curve=(0.0, 10.0)), a_row(1, curve=(0.0, 2.0, 4.0, 6.0, 10.0))]
    (band,) = psnr_bands(rows)
    assert len(band.x) == 5
    assert (band.low[0], band.high[-1]) == (0, 10)


def test_long_ones_are_thinned_out():
    (band,) = psnr_bands([a_row(0, curve=tuple(map(float, range(200))))])
    assert len(band.x) == 33
    assert (band.middle[0], band.middle[-1]) == (0, 199)


def test_real_curves_rise(finished):
    (band,) = psnr_bands(list(read_rows(list(Corpus(finished)))))
    assert (np.diff(band.middle) > 0).all()
    assert (band.low <= band.middle).all()
    assert (band.middle <= band.high).all()


def test_change_is_told_in_percent():
    (band,) = change_bands({"oil": [(0.5, 0.25), (0.5, 0.25)]})
    assert (band.group, band.middle.tolist()) == ("oil", [50, 25])


def test_change_of_a_single_step():
    (band,) = change_bands({"oil": [(0.5,)]})
    assert band.middle.tolist() == [50, 50]


def test_histograms_count_every_sample():
    rows = [a_row(number, psnr=float(number)) for number in range(10)]
    rows += [a_row(10 + number, group="ink", psnr=None, strokes=7) for number in range(5)]
    psnr, strokes, size = histograms(rows)
    assert {name: counts.sum() for name, counts in psnr.counts.items()} == {"bezier": 10}
    assert {name: counts.sum() for name, counts in strokes.counts.items()} == {"bezier": 10, "ink": 5}
    assert {name: counts.sum() for name, counts in size.counts.items()} == {"bezier": 10, "ink": 5}
    assert (psnr.edges[0], psnr.edges[-1]) == (0, 9)


def test_recorded_processes_have_neither_psnr_nor_strokes(recorded):
    rows = list(read_rows(list(Corpus(recorded))))
    assert [histogram.name for histogram in histograms(rows)] == ["kB a sample"]


@pytest.mark.parametrize("rows", [[]])
def test_without_rows(rows):
    assert psnr_bands(rows) == []
    assert histograms(rows) == []
