import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.datagen.helpers import CHARCOAL, KEY, kinds, rewrite_one, with_fingerprint, with_frames, with_json
from underpaint import renderers
from underpaint.datagen.format.frames import decode_frames
from underpaint.datagen.format.webp import encode_frames


def test_a_member_too_few(corpus):
    rewrite_one(corpus, target_webp=None)
    assert kinds(corpus) == {("000000", KEY, "member")}


@pytest.mark.parametrize(
    "values", [{"seed": 1}, {"psnr": 1.0}, {"source": "x"}, {"key": "x"}, {"renderer": "oil"}, {"schedule": "log"}]
)
def test_json_that_disagrees_with_sidecar_or_job(corpus, values):
    with_json(corpus, **values)
    assert ("000000", KEY, "json") in kinds(corpus)


def test_json_that_is_none(corpus):
    rewrite_one(corpus, json=lambda data: b"{'key'}")
    assert kinds(corpus) == {("000000", KEY, "json")}


def test_strokes_must_rise(corpus):
    frames = [{"strokes": count, "psnr": 1.0} for count in (0, 9, 8, 20, 24)]
    with_json(corpus, frames=frames)
    assert ("000000", KEY, "json") in kinds(corpus)


@pytest.mark.parametrize(("index", "kind"), [(0, "ground"), (2, "replay"), (-1, "replay")])
def test_every_frame_must_be_what_the_program_paints(corpus, index, kind):
    def flip(frames: np.ndarray) -> np.ndarray:
        frames[index, 3, 4, 0] ^= 1
        return frames

    with_frames(corpus, flip)
    assert ("000000", KEY, kind) in kinds(corpus)


def test_frames_of_another_number_or_size(corpus):
    with_frames(corpus, lambda frames: frames[:4])
    assert kinds(corpus) == {("000000", KEY, "frames")}


def changed_frame(data: bytes, index: int, **values: object) -> bytes:
    record = json.loads(data)
    record["frames"][index] |= values
    return json.dumps(record).encode()


@pytest.mark.parametrize(
    ("index", "values"),
    [
        (0, {"phase": "layout"}),
        (2, {"phase": "blank"}),
        (-1, {"phase": "painting"}),
        (-1, {"phase": None}),
        (1, {"regions": 3}),
    ],
)
def test_what_is_said_of_a_frame_must_be_what_the_program_says(corpus, index, values):
    rewrite_one(corpus, json=lambda data: changed_frame(data, index, **values))
    assert kinds(corpus) == {("000000", KEY, "moment")}


def test_a_frame_without_a_phase(corpus):
    def drop(data: bytes) -> bytes:
        record = json.loads(data)
        del record["frames"][1]["phase"]
        return json.dumps(record).encode()

    rewrite_one(corpus, json=drop)
    assert kinds(corpus) == {("000000", KEY, "moment")}


@pytest.mark.parametrize("step", [{"bands": [0]}, {"bands": "all"}, {"phase": "lower"}])
def test_what_a_medium_says_of_a_frame_of_its_own(charcoal_corpus, step):
    rewrite_one(charcoal_corpus, CHARCOAL, json=lambda data: changed_frame(data, 1, **step))
    assert kinds(charcoal_corpus) == {("000000", CHARCOAL, "moment")}


def test_the_facts_of_a_sample_must_be_those_of_its_program(charcoal_corpus):
    with_json(charcoal_corpus, CHARCOAL, about={"paper": "smooth"})
    assert kinds(charcoal_corpus) == {("000000", CHARCOAL, "json")}


def test_a_phase_changed_in_the_program(charcoal_corpus):
    def change(data: bytes) -> bytes:
        program, buffer = renderers.Program.load(io.BytesIO(data)), io.BytesIO()
        replace(program, phase=np.zeros(len(program), np.uint8)).save(buffer)
        return buffer.getvalue()

    rewrite_one(charcoal_corpus, CHARCOAL, strokes_npz=change)
    assert kinds(charcoal_corpus) == {("000000", CHARCOAL, "moment")}


def test_a_psnr_that_doesn_t_fit_the_target(corpus):
    def lie(data: bytes) -> bytes:
        record = json.loads(data)
        record["frames"][2]["psnr"] += 0.5
        return json.dumps(record).encode()

    rewrite_one(corpus, json=lie)
    assert kinds(corpus) == {("000000", KEY, "psnr")}


@pytest.mark.parametrize("content", [b"", b"PK", b"x" * 500])
def test_a_program_that_can_t_be_loaded(corpus, content):
    rewrite_one(corpus, strokes_npz=lambda data: content)
    assert kinds(corpus) == {("000000", KEY, "program")}


def test_a_pickle_is_never_opened(corpus, tmp_path):
    class Bomb:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "exploded",))

    def pickled(data: bytes) -> bytes:
        buffer = io.BytesIO()
        np.savez(buffer, format=np.array([Bomb()], dtype=object), strokes=np.array([Bomb()], dtype=object))
        return buffer.getvalue()

    rewrite_one(corpus, strokes_npz=pickled)
    assert kinds(corpus) == {("000000", KEY, "program")}
    assert not (tmp_path / "exploded").exists()


# --- recordings

BARN = "00000000-barn-recorded"


@pytest.fixture
def recorded_corpus(recorded, tmp_path):
    return shutil.copytree(recorded, tmp_path / "corpus")


def change_frames(recorded_corpus, change):
    def changed(data: bytes) -> bytes:
        record = json.loads(data)
        change(record["frames"])
        return json.dumps(record).encode()

    rewrite_one(recorded_corpus, BARN, json=changed)


def test_nothing_is_wrong_with_a_corpus_of_recordings(recorded_corpus):
    assert kinds(recorded_corpus) == set()


@pytest.mark.parametrize(
    "values",
    [{"seed": 1}, {"strokes": 9}, {"psnr": 1.0}, {"trigger": "xyz"}, {"frames": []}, {"about": {}}, {"trigger": 7}],
)
def test_json_of_a_recording_that_can_t_be(recorded_corpus, values):
    with_json(recorded_corpus, BARN, **values)
    assert ("000000", BARN, "json") in kinds(recorded_corpus)


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
def test_numbers_of_recorded_frames(recorded_corpus, change):
    change_frames(recorded_corpus, change)
    assert ("000000", BARN, "json") in kinds(recorded_corpus)


def test_psnr_of_a_recording_is_measured_against_the_last_frame(recorded_corpus):
    change_frames(recorded_corpus, lambda frames: frames[1].update(psnr=12.5))
    assert kinds(recorded_corpus) == {("000000", BARN, "psnr")}


def test_a_changed_frame_of_a_recording_is_noticed(recorded_corpus):
    def change(data: bytes) -> bytes:
        frames = decode_frames(data, 5).copy()
        frames[2, :9] = np.arange(9, dtype=np.uint8)[:, None, None]
        return encode_frames(frames)

    rewrite_one(recorded_corpus, BARN, webp=change)
    assert kinds(recorded_corpus) == {("000000", BARN, "psnr")}


def test_strokes_have_no_place_in_a_recording(recorded_corpus):
    job = json.loads((recorded_corpus / "job.json").read_bytes())
    job["config"]["store_target"] = True
    with_fingerprint(recorded_corpus, job)
    assert ("000000", BARN, "member") in kinds(recorded_corpus)
