from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from tests.pictures import load_picture
from underpaint import renderers
from underpaint.pipelines.app.easel import draft, film_config, scaled, sitting, write_painting
from underpaint.pipelines.photo import Photo


@pytest.fixture(scope="module")
def hill() -> Photo:
    return Photo(pixels=load_picture("coffee", (64, 96)), size=(96, 64), cut=False)


def test_a_draft_is_seen_first_and_then_what_the_command_paints(hill: Photo) -> None:
    config = film_config("hill.jpg", "oil", {"impasto": 0.0, "planes": None}, strokes=350, quality="draft", seed=3)
    seen = [each for each in sitting(hill, config, 48) if "stage" in each]
    first, last = seen
    assert first["stage"]["label"] == "draft"
    assert first["stage"]["seconds"] < 1
    assert (last["stage"]["width"], last["stage"]["height"]) == (72, 48)
    assert last["stage"]["seconds"] == config.seconds
    assert last["note"].startswith(f"{len(last['painting'].program):,} strokes in oil, 72 × 48 px, in ")
    expected = renderers.paint(
        scaled(hill.pixels, 48), renderer="oil", strokes=350, quality="draft", seed=3, impasto=0.0
    )
    assert np.array_equal(last["painting"].canvas(), expected.canvas())


def test_a_draft_has_few_strokes_and_the_habits(hill: Photo) -> None:
    config = film_config("hill.jpg", "bezier", {"ground": "black"}, strokes=900, quality="high")
    quick = draft(hill.pixels, config)
    assert 0 < len(quick.program) <= 200
    assert not quick.program.ground.any()


def test_pictures_are_made_smaller_only() -> None:
    picture = np.zeros((40, 90, 3), np.uint8)
    assert scaled(picture, 20).shape == (20, 45, 3)
    assert scaled(picture, 40) is picture


def test_a_painting_is_saved_under_the_name_of_its_picture(hill: Photo, tmp_path: Path) -> None:
    config = film_config("A <b> hill.JPG", "bezier", {}, strokes=20, quality="draft", seconds=1)
    process = config.paint(scaled(hill.pixels, 32), config.medium)
    files = [write_painting(process, config, tmp_path, kind) for kind in ("svg", "webp", "npz")]
    assert [file.name for file in files] == ["a-b-hill-bezier.svg", "a-b-hill-bezier.webp", "a-b-hill-bezier.npz"]
    assert files[0].read_text().count("<path") == len(process.program)
    assert zipfile.is_zipfile(files[2])


def test_mistakes(hill: Photo) -> None:
    with pytest.raises(ValueError, match="planes=2 is a habit of the manner painter"):
        film_config("a.png", "oil", {"manner": "error", "planes": 2})
    with pytest.raises(ValueError, match="strokes is 0"):
        film_config("a.png", "oil", {}, strokes=0)
