import json
import shutil

import numpy as np
import pytest

from tests.datagen.helpers import kinds, rewrite_one, with_fingerprint, with_json
from underpaint.datagen.format.webp import decode_frames, encode_frames

BARN = "00000000-barn-recorded"


@pytest.fixture
def corpus(recorded, tmp_path):
    return shutil.copytree(recorded, tmp_path / "corpus")


def change_frames(corpus, change):
    def changed(data: bytes) -> bytes:
        record = json.loads(data)
        change(record["frames"])
        return json.dumps(record).encode()

    rewrite_one(corpus, BARN, json=changed)


def test_nothing_is_wrong_with_a_corpus(corpus):
    assert kinds(corpus) == set()


@pytest.mark.parametrize(
    "values",
    [{"seed": 1}, {"strokes": 9}, {"psnr": 1.0}, {"trigger": "xyz"}, {"frames": []}, {"about": {}}, {"trigger": 7}],
)
def test_json_that_can_t_be(corpus, values):
    with_json(corpus, BARN, **values)
    assert ("000000", BARN, "json") in kinds(corpus)


@pytest.mark.parametrize(
    "change",
    [
        lambda frames: frames[0].update(frame=None),
        lambda frames: frames[2].update(frame=0),
        lambda frames: frames[-1].update(frame=10**6),
        lambda frames: frames[1].pop("frame"),
        lambda frames: frames[1].update(frame="x"),
    ],
)
def test_numbers_of_frames(corpus, change):
    change_frames(corpus, change)
    assert ("000000", BARN, "json") in kinds(corpus)


def test_psnr_is_measured_against_the_last_frame(corpus):
    change_frames(corpus, lambda frames: frames[1].update(psnr=12.5))
    assert kinds(corpus) == {("000000", BARN, "psnr")}


def test_a_changed_frame_is_noticed(corpus):
    def change(data: bytes) -> bytes:
        frames = decode_frames(data, 5).copy()
        frames[2, :9] = np.arange(9, dtype=np.uint8)[:, None, None]
        return encode_frames(frames)

    rewrite_one(corpus, BARN, webp=change)
    assert kinds(corpus) == {("000000", BARN, "psnr")}


def test_strokes_have_no_place_there(corpus):
    job = json.loads((corpus / "job.json").read_bytes())
    job["config"]["store_target"] = True
    with_fingerprint(corpus, job)
    assert ("000000", BARN, "member") in kinds(corpus)
