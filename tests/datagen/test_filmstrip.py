import numpy as np
import pytest

from underpaint.datagen.corpus import Corpus
from underpaint.datagen.filmstrip import GAP, evenly, filmstrip


def test_rows_are_samples_and_columns_are_moments(finished):
    samples = list(Corpus(finished))[:3]
    strip = np.asarray(filmstrip(samples, columns=4, height=48))
    assert strip.shape == (GAP + 3 * (48 + GAP), GAP + 4 * (48 + GAP), 3)
    for row, sample in enumerate(samples):
        top = GAP + row * (48 + GAP)
        frames = sample.frames()
        for column, index in enumerate((0, 1, 3, 4)):
            left = GAP + column * (48 + GAP)
            np.testing.assert_array_equal(strip[top : top + 48, left : left + 48], frames[index])
    assert (strip[:GAP] == 255).all()
    assert (strip[:, :GAP] == 255).all()


def test_captions_stand_below(finished):
    samples = list(Corpus(finished))[:1]
    plain = np.asarray(filmstrip(samples, columns=3, height=32))
    captioned = np.asarray(filmstrip(samples, columns=3, height=32, captions=True))
    assert captioned.shape[0] > plain.shape[0]
    assert captioned[GAP + 32 :].min() < 128


def test_moments_are_even():
    frames = np.arange(16)[:, None, None, None]
    assert evenly(frames, 4).ravel().tolist() == [0, 5, 10, 15]
    assert evenly(frames[:2], 4).ravel().tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize(("options", "message"), [({"columns": 1}, "columns is 1"), ({"height": 3}, "height is 3")])
def test_wrong_options(finished, options, message):
    with pytest.raises(ValueError, match=message):
        filmstrip(list(Corpus(finished)), **options)


def test_size_is_bounded(finished):
    with pytest.raises(ValueError, match="too large"):
        filmstrip(list(Corpus(finished)), height=4000)
    with pytest.raises(ValueError, match="at least one"):
        filmstrip([])
