from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.datagen.videos import write_video
from tests.pipelines.evaluation.canvases import columns, save_animation, save_frames, sheets
from underpaint.datagen.corpus import Corpus
from underpaint.pipelines.evaluation.sequences import View, find_processes, read_target

WIDE = View(size=64, aspect="keep", frames=64, threshold=0.06)
SQUARE = View(size=64, aspect="square", frames=64, threshold=0.06)


def read(path: Path, view: View = WIDE) -> np.ndarray:
    (process,) = find_processes(path)
    return process.read(view)


def test_a_folder_of_frames_is_read_in_the_order_people_count(tmp_path: Path) -> None:
    frames = columns(12, size=(20, 36))
    folder = save_frames(tmp_path / "barn", frames)
    assert find_processes(folder)[0].name == "barn"
    assert np.array_equal(read(folder), frames), "small frames aren't enlarged"


def test_an_animated_webp_comes_back_to_the_byte(tmp_path: Path) -> None:
    frames = columns(4)
    assert np.array_equal(read(save_animation(tmp_path / "a.webp", frames)), frames)


def test_a_gif_comes_back_too(tmp_path: Path) -> None:
    frames = columns(4)
    assert np.array_equal(read(save_animation(tmp_path / "a.gif", frames)), frames)


def test_a_film_that_rests_on_its_last_frame_ends_there(tmp_path: Path) -> None:
    frames = [Image.fromarray(frame) for frame in columns(4, size=(48, 64))]
    film = write_video(tmp_path / "a.mp4", [*frames, *[frames[-1]] * 12])
    assert len(read(film)) == 5


def test_a_corpus_gives_its_frames_as_they_are_stored(corpus: Path) -> None:
    samples = list(Corpus(corpus))
    processes = find_processes(corpus)
    assert [process.name for process in processes] == [sample.entry.key for sample in samples]
    assert {process.renderer for process in processes} == {"bezier", "oil"}
    assert processes[0].source == "p0.png"
    assert np.array_equal(processes[0].read(WIDE), samples[0].frames())


def test_equal_frames_at_the_end_of_a_corpus_sample_or_a_folder_count(tmp_path: Path) -> None:
    assert len(read(save_frames(tmp_path / "a", sheets(255, 0, 0, 0)))) == 4


def test_a_folder_of_processes_gives_all_of_them(tmp_path: Path) -> None:
    save_frames(tmp_path / "all" / "deep" / "barn", columns(3))
    save_animation(tmp_path / "all" / "cat.webp", columns(3))
    Image.fromarray(columns(1)[1]).save(tmp_path / "all" / "cat-sheet.png")
    (tmp_path / "all" / "cat.json").write_text("{}")
    assert [process.name for process in find_processes(tmp_path / "all")] == ["cat.webp", "deep/barn"]


def test_large_frames_are_brought_to_the_size_of_the_view(tmp_path: Path) -> None:
    folder = save_frames(tmp_path / "a", columns(2, size=(128, 256)))
    assert read(folder).shape == (3, 64, 128, 3)
    assert read(folder, SQUARE).shape == (3, 64, 64, 3)


def test_of_long_processes_frames_are_picked_evenly_with_both_ends(tmp_path: Path) -> None:
    folder = save_frames(tmp_path / "a", sheets(*range(0, 110, 10)))
    few = View(size=64, aspect="keep", frames=3, threshold=0.06)
    assert read(folder, few)[:, 0, 0, 0].tolist() == [0, 50, 100]


def test_transparent_and_grey_frames_lie_on_white(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(folder / "0.png")
    Image.new("L", (20, 20), 7).save(folder / "1.png")
    assert read(folder)[:, 0, 0].tolist() == [[255, 255, 255], [7, 7, 7]]


def test_targets_of_a_corpus(with_targets: Path, corpus: Path) -> None:
    process = find_processes(with_targets)[0]
    target = process.target(WIDE, 32)
    assert target is not None
    assert target.shape == (32, 32, 3)
    assert find_processes(corpus)[0].target(WIDE, 32) is None


def test_a_picture_becomes_the_target_that_datagen_would_make(with_targets: Path) -> None:
    picture = read_target(with_targets.parent / "pictures" / "p0.png", SQUARE, 32)
    stored = find_processes(with_targets)[0].target(SQUARE, 32)
    assert np.array_equal(picture, stored)


def test_what_must_fail(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="does not exist"):
        find_processes(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="no process in"):
        find_processes(tmp_path / "empty")
    one = save_frames(tmp_path / "one", sheets(0))
    with pytest.raises(ValueError, match="one: it has 1 frame, a process has two or more"):
        read(one)
    still = tmp_path / "still.png"
    Image.new("RGB", (20, 20)).save(still)
    with pytest.raises(ValueError, match="1 frame,"):
        read(still)
    small = save_frames(tmp_path / "small", sheets(0, 9, size=(8, 40)))
    with pytest.raises(ValueError, match="too-small"):
        read(small)
    text = tmp_path / "notes.webp"
    text.write_text("no picture")
    with pytest.raises(ValueError, match=r"notes\.webp: cannot identify"):
        read(text)
    resting = save_animation(tmp_path / "resting.webp", sheets(100, 103, 100))
    with pytest.raises(ValueError, match="nothing happens"):
        read(resting)
    with pytest.raises(ValueError, match=r"target .*missing"):
        read_target(tmp_path / "missing.png", WIDE, 32)


def test_frames_of_several_sizes_are_refused(tmp_path: Path) -> None:
    folder = save_frames(tmp_path / "a", sheets(0, 50))
    Image.new("RGB", (30, 20)).save(folder / "2.png")
    with pytest.raises(ValueError, match="mixed-sizes: frame 2"):
        read(folder)


def test_a_damaged_frame_is_named(tmp_path: Path) -> None:
    folder = save_frames(tmp_path / "a", sheets(0, 50, 100))
    (folder / "1.png").write_bytes((folder / "1.png").read_bytes()[:60])
    with pytest.raises(ValueError, match=r"a: (truncated|damaged): 1\.png"):
        read(folder)


def test_a_damaged_corpus_sample_is_named(corpus: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(corpus, tmp_path / "copy"))
    start, _ = json.loads((copy / "000000.json").read_bytes())["samples"][0]["members"]["webp"]
    with (copy / "000000.tar").open("r+b") as tar:
        tar.seek(start)
        tar.write(b"garbage")
    with pytest.raises(ValueError, match=r"00000000-p0-bezier: .*not a WebP"):
        find_processes(copy)[0].read(WIDE)
