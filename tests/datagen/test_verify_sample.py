import io
import json
from pathlib import Path

import numpy as np
import pytest

from tests.datagen.helpers import KEY, kinds, rewrite_one, with_frames, with_json


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
