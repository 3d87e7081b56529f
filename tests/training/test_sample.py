import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from underpaint.datagen.format.frames import decode_frames
from underpaint.datagen.format.index import read_index
from underpaint.training.sample import BadSample, captions_of, make_sample
from underpaint.training.stored import canvas_and_frames


@pytest.fixture(scope="module")
def members(finished):
    (index,) = read_index(finished, lambda source, renderer: source == "p05.png")
    return index.read(0)


def make(members, config, position=0, side=48, training=True):
    out = np.zeros((config.frames, side, side, 3), np.uint8)
    given = {"position": position, "shape": (config.size, config.size), "out": out}
    sample = make_sample("k", "s.tar", *members, **given, config=config, training=training)
    return sample, out


def test_frames_are_those_that_it_says(members, configure):
    stored = decode_frames(members[0], 9)
    for position in range(20):
        sample, out = make(members, configure(), position)
        assert np.array_equal(out, stored[list(sample.indices)])
        assert (sample.stored, sample.indices[-1], sample.key, sample.position) == (9, 8, "k", position)


def test_half_of_the_sequences_begin_later(members, configure):
    config = configure(caption_dropout=0.1)
    samples = [make(members, config, position)[0] for position in range(600)]
    starts = Counter(sample.indices[0] for sample in samples)
    assert 250 < starts[0] < 350
    assert set(starts) == set(range(6))  # 4 of 9 frames can begin at the sixth at the latest
    assert 35 < Counter(sample.caption for sample in samples)[""] < 90
    assert {make(members, replace(config, later_start=0), position)[0].indices[0] for position in range(40)} == {0}


def test_captions_tell_which_sequences_begin_later(members, configure):
    samples = [make(members, configure(caption_dropout=0), position)[0] for position in range(40)]
    for sample in samples:
        mark = ", from a half-painted picture" if sample.indices[0] else ""
        assert sample.caption == f"picture 5{mark}"
    captions = captions_of(members[1], configure())
    assert {sample.caption for sample in samples} == captions


def test_single_pictures_are_finished(members, configure):
    config = configure(frames=1, half_painted=0)
    assert {make(members, config, position)[0].indices for position in range(40)} == {(8,)}


def test_half_painted_pictures_are_marked(members, configure):
    config = configure(frames=1, half_painted=0.3, caption_dropout=0, trigger="zorn style")
    samples = [make(members, config, position)[0] for position in range(400)]
    unfinished = [sample for sample in samples if sample.indices != (8,)]
    assert 85 < len(unfinished) < 155
    assert {sample.indices[0] for sample in unfinished} == set(range(8))
    for sample in samples:
        mark = "" if sample.indices == (8,) else f", half-painted, step {sample.indices[0]} of 8"
        assert sample.caption == f"zorn style, picture 5{mark}"


def test_captions(members, configure):
    webp, record = members
    config = configure(caption_dropout=1)
    assert make(members, config)[0].caption == ""
    assert make(members, config, training=False)[0].caption == "picture 5"
    without = webp, json.dumps(json.loads(record) | {"caption": None}).encode()
    assert make(without, config, training=False)[0].caption == ""


def test_a_trigger_comes_once(members, configure):
    """Recordings may have been imported with their trigger before the caption."""
    webp, record = members
    config = configure(trigger="sks")
    assert make(members, config, training=False)[0].caption == "sks, picture 5"
    imported = webp, json.dumps(json.loads(record) | {"caption": "sks, a peony", "trigger": "sks"}).encode()
    assert make(imported, config, training=False)[0].caption == "sks, a peony"


def test_captions_may_name_the_medium(members, configure):
    webp, record = members
    config = configure(name_medium=True, trigger="sks")
    assert make(members, config, training=False)[0].caption == "sks, bezier, picture 5"
    assert captions_of(record, configure(name_medium=True)) == {
        "bezier, picture 5",
        "bezier, picture 5, from a half-painted picture",
    }
    without = webp, json.dumps(json.loads(record) | {"caption": None}).encode()
    assert make(without, config, training=False)[0].caption == "sks, bezier"


def test_seeds_and_positions_differ(members, configure):
    draws = {make(members, configure(seed=seed), position)[0].draws for seed in (0, 1) for position in (0, 1)}
    assert len(draws) == 4


@pytest.mark.parametrize(
    ("change", "settings", "reason"),
    [
        (lambda webp, record: (webp[:200], record), {}, "not a readable WebP|it holds|not a WebP"),
        (lambda webp, record: (webp, b"{"), {}, "Expecting property name"),
        (lambda webp, record: (webp, b"[]"), {}, "list indices"),
        (
            lambda webp, record: (webp, b'{"frames": [1, 2, 3, 4], "caption": null}'),
            {},
            "it holds 9 frames, 4 are expected",
        ),
        (lambda webp, record: (webp, record.replace(b'"caption"', b'"x"')), {}, "no 'caption' in its JSON"),
        (lambda webp, record: (webp, record), {"frames": 10}, "it stores 9 frames, 10 are needed"),
        (lambda webp, record: (webp, record), {"size": 56}, "its canvas is 48 x 48 px, size is 56"),
    ],
)
def test_what_is_wrong_is_named(members, configure, change, settings, reason):
    with pytest.raises(BadSample, match=rf"sample k in s\.tar can't be used: .*({reason}).*--on-bad-sample skip"):
        make(change(*members), configure(**settings), side=settings.get("size", 48))


def test_canvas_and_frames(members):
    assert canvas_and_frames(members[1]) == ((48, 48), 9)
    with pytest.raises(ValueError, match="no 'canvas' in its JSON"):
        canvas_and_frames(b"{}")
