import json
from dataclasses import replace

import fsspec
import pytest

from tests.datagen.helpers import summed
from tests.datagen.videos import painting, write_video
from underpaint.datagen.format.sample import Sample
from underpaint.datagen.import_config import ImportConfig
from underpaint.datagen.importing import Importer
from underpaint.datagen.jobs.maker import Stopwatch
from underpaint.datagen.jobs.snapshot import job_sources, open_source
from underpaint.datagen.pictures.places import Extent
from underpaint.datagen.recordings.reading import read_recordings
from underpaint.datagen.recordings.recorded import make_recorded


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
    before = summed(read_recordings(str(folder)))
    (folder / "captions.jsonl").write_text('{"file": "a.mp4", "trigger": "sks"}')
    assert summed(read_recordings(str(folder))) != before


def test_videos_on_a_store(folder, tmp_path):
    write_video(folder / "clip.mp4", painting(9))
    for name, data in (
        ("sub/clip.mp4", (folder / "clip.mp4").read_bytes()),
        ("sub/clip.txt", b"a barn"),
        ("l.csv", b"file,trigger,license\nsub/clip.mp4,sks,CC0-1.0\n"),
    ):
        with fsspec.open(f"memory://recordings/{name}", "wb") as file:
            file.write(data)
    (found,) = read_recordings("memory://recordings")
    assert (found.name, found.caption) == ("sub/clip.mp4", "a barn")
    assert found.path == Extent("memory://recordings/sub/clip.mp4")
    (listed,) = read_recordings("memory://recordings/l.csv")
    assert (listed.path, listed.trigger) == (found.path, "sks")
    config = ImportConfig(source="memory://recordings/l.csv", out=tmp_path / "out", size=48, frames=4)
    sample = make_recorded(listed, config, Stopwatch())
    local = make_recorded(replace(listed, path=folder / "clip.mp4"), config, Stopwatch())
    assert isinstance(sample, Sample)
    assert sample == local
    assert sample.record["license"] == "CC0-1.0"
    with fsspec.open("memory://recordings/frames/1.jpg", "wb") as file:
        file.write(b"x")
    with pytest.raises(ValueError, match="must lie on this machine"):
        names("memory://recordings")


def test_nothing_there_is_an_error(folder, tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        names(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="no recording in"):
        names(folder / "c")
    (folder / "a.txt").write_bytes(b"\xff")
    with pytest.raises(ValueError, match=r"a.txt is no text in UTF-8"):
        names(folder)


def test_what_is_no_recording_and_what_names_none_is_told(folder):
    (folder / "old.wmv").touch()
    (folder / "captions.jsonl").write_text('{"file": "a.mp4", "caption": "a"}\n{"file": "gone.mp4", "caption": "b"}\n')
    stream = read_recordings(str(folder))
    assert [source.caption for source in stream] == ["a", None, None, None, None]
    assert list(stream.notes.lines()) == [
        "passed over, by their endings: 1 .md, 1 .wmv",
        f"rows of captions that name no recording in {folder}: 1, gone.mp4",
    ]
    config = ImportConfig(source=str(folder), out=folder / "out", size=48, frames=4)
    importer = Importer(config)
    assert list(importer.sources()) == list(read_recordings(str(folder)))
    assert opened_notes(importer) == list(stream.notes.lines())


def opened_notes(importer):
    """What is told of the source when a job opens it."""
    opened = open_source(importer)
    job_sources(importer, None, opened)
    return list(opened.notes.lines())


@pytest.mark.parametrize("name", ["z" * 300 + ".mp4", "a\0.mp4", "nosuch://x/a.mp4"])
def test_a_name_that_leads_nowhere_is_its_recording_s_failure(folder, tmp_path, name):
    (folder / "l.jsonl").write_text(json.dumps({"file": name}))
    (source,) = read_recordings(str(folder / "l.jsonl"))
    config = ImportConfig(source=str(folder), out=tmp_path / "out", size=48, frames=4)
    failure = make_recorded(source, config, Stopwatch())
    assert failure.reason in ("missing", "unreadable")
