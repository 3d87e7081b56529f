import json

import pytest

from datagen.recordings import read_recordings
from datagen.sources import sum_up


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "source"
    for name in (
        "b/1.jpg",
        "b/deep/clip.MP4",
        "a.mp4",
        "c/notes.md",
        "d.gif",
        ".hidden.mp4",
        "e/only.gif",
        "b/.x/1.png",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def names(location):
    return [source.name for source in read_recordings(str(location))]


def test_videos_and_folders_of_pictures(folder):
    assert names(folder) == ["a.mp4", "b", "b/deep/clip.MP4", "d.gif", "e/only.gif"]
    assert [source.index for source in read_recordings(str(folder))] == [0, 1, 2, 3, 4]


def test_the_source_itself_may_be_a_recording(folder):
    (source,) = [source for source in read_recordings(str(folder / "b")) if "/" not in source.name]
    assert (source.name, source.path.resolve()) == ("b", (folder / "b").resolve())
    assert names(folder / "a.mp4") == ["a.mp4"]


def test_links_in_a_circle(folder):
    (folder / "b" / "up").symlink_to(folder)
    assert names(folder) == ["a.mp4", "b", "b/deep/clip.MP4", "d.gif", "e/only.gif"]


def test_captions_lie_beside(folder):
    rows = [{"file": "a.mp4", "caption": "no", "trigger": "sks"}, {"file": "d.gif", "caption": "dots"}]
    (folder / "captions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "a.txt").write_text(" a red\nbarn\n")
    (folder / "b.txt").write_text("\ufeffgrün", encoding="utf-8")
    found = {source.name: (source.caption, source.trigger) for source in read_recordings(str(folder))}
    assert found["a.mp4"] == ("a red barn", "sks")
    assert found["b"] == ("grün", None)
    assert found["d.gif"] == ("dots", None)
    assert found["b/deep/clip.MP4"] == (None, None)
    (single,) = read_recordings(str(folder / "a.mp4"))
    assert single.caption == "a red barn"
    assert next(read_recordings(str(folder / "b"))).caption == "grün"


def test_a_list_says_what_to_take(folder):
    (folder / "l.csv").write_text("file,caption,trigger\nd.gif,dots,sks\nb,,\n")
    found = [(source.name, source.caption, source.trigger) for source in read_recordings(str(folder / "l.csv"))]
    assert found == [("d.gif", "dots", "sks"), ("b", None, None)]


def test_the_digest_notices_triggers(folder):
    before = sum_up(read_recordings(str(folder)))
    (folder / "captions.jsonl").write_text('{"file": "a.mp4", "trigger": "sks"}')
    assert sum_up(read_recordings(str(folder))) != before


def test_nothing_there_is_an_error(folder, tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        names(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="no recording in"):
        names(folder / "c")
    (folder / "a.txt").write_bytes(b"\xff")
    with pytest.raises(ValueError, match=r"a.txt is no text in UTF-8"):
        names(folder)
