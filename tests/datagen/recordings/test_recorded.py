import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.datagen.videos import painting, with_bars, with_hand, write_pictures, write_video
from tests.pictures import load_picture
from underpaint import renderers
from underpaint.datagen.format.frames import decode_frames
from underpaint.datagen.format.sample import Failure, Sample
from underpaint.datagen.import_config import ImportConfig
from underpaint.datagen.jobs.maker import Stopwatch
from underpaint.datagen.recordings.recorded import make_recorded
from underpaint.datagen.sources.source import Source

CONFIG = ImportConfig(source="in", out=Path("out"), size=72, aspect="keep", frames=6)


def made(path, **changes):
    sample = make_recorded(Source(3, path.name, path), replace(CONFIG, **changes), Stopwatch())
    if isinstance(sample, Sample):
        assert json.loads(sample.files["json"]) == sample.record
        return sample.record, decode_frames(sample.files["webp"], len(sample.record["frames"]))
    return sample


def steps(frames):
    flat = frames.astype(float)
    return np.abs(np.diff(flat, axis=0)).mean(axis=(1, 2, 3))


@pytest.mark.parametrize("on_white", [False, True])
def test_photographs_of_a_painting_in_work(tmp_path, on_white):
    picture, options = load_picture("temple", (96, 128)), {"manner": "error", "ground": "#e8e0d0"}
    process = renderers.paint(picture, strokes=300, quality="draft", **options)
    frames = [Image.fromarray(frame) for frame in process.frames(12, "log")]
    folder = tmp_path / "temple"
    folder.mkdir()
    for number, frame in enumerate(with_bars(frames, 0, 16, "white") if on_white else frames):
        frame.save(folder / f"{number}.jpg", quality=85)
    record, kept = made(folder, aspect="square", size=96)
    assert len(kept) == 6
    assert record["frames"][0]["frame"] == 0
    assert record["frames"][-1]["frame"] == 11
    psnr = [step["psnr"] for step in record["frames"]]
    assert psnr.pop() is None
    assert psnr == sorted(psnr)
    assert psnr[0] == round(renderers.psnr(kept[0], kept[-1]), 4)
    assert (record["about"]["crop"] is not None) == on_white
    assert kept[-1].min(axis=(1, 2))[[0, -1]].max() < 200  # no row of the white square is left


def test_steps_are_even_whatever_the_pace(tmp_path):
    hurried = [*painting(40)][:20] + [frame for frame in [*painting(40)][20:] for _ in range(5)]
    record, frames = made(write_video(tmp_path / "v.mp4", hurried))
    assert len(frames) == 6
    assert steps(frames).max() < 1.6 * steps(frames).min()
    assert record["frames"][-1] == {"frame": 119, "seconds": 11.9, "psnr": None}


def test_a_pause_takes_no_frames(tmp_path):
    path = write_video(tmp_path / "v.mp4", painting(80, pause=range(20, 60)))
    record, frames = made(path)
    assert sum(25 < step["frame"] < 55 for step in record["frames"]) <= 1
    assert steps(frames).max() < 1.6 * steps(frames).min()


def test_a_hand_is_seen_at_neither_pick(tmp_path):
    record, _ = made(write_video(tmp_path / "v.mp4", with_hand(painting(70))))
    assert not any(step["frame"] % 7 in (2, 3) for step in record["frames"][1:-1])


def test_bars_are_cut_off(tmp_path):
    path = write_video(tmp_path / "v.mp4", with_bars(painting(30), 0, 40))
    record, frames = made(path)
    left, top, right, bottom = record["about"]["crop"]
    assert (left, right) == (0, 96)
    assert 40 <= top <= 42
    assert 110 <= bottom <= 112
    assert frames[0].min() > 200
    assert record["canvas"] == [72, round(72 * 96 / (bottom - top))]
    whole, frames = made(path, crop="none")
    assert whole["about"]["crop"] is None
    assert frames[0].min() < 20
    assert made(path, min_side=75).detail.endswith("within its bars, a side of 75 is needed")


def test_a_cut_to_another_view_is_a_step(tmp_path):
    other = [Image.new("RGB", (96, 72), "navy")] * 20
    record, _ = made(write_video(tmp_path / "v.mp4", [*list(painting(40)), *other]))
    assert record["frames"][-1]["frame"] == 59
    assert record["frames"][-2]["frame"] < 40


def test_few_frames_are_stored_once_each(tmp_path):
    frames = list(painting(4))
    folder = write_pictures(tmp_path / "f", [frame for frame in frames for _ in range(2)])
    record, found = made(folder)
    assert [step["frame"] for step in record["frames"]] == [0, 2, 4, 7]
    np.testing.assert_array_equal(found, np.stack([np.asarray(frame) for frame in frames]))


def test_an_empty_ground_comes_first(tmp_path):
    folder = write_pictures(tmp_path / "f", list(painting(12))[5:])
    record, frames = made(folder, blank="ground", ground="#f0e0d0")
    assert record["frames"][0]["frame"] is None
    assert len(frames) == 6
    assert (frames[0] == (0xF0, 0xE0, 0xD0)).all()
    blank = write_pictures(tmp_path / "g", painting(4))
    record, frames = made(blank, blank="ground", ground="#f0ece4")
    # The sheet itself is not stored a second time.
    assert [step["frame"] for step in record["frames"]] == [None, 1, 2, 3]


@pytest.mark.parametrize(
    ("caption", "trigger", "job", "whole", "stored"),
    [
        ("a barn", None, None, "a barn", None),
        ("a barn", None, "sks", "sks, a barn", "sks"),
        ("a barn", "own", "sks", "own, a barn", "own"),
        (None, None, "sks", "sks", "sks"),
        (None, None, None, None, None),
    ],
)
def test_captions_and_triggers(tmp_path, caption, trigger, job, whole, stored):
    folder = write_pictures(tmp_path / "f", painting(2))
    sample = make_recorded(Source(0, "f", folder, caption, trigger), replace(CONFIG, trigger=job), Stopwatch())
    assert (sample.record["caption"], sample.record["trigger"]) == (whole, stored)


def failed(path, **changes):
    failure = made(path, **changes)
    assert isinstance(failure, Failure)
    assert (failure.source, failure.index, failure.renderer) == (path.name, 3, None)
    return failure.reason


def test_what_can_t_be_used(tmp_path):
    assert failed(write_pictures(tmp_path / "one", painting(1))) == "too-few-frames"
    assert failed(write_video(tmp_path / "still.mp4", [next(painting(2))] * 9)) == "too-few-frames"
    assert failed(tmp_path / "none.mp4") == "missing"
    mixed = write_pictures(tmp_path / "mixed", painting(3))
    Image.new("RGB", (90, 72)).save(mixed / "1.png")
    assert failed(mixed) == "mixed-sizes"
    assert failed(write_pictures(tmp_path / "long", painting(3)), max_aspect=1.2) == "too-long"
    broken = write_pictures(tmp_path / "broken", painting(3))
    (broken / "2.png").write_bytes((broken / "2.png").read_bytes()[:99])
    assert failed(broken) in ("truncated", "damaged")


def test_the_same_bytes_again(tmp_path):
    source = Source(0, "v.mp4", write_video(tmp_path / "v.mp4", painting(20)))
    first, second = (make_recorded(source, replace(CONFIG, store_target=True), Stopwatch()) for _ in range(2))
    assert isinstance(first, Sample)
    assert first == second
    assert list(first.files) == ["webp", "json", "target.webp"]
    frames = decode_frames(first.files["webp"], len(first.record["frames"]))
    np.testing.assert_array_equal(decode_frames(first.files["target.webp"], 1)[0], frames[-1])
