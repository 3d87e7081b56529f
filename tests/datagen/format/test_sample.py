import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underpaint.datagen.format.sample import rounded_psnr, sample_key, slug
from underpaint.datagen.jobs.maker import Stopwatch


def test_a_stopwatch_adds_up_by_step():
    watch = Stopwatch()
    for step in ("decode", "paint", "decode"):
        with watch.step(step):
            before = dict(watch.seconds)
        assert watch.seconds[step] > before.get(step, 0.0)
    assert watch.seconds.keys() == {"decode", "paint"}


@given(st.text(max_size=80))
def test_a_slug_is_short_and_plain(text):
    result = slug(text)
    assert 1 <= len(result) <= 40
    assert set(result) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert slug(result) == result


@given(st.integers(0, 10**9), st.text(max_size=80).map(lambda text: text.replace("\0", "")))
def test_a_key_has_no_dot_and_fits_into_a_tar(index, name):
    key = sample_key(index, name, "bezier")
    assert "." not in key
    assert "/" not in key
    assert len(f"{key}.strokes.npz") < 100
    assert int(key.split("-")[0]) == index


def test_some_slugs():
    assert slug("A red  Barn_(2).final") == "a-red-barn-2-final"
    assert slug("Ä Œuvre — naïve") == "a-uvre-naive"
    assert slug("山水") == "picture"
    assert slug("x" * 39 + " y") == "x" * 39


def test_equal_pictures_have_no_psnr_and_nan_is_none():
    assert (rounded_psnr(math.inf), rounded_psnr(12.34567)) == (None, 12.3457)
    with pytest.raises(ValueError, match="NaN"):
        rounded_psnr(math.nan)
