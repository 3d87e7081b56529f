from hypothesis import given
from hypothesis import strategies as st

from underpaint.datagen.format.sample import sample_key, slug
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
