from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.pipelines.conftest import FRAMES, SIZE
from underpaint.datagen.seeds import sample_seed
from underpaint.pipelines.config import PaintConfig
from underpaint.pipelines.run import PaintResult, run


def paint(small: Path, out: Path, *subjects: object, task: str = "reconstruct", **values: Any) -> PaintResult:
    named = [str(each) for each in subjects]
    given = {"task": task, "subjects": named, "out": out, "models": small, "steps": 2, "device": "cpu"}
    return run(PaintConfig(**(given | values)), show=False)


def last_frame(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        image.seek(image.n_frames - 1)
        return np.asarray(image.convert("RGB"))


def test_a_single_picture(small: Path, folder_of_pictures: Path, tmp_path: Path, pipeline: Any) -> None:
    out = tmp_path / "o" / "a.webp"
    outcome = paint(small, out, folder_of_pictures / "p1.png", seed=3, preview=2)
    assert (outcome.written, outcome.failures) == ([out], [])
    assert sorted(path.name for path in out.parent.iterdir()) == ["a.json", "a.preview.png", "a.webp"]
    about = json.loads((tmp_path / "o" / "a.json").read_text())
    assert (about["task"], about["source"], about["shown"]) == ("reconstruct", "p1.png", [FRAMES - 1])
    assert about["seed"] == sample_seed(3, "p1.png", "reconstruct")
    again = pipeline.reconstruct(folder_of_pictures / "p1.png", seed=about["seed"], steps=2)
    assert np.array_equal(last_frame(out), again.frames[-1])


def test_a_folder_goes_on_after_a_broken_picture(small: Path, folder_of_pictures: Path, tmp_path: Path) -> None:
    outcome = paint(small, tmp_path / "o", folder_of_pictures, batch=2, format="gif")
    assert [path.name for path in outcome.written] == ["00001-p0.gif", "00002-p1.gif", "00003-p2.gif"]
    failures = json.loads((tmp_path / "o" / "failures.json").read_text())
    assert [(each["source"], each["reason"]) for each in failures] == [("broken.png", "not-a-picture")]
    assert json.loads((tmp_path / "o" / "00002-p1.json").read_text())["prompt"] == "a lake"
    alone = paint(small, tmp_path / "p1.gif", folder_of_pictures / "p1.png", prompt="a lake")
    assert alone.written[0].read_bytes() == outcome.written[1].read_bytes()


def test_prompts_with_known_frames(small: Path, folder_of_pictures: Path, tmp_path: Path) -> None:
    frame = [f"0={folder_of_pictures / 'p1.png'}", f"-1={folder_of_pictures / 'p1.png'}"]
    outcome = paint(small, tmp_path / "o", "a hill", "a lake", task="text", frame=frame, format="filmstrip")
    assert [path.name for path in outcome.written] == ["00000-a-hill.png", "00001-a-lake.png"]
    assert Image.open(outcome.written[0]).size == (FRAMES * 50 + 2, SIZE + 4)


def test_inverted_noise_unlike_noise_is_noted(small: Path, folder_of_pictures: Path, tmp_path: Path) -> None:
    options = {"inversion": True, "inversion_start": "clean", "inversion_rounds": 4}
    outcome = paint(small, tmp_path / "a.webp", folder_of_pictures / "p0.png", **options)
    assert "the inverted noise of frame 3 has a variance of" in outcome.notes[0]
    assert paint(small, tmp_path / "a.webp", folder_of_pictures / "p0.png").notes == []


def test_nothing_is_written_before_it_is_known_that_it_can_be(small: Path, folder_of_pictures: Path, tmp_path: Path):
    for values, message in (
        ({"frames": 9}, "9 frames are too many"),
        ({"models": tmp_path / "none"}, "is not a folder"),
        ({"lora": ["zorn"]}, "no lora 'zorn'"),
    ):
        with pytest.raises(ValueError, match=message):
            paint(small, tmp_path / "o" / "a", folder_of_pictures, **values)
    assert not (tmp_path / "o").exists()
