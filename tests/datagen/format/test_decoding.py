import numpy as np
import pytest

from underpaint.datagen.corpus import Corpus
from underpaint.datagen.format.decoding import ProcessDecoder
from underpaint.datagen.format.index import read_index


def members(sample):
    return {"__key__": sample.key, **{name: sample.member(name) for name in sample.entry.members}}


def test_a_sample_is_decoded_to_the_byte(finished):
    sample = Corpus(finished)[3]
    found = ProcessDecoder(program=True, record=True)(members(sample))
    record = sample.record()
    assert (found["key"], found["source"], found["renderer"]) == (sample.key, sample.source, sample.renderer)
    assert (found["caption"], found["record"]) == (record["caption"], record)
    np.testing.assert_array_equal(found["frames"], sample.frames())
    assert found["strokes"].tolist() == [frame["strokes"] for frame in record["frames"]]
    np.testing.assert_array_equal(found["program"]["strokes"], sample.program().strokes)


@pytest.mark.parametrize(("wanted", "indices"), [(1, [4]), (2, [0, 4]), (3, [0, 2, 4]), (None, [0, 1, 2, 3, 4])])
def test_frames_are_chosen_evenly_and_end_finished(finished, wanted, indices):
    sample = Corpus(finished)[0]
    found = ProcessDecoder(frames=wanted)(members(sample))
    assert found["indices"].tolist() == indices
    np.testing.assert_array_equal(found["frames"], sample.frames()[indices])


def test_recordings_have_no_strokes(recorded):
    found = ProcessDecoder(program=True)(members(Corpus(recorded)[0]))
    assert (found["program"], found["strokes"].tolist()) == ({}, [0] * len(found["frames"]))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"webp": b"RIFF"}, "not a WebP"),
        ({"webp": np.zeros((3, 48, 48))}, "webp is a ndarray, decoded by the loader, which takes one frame"),
        ({"webp": None, "json": None}, "it has no 'json'"),
        ({"webp": None}, "neither webp"),
        ({"json": b"{}"}, "it has no 'frames'"),
        ({"strokes.npz": b"PK\x03\x04"}, "not a zip file"),
    ],
)
def test_what_cannot_be_decoded_is_named(finished, changes, message):
    sample = members(Corpus(finished)[0]) | changes
    sample = {name: value for name, value in sample.items() if value is not None}
    with pytest.raises(ValueError, match=f"sample 00000000-alter-baum-bezier can't be decoded: .*{message}"):
        ProcessDecoder(program=True)(sample)


def test_more_frames_than_there_are(finished):
    with pytest.raises(ValueError, match="it stores 5 frames, 6 are asked for"):
        ProcessDecoder(frames=6)(members(Corpus(finished)[0]))
    with pytest.raises(ValueError, match="frames is 0"):
        ProcessDecoder(frames=0)


def test_an_index_gives_the_members_of_a_sample_in_one_read(finished):
    (index,) = read_index(finished, lambda source, renderer: True)
    for number, sample in enumerate(Corpus(finished)):
        assert {"__key__": index.key(number), **index.members(number)} == members(sample)
