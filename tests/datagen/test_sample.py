import io
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import renderers
from datagen.decode import BadPicture
from datagen.sample import Stopwatch, make_sample, sample_key, slug
from datagen.sources import Source
from datagen.webp import decode_frames
from tests.datagen.helpers import synthetic


@pytest.fixture
def source(tmp_path):
    synthetic(4).save(tmp_path / "A Tree.png")
    return Source(7, "trees/A Tree.png", tmp_path / "A Tree.png", "a tree")


def test_a_sample_holds_the_whole_process(source, configure, tmp_path):
    sample = make_sample(source, configure(tmp_path, store_target=True))
    assert sample.key == "00000007-a-tree-bezier"
    assert list(sample.files) == ["webp", "json", "strokes.npz", "target.webp"]
    record = json.loads(sample.files["json"])
    assert record == sample.record
    assert (record["source"], record["caption"], record["canvas"]) == ("trees/A Tree.png", "a tree", [48, 48])
    frames = decode_frames(sample.files["webp"], 5)
    program = renderers.Program.load(io.BytesIO(sample.files["strokes.npz"]))
    for frame, step in zip(frames, record["frames"], strict=True):
        np.testing.assert_array_equal(frame, program.replay(strokes=step["strokes"]))
    target = np.asarray(Image.open(io.BytesIO(sample.files["target.webp"])))
    assert record["psnr"] == record["frames"][-1]["psnr"] == pytest.approx(renderers.psnr(frames[-1], target), abs=1e-4)
    assert record["frames"][0]["strokes"] == 0
    assert record["strokes"] == len(program) == record["frames"][-1]["strokes"]


def test_a_sample_is_the_same_every_time(source, configure, tmp_path):
    config = configure(tmp_path)
    assert make_sample(source, config) == make_sample(source, config)
    assert make_sample(source, config).files != make_sample(source, configure(tmp_path, seed=1)).files


def test_only_a_fixed_set_of_facts_goes_into_the_json(source, configure, tmp_path):
    text = make_sample(source, configure(tmp_path)).files["json"].decode()
    assert str(tmp_path) not in text
    assert set(json.loads(text)) == {
        *("key", "source", "caption", "renderer", "quality", "schedule", "seed"),
        *("canvas", "strokes", "frames", "psnr", "version"),
    }


def test_a_plain_picture_is_painted_too(configure, tmp_path):
    Image.new("RGB", (40, 40), "white").save(tmp_path / "white.png")
    sample = make_sample(Source(0, "white.png", tmp_path / "white.png"), configure(tmp_path))
    assert len(decode_frames(sample.files["webp"], 5)) == 5
    assert json.loads(sample.files["json"])["caption"] is None


def test_the_proportions_are_kept_on_demand(source, configure, tmp_path):
    assert make_sample(source, configure(tmp_path, aspect="keep")).record["canvas"] == [48, 60]


def test_a_renderer_that_fails_on_a_picture_is_a_reason(source, configure, tmp_path, monkeypatch):
    def fail(*args: object, **options: object) -> None:
        raise ZeroDivisionError("no light")

    monkeypatch.setattr(renderers, "paint", fail)
    with pytest.raises(BadPicture) as bad:
        make_sample(source, configure(tmp_path))
    assert (bad.value.reason, bad.value.detail) == ("not-painted", "ZeroDivisionError: no light")


def test_time_is_told_by_step(source, configure, tmp_path):
    watch = Stopwatch()
    make_sample(source, configure(tmp_path), watch)
    assert set(watch.seconds) == {"decode", "paint", "frames", "encode"}
    assert all(seconds > 0 for seconds in watch.seconds.values())


@given(st.text(max_size=80))
def test_a_slug_is_short_and_plain(text):
    result = slug(text)
    assert 1 <= len(result) <= 40
    assert set(result) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert slug(result) == result


@given(st.integers(0, 10**9), st.text(max_size=80).map(lambda text: text.replace("\0", "")))
def test_a_key_has_no_dot_and_fits_into_a_tar(index, name):
    key = sample_key(Source(index, name, Path(name)), "bezier")
    assert "." not in key
    assert "/" not in key
    assert len(f"{key}.strokes.npz") < 100
    assert int(key.split("-")[0]) == index


def test_some_slugs():
    assert slug("A red  Barn_(2).final") == "a-red-barn-2-final"
    assert slug("Ä Œuvre — naïve") == "a-uvre-naive"
    assert slug("山水") == "picture"
    assert slug("x" * 39 + " y") == "x" * 39
