import json
import shutil

import pytest
from PIL import Image, ImageEnhance

from tests.datagen.helpers import synthetic
from underpaint.datagen.curation.dedupe import dedupe
from underpaint.datagen.sources.reading import read_sources

pytest.importorskip("imagehash")


@pytest.fixture
def gallery(photos, tmp_path):
    """Twelve photos, and of three of them what the web makes of them."""
    folder = tmp_path / "gallery"
    folder.mkdir()
    for path in sorted(photos.glob("*.jpg"))[:12]:
        shutil.copy(path, folder / path.name)
    first, second, third = sorted(folder.glob("*.jpg"))[:3]
    picture = Image.open(first).convert("RGB")
    picture.resize((picture.width // 2, picture.height // 2)).save(folder / "small.png")
    Image.open(second).convert("RGB").save(folder / "again.jpg", quality=30)
    ImageEnhance.Brightness(Image.open(third).convert("RGB")).enhance(1.1).convert("L").save(folder / "grey.png")
    return folder


def rows(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_what_the_web_makes_of_photos_is_found(gallery):
    names = sorted(path.name for path in gallery.iterdir())
    result = dedupe(str(gallery), gallery / "list.jsonl", report=gallery / "groups.json")
    originals = sorted(set(names) - {"small.png", "again.jpg", "grey.png"})
    found = {frozenset(group) for group in result.groups}
    assert found == {frozenset(pair) for pair in zip(originals, ("small.png", "again.jpg", "grey.png"), strict=False)}
    assert (result.pictures, result.dropped) == (15, 3)
    assert json.loads((gallery / "groups.json").read_bytes()) == result.record()
    kept = [row["file"] for row in rows(gallery / "list.jsonl")]
    assert kept == sorted(kept)
    assert "small.png" not in kept  # the larger one stays
    assert len(kept) == 12


def test_the_list_is_a_source_whose_pictures_keep_names_and_captions(pictures, tmp_path):
    folder = shutil.copytree(pictures, tmp_path / "pictures")
    shutil.copy(folder / "p3.png", folder / "q.png")
    dedupe(str(folder), folder / "list.jsonl", keep="first")
    before = [(source.name, source.caption) for source in read_sources(str(pictures))]
    assert [(source.name, source.caption) for source in read_sources(str(folder / "list.jsonl"))] == before


def test_the_first_or_the_largest_is_kept(tmp_path):
    for name, size in (("a", (80, 60)), ("b", (160, 120)), ("c", (40, 30))):
        synthetic(0, (160, 120)).resize(size, Image.Resampling.LANCZOS).save(tmp_path / f"{name}.png")
    assert dedupe(str(tmp_path), tmp_path / "l.jsonl").groups == [["b.png", "a.png", "c.png"]]
    assert dedupe(str(tmp_path), tmp_path / "l.jsonl", keep="first").groups == [["a.png", "b.png", "c.png"]]


def test_a_list_elsewhere_leads_back_to_the_pictures(gallery, tmp_path):
    (tmp_path / "lists").mkdir()
    dedupe(str(gallery), tmp_path / "lists" / "list.jsonl", distance=0)
    assert all(source.path.is_file() for source in read_sources(str(tmp_path / "lists" / "list.jsonl")))


def test_plain_and_broken_pictures_stay(tmp_path):
    for name, colour in (("red", (200, 0, 0)), ("blue", (0, 0, 200))):
        Image.new("RGB", (64, 64), colour).save(tmp_path / f"{name}.png")
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    result = dedupe(str(tmp_path), tmp_path / "list.jsonl")
    assert result.groups == []
    assert list(result.unusable) == ["broken.jpg"]
    assert [row["file"] for row in rows(tmp_path / "list.jsonl")] == ["blue.png", "broken.jpg", "red.png"]


def test_workers_make_no_difference(gallery):
    alone = dedupe(str(gallery), gallery / "alone.jsonl")
    (gallery / "alone.jsonl").rename(gallery / "x.txt")
    assert dedupe(str(gallery), gallery / "list.jsonl", workers=1) == alone
    assert (gallery / "x.txt").read_bytes() == (gallery / "list.jsonl").read_bytes()


def test_what_is_refused(gallery, tmp_path):
    with pytest.raises(ValueError, match="distance is 17"):
        dedupe(str(gallery), tmp_path / "l.jsonl", distance=17)
    with pytest.raises(ValueError, match=r"ends in .jsonl"):
        dedupe(str(gallery), tmp_path / "l.txt")
    with pytest.raises(ValueError, match="keep"):
        dedupe(str(gallery), tmp_path / "l.jsonl", keep="best")  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError):
        dedupe(str(tmp_path / "none"), tmp_path / "l.jsonl")
