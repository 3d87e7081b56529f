import numpy as np
import pytest
from PIL import ImageDraw

from underpaint.datagen.corpus import Corpus
from underpaint.datagen.filmstrip import evenly, filmstrip
from underpaint.renderers.film.stills import GAP

LONG = "a\nb " + "long " * 400


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


def test_captions_name_the_medium_in_one_line_as_wide_as_the_strip(in_two_media, monkeypatch):
    drawn = []
    monkeypatch.setattr(ImageDraw.ImageDraw, "text", lambda self, place, text, **others: drawn.append(text))
    samples = [Corpus(in_two_media).find(f"p3-{medium}") for medium in ("bezier", "charcoal")]
    filmstrip(samples, columns=3, height=96, captions=True)
    assert drawn == ["bezier: picture 3", "charcoal: picture 3"]
    monkeypatch.setattr(
        type(samples[0]), "record", lambda self: {"canvas": [48, 48], "frames": [1] * 5, "caption": LONG}
    )
    filmstrip(samples[:1], columns=3, height=96, captions=True)
    assert drawn[2].startswith(r"bezier: a\nb")
    assert drawn[2].endswith("…")
    assert len(drawn[2]) < 60
