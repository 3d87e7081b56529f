from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from tests.datagen.helpers import synthetic
from tests.experiments.conftest import write_source
from underpaint.datagen.sources.reading import read_sources
from underpaint.experiments.commands import HELD_OUT
from underpaint.experiments.learn import pictures
from underpaint.experiments.learn.pictures import SIDE, painted_from, read_stored, store_pictures
from underpaint.training.split import held_out


def rows(folder: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (folder / "pictures" / "captions.jsonl").read_text().splitlines()]


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "pictures").iterdir()}


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a picture were hardly ever cropped."""
    monkeypatch.setattr(pictures, "MOST_CROPS", 3)


@pytest.mark.usefixtures("few")
def test_crops_of_a_picture_lie_on_one_side_of_the_split(source: Path, tmp_path: Path) -> None:
    stored = store_pictures(str(source), tmp_path, 100)
    assert (stored.found, stored.originals, stored.crops, stored.pictures) == (6, 6, 3, 18)
    sides: dict[str, set[bool]] = {}
    for row in rows(tmp_path):
        sides.setdefault(row["file"].rpartition("-")[0], set()).add(held_out(row["file"], HELD_OUT))
    assert len(sides) == 6
    assert all(len(side) == 1 for side in sides.values())
    unseen = [name for name, side in sides.items() if side == {True}]
    assert len(unseen) == 2
    assert stored.unseen == 6
    assert read_stored(tmp_path) == stored


@pytest.mark.usefixtures("few")
def test_the_first_crop_is_the_middle_square_and_all_differ(source: Path, tmp_path: Path) -> None:
    store_pictures(str(source), tmp_path, 100)
    crops = [Image.open(tmp_path / "pictures" / row["file"]) for row in rows(tmp_path)[:3]]
    assert {crop.size for crop in crops} == {(SIDE, SIDE)}
    assert len({crop.tobytes() for crop in crops}) == 3
    whole = synthetic(0).crop((8, 0, 72, 64)).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    differences = [abs(a - b) for a, b in zip(crops[0].tobytes(), whole.tobytes(), strict=True)]
    assert sum(differences) / len(differences) < 3


@pytest.mark.usefixtures("few")
def test_the_same_source_gives_the_same_bytes_wherever_it_lies(source: Path, tmp_path: Path) -> None:
    moved = write_source(tmp_path / "elsewhere" / "hills", 6)
    store_pictures(str(source), tmp_path / "a", 100)
    store_pictures(str(moved), tmp_path / "b", 100)
    assert content(tmp_path / "a") == content(tmp_path / "b")


def test_a_picture_without_a_caption_gets_the_words_of_its_name(source: Path, tmp_path: Path) -> None:
    store_pictures(str(source), tmp_path, 6)
    captions = {row["file"][:6]: row["caption"] for row in rows(tmp_path)}
    assert captions["hill-0"] == "a hill, number 0"
    assert captions["hill-5"] == "Hill 5"


def test_many_pictures_are_not_cropped_and_unseen_are_those_that_training_would_hold_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "ENOUGH", 30)
    source = write_source(tmp_path / "source", 40)
    expected = {
        each.name.lower()[:-4].replace("_", "-") for each in read_sources(str(source)) if held_out(each.name, 0.1)
    }
    stored = store_pictures(str(source), tmp_path / "out", 79)
    assert (stored.crops, stored.pictures) == (1, 40)
    unseen = {row["file"].rpartition("-")[0] for row in rows(tmp_path / "out") if held_out(row["file"], HELD_OUT)}
    assert len(expected) >= 2
    assert unseen == expected


def test_of_too_many_the_same_are_chosen(tmp_path: Path) -> None:
    source = write_source(tmp_path / "source", 12)
    one, two = (store_pictures(str(source), tmp_path / name, 5) for name in ("a", "b"))
    assert (one.found, one.originals, one.crops) == (12, 5, 1)
    assert one == two
    assert content(tmp_path / "a") == content(tmp_path / "b")


@pytest.mark.usefixtures("few")
def test_what_is_no_picture_is_left_out(tmp_path: Path) -> None:
    source = write_source(tmp_path / "source", 6)
    (source / "broken.png").write_bytes(b"no picture")
    stored = store_pictures(str(source), tmp_path / "out", 100)
    assert (stored.found, stored.originals) == (7, 6)


def test_equal_names_in_folders_don_t_meet(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        write_source(tmp_path / "source" / name, 3)
    stored = store_pictures(str(tmp_path / "source"), tmp_path / "out", 9)
    assert len({row["file"] for row in rows(tmp_path / "out")}) == stored.pictures == 9


def test_too_few_are_refused(tmp_path: Path) -> None:
    source = write_source(tmp_path / "source", 3)
    with pytest.raises(ValueError, match="has 3 pictures: give 4 or more"):
        store_pictures(str(source), tmp_path / "out", 100)
    assert read_stored(tmp_path / "out") is None


def test_a_source_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        store_pictures(str(tmp_path / "nowhere"), tmp_path / "out", 100)


def test_without_a_source_scenes_are_drawn_and_none_is_stored(tmp_path: Path) -> None:
    stored = store_pictures(None, tmp_path, 100)
    assert (stored.drawn, stored.pictures, stored.crops) == ("scenes:100", 100, 1)
    assert stored.unseen == sum(held_out(each.name, HELD_OUT) for each in read_sources("scenes:100"))
    assert painted_from(tmp_path) == "scenes:100"
    assert not (tmp_path / "pictures").exists()
    assert store_pictures("scenes:500@3", tmp_path, 100).drawn == "scenes:100@3"


def test_what_is_painted_from_a_folder_is_stored(source: Path, tmp_path: Path) -> None:
    store_pictures(str(source), tmp_path, 6)
    assert painted_from(tmp_path) == str(tmp_path / "pictures")
