from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.pipelines.conftest import FRAMES, SIZE, picture
from underpaint.datagen.pictures.picture import BadPicture
from underpaint.pipelines.app.config import AppConfig
from underpaint.pipelines.app.studio import (
    Reporter,
    Studio,
    caption,
    lora_names,
    paint_config,
    save,
)
from underpaint.pipelines.callback import Callback
from underpaint.pipelines.request import Painting
from underpaint.pipelines.run import run

pytest.importorskip("diffusers")
pytest.importorskip("peft")


@pytest.fixture(scope="module")
def app(small: Path) -> AppConfig:
    return AppConfig(models=small, device="cpu")


@pytest.fixture(scope="module")
def studio(app: AppConfig) -> Studio:
    return Studio(app)


def painted(count: int = 5, **about: Any) -> Painting:
    frames = np.stack([picture(number, (SIZE, SIZE)) for number in range(count)])
    return Painting(frames=frames, about={"source": "a <b> hill.jpg", "inverted_noise_variance": {}} | about)


def test_the_same_is_painted_as_by_the_command(studio: Studio, folder_of_pictures: Path, tmp_path: Path) -> None:
    file = str(folder_of_pictures / "p1.png")
    for subject in ({"task": "reconstruct", "picture": file}, {"task": "text", "prompt": "a hill", "picture": file}):
        config = paint_config(studio.app, **subject, steps=2, seed=3, size=str(studio.size), frames=None)
        made = studio.paint(config, Callback())
        given = [] if subject["task"] == "text" else ["p1.png"]
        assert made.about["source"] == (given or ["a hill"])[0]
        out = tmp_path / "x.png"
        run(dataclasses.replace(config, out=out), show=False)
        with Image.open(out) as strip:
            table = np.asarray(strip)
        assert np.array_equal(table[2:-2, -2 - made.frames.shape[2] : -2], made.frames[-1])
    assert made.frames.shape == (FRAMES, SIZE, SIZE, 3)


def test_what_the_tasks_show(app: AppConfig) -> None:
    complete = paint_config(app, task="complete", picture="x/a.png", prompt=" a hill ", guidance=2.5)
    assert (complete.subjects, complete.prompt, complete.guidance) == (["x/a.png"], "a hill", 2.5)
    assert complete.models == app.models
    assert complete.device == "cpu"
    text = paint_config(app, task="text", picture="x/a.png", prompt=" a hill ")
    assert (text.subjects, text.prompt, text.medium) == (["a hill"], None, None)
    assert [paint_config(app, task="text", prompt="a", medium=medium).medium for medium in ("", "oil")] == [None, "oil"]


@pytest.mark.parametrize(
    ("subject", "message"),
    [
        ({"task": "text", "prompt": "  "}, "nothing to paint: give a prompt"),
        ({"task": "complete", "prompt": "a hill"}, "no picture is given"),
        ({"task": "text", "prompt": "a hill", "size": "big"}, "size 'big' is neither"),
        ({"task": "text", "prompt": "a hill", "seed": -1}, "seed is -1"),
    ],
)
def test_what_cannot_be_painted(app: AppConfig, subject: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        paint_config(app, **subject)


def test_loras_are_found(small: Path, tmp_path: Path) -> None:
    assert lora_names(small) == ["artist-x"]
    assert lora_names(None) == []
    for name in ("empty", "base", "unfinished"):
        (tmp_path / name).mkdir()
    (tmp_path / "unfinished" / "config.yaml").touch()
    (tmp_path / "zorn.safetensors").touch()
    (tmp_path / "notes.txt").touch()
    assert lora_names(tmp_path) == ["zorn.safetensors"]


def test_another_lora_is_another_painting(app: AppConfig) -> None:
    studio, loaded = Studio(app), []
    for lora, weight in (("", 1.0), ("artist-x", 0.5), ("artist-x", 0.5), ("artist-x", 1.0), (None, 1.0)):
        config = paint_config(app, task="text", prompt="a hill", lora=lora, weight=weight, steps=1)
        loaded.append((studio.paint(config, Callback()).frames, id(studio.pipeline)))
    frames, networks = zip(*loaded, strict=True)
    assert not np.array_equal(frames[0], frames[1])
    assert not np.array_equal(frames[1], frames[3])
    assert np.array_equal(frames[0], frames[4])
    assert networks[1] == networks[2], "nothing is loaded for the same again"


def test_a_lora_that_cannot_be_loaded_leaves_the_studio_as_it_was(app: AppConfig, tmp_path: Path) -> None:
    studio = Studio(app)
    before = studio.pipeline
    for _ in range(2):
        with pytest.raises(ValueError, match="no lora"):
            studio.paint(paint_config(app, task="text", prompt="a", lora="gone", steps=1), Callback())
    studio.paint(paint_config(app, task="text", prompt="a", steps=1), Callback())
    assert studio.pipeline is before


def test_pictures_that_cannot_be_used(studio: Studio, folder_of_pictures: Path) -> None:
    config = paint_config(studio.app, task="complete", picture=str(folder_of_pictures / "broken.png"), steps=1)
    with pytest.raises(BadPicture, match="not-a-picture"):
        studio.paint(config, Callback())


def test_too_little_memory_is_explained(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    def paint(*given: Any) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB")

    monkeypatch.setattr(studio.pipeline, "paint", paint)
    with pytest.raises(ValueError, match="too little memory: choose a smaller size"):
        studio.paint(paint_config(studio.app, task="text", prompt="a"), Callback())


def test_progress(studio: Studio) -> None:
    told: list[tuple[int, int]] = []
    config = paint_config(studio.app, task="text", prompt="a", steps=3)
    studio.paint(config, Reporter(lambda done, passes: told.append((done, passes))))
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_files(tmp_path: Path) -> None:
    painting = painted()
    webp, mp4, settings = (save(painting, tmp_path, kind, fps=4) for kind in ("webp", "mp4", "json"))
    assert [path.name for path in (webp, mp4, settings)] == ["a-b-hill.webp", "a-b-hill.mp4", "a-b-hill.json"]
    with Image.open(webp) as animation:
        assert animation.n_frames == 5
        animation.seek(3)
        assert np.array_equal(animation.convert("RGB"), painting.frames[3])
    assert mp4.stat().st_size > 0
    assert json.loads(settings.read_text()) == painting.about


def test_what_is_said() -> None:
    assert caption(painted(), 2.345) == "5 frames of 32 × 32 px in 2.3 s"
    noisy = caption(painted(inverted_noise_variance={"4": 3.25}), 1.0)
    assert noisy.endswith("; inverted noise of frame 4: variance 3.25, noise has 1")
