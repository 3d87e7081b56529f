from pathlib import Path

import pytest

from underpaint.datagen.config import CorpusConfig
from underpaint.datagen.jobs.places import check_places


def refused(source: object, out: object) -> str:
    try:
        check_places(CorpusConfig(source=str(source), out=out))
    except ValueError as error:
        return str(error)
    return ""


@pytest.fixture
def photos(tmp_path) -> Path:
    (tmp_path / "photos" / "more").mkdir(parents=True)
    (tmp_path / "photos" / "list.csv").touch()
    (tmp_path / "link").symlink_to(tmp_path / "photos")
    return tmp_path / "photos"


@pytest.mark.parametrize("name", ["photo.mp4", "a.JPG", "x.tar", "memory://x/a.tar", "a.safetensors"])
def test_a_corpus_is_not_called_like_a_file(tmp_path, name):
    out = name if ":" in name else tmp_path / name
    assert f"use --out {str(out).rpartition('.')[0]};" in refused(tmp_path / "a", out)


def test_a_folder_that_is_there_may_be_called_so(tmp_path):
    (tmp_path / "old.jpg").mkdir()
    for name in ("old.jpg", "corpus", "corpus.v2", "2026.11.26", "list.csv", "list.jsonl"):
        assert refused(tmp_path / "a", tmp_path / name) == ""


def test_out_and_source_don_t_lie_in_each_other(photos, tmp_path, monkeypatch):
    for source, out in (
        (photos, photos),
        (photos, photos / "corpus"),
        (photos, photos / "more" / ".." / "corpus"),
        (photos, tmp_path / "link" / "corpus"),
        (tmp_path / "link", photos),
        (f"{photos}/**/*.jpg", photos / "corpus"),
        (f"{photos}/*.tar", photos),
        (photos / "list.csv", photos),
    ):
        assert "use an --out outside of the source" in refused(source, out), (source, out)
    for source in (photos, photos / "more", photos / "list.csv", f"{photos}/*.jpg"):
        assert "move it out of there" in refused(source, tmp_path), source
    for source, out in (
        (photos, tmp_path / "photos2"),
        (photos / "list.csv", photos / "corpus"),
        (f"{photos}/*.jpg", photos / "corpus"),
        ("https://x.org/a.jpg?b=*", tmp_path / "corpus"),
        ("s3://bucket/photos/a.csv", "s3://bucket/photos2"),
    ):
        assert refused(source, out) == "", (source, out)
    assert "outside" in refused("s3://bucket/photos/a.csv", "s3://bucket/photos/")
    monkeypatch.chdir(photos)
    assert "outside" in refused(".", "corpus")
    assert refused("list.csv", "corpus") == ""
