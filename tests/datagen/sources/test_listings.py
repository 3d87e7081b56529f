import csv
import json
import tracemalloc
from pathlib import Path

import fsspec
import pytest

from underpaint.datagen.pictures.places import Extent
from underpaint.datagen.sources.listings import list_rows, read_captions, read_list
from underpaint.datagen.sources.notes import SourceNotes
from underpaint.datagen.sources.rows import Listed
from underpaint.datagen.storage.remote import check_client


def rows_of(path):
    return list(read_list(str(path)))


def test_captions_and_triggers(tmp_path):
    (tmp_path / "captions.jsonl").write_text(json.dumps({"file": "./a.mp4", "caption": "barn", "trigger": "sks"}))
    (tmp_path / "l.csv").write_text("file,caption,trigger\na.mp4,barn,sks\nb.mp4,,\n")
    (row,) = rows_of(tmp_path / "captions.jsonl")
    assert row == Listed("a.mp4", tmp_path / "a.mp4", "barn", "sks")
    assert rows_of(tmp_path / "l.csv") == [row, Listed("b.mp4", tmp_path / "b.mp4")]
    assert read_captions(str(tmp_path), SourceNotes()) == {"a.mp4": row}
    assert read_captions(str(tmp_path / "none"), SourceNotes()) == {}


def test_credits_come_in_one_order_and_only_where_given(tmp_path):
    credits = {"url": "https://x.org/1", "license": "CC-BY-4.0", "author": "Ä", "title": "", "provenance": None}
    (tmp_path / "l.jsonl").write_text(json.dumps({"file": "a.jpg", "rating": 5, **credits}) + '\n{"file": "b.jpg"}')
    first, second = rows_of(tmp_path / "l.jsonl")
    assert first.credits == (("license", "CC-BY-4.0"), ("author", "Ä"), ("url", "https://x.org/1"))
    assert second.credits == ()
    with (tmp_path / "l.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["file", *credits])
        writer.writerow(dict.fromkeys(writer.fieldnames) | {name: name for name in writer.fieldnames})
        writer.writerow({"file": "a.jpg", **credits})
    assert rows_of(tmp_path / "l.csv") == [first]


def test_a_list_on_a_store_names_what_lies_beside_it():
    lines = '{"file": "in/./a.jpg"}\n{"file": "s3://other/b.jpg"}\n{"file": "/abs/c.jpg"}\n'
    with fsspec.open("memory://listings/l.jsonl", "w") as file:
        file.write(lines)
    found = [(row.name, row.path) for row in read_list("memory://listings/l.jsonl")]
    assert found == [
        ("in/a.jpg", Extent("memory://listings/in/./a.jpg")),
        ("s3://other/b.jpg", Extent("s3://other/b.jpg")),
        ("/abs/c.jpg", Path("/abs/c.jpg")),
    ]


def test_rows_are_streamed_and_skipped_unparsed(tmp_path):
    """200,000 rows, most of them no JSON at all, in memory that holds a few."""
    with (tmp_path / "l.jsonl").open("w") as file:
        file.writelines("{no json\n" for _ in range(190_000))
        file.writelines(f'{{"file": "{number:06d}.jpg", "caption": "{"word " * 500}"}}\n' for number in range(10_000))
    tracemalloc.start()
    rows = list_rows(str(tmp_path / "l.jsonl"), "", SourceNotes())
    parsed = sum(bool(row()) for number, row in enumerate(rows) if number >= 190_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert parsed == 10_000
    assert peak < 8 << 20  # they are 25 MB


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"file": "a.png", "file": "b.png"}', "line 2: not JSON .the key 'file' is there twice"),
        ('{"file": "a.png", "caption": "x", "Caption": "y"}', "line 2: columns `caption` and `Caption` mean the same"),
        ('{"file": "a.png", "size": NaN}', "line 2: not JSON .NaN is no"),
        ('{"file": ' + "[" * 100_000, "line 2: not JSON .JSON nested too deeply"),
        ('{"file": "a.png", "text": ["x"]}', r"line 2: `text` is \['x'\], but a text is needed"),
        ('{"file": "a.png", "caption": "' + "x" * 200_000 + '"}', "line 2: `caption` has 200000 letters; at most"),
        ('{"file": "  "}', "line 2: `file` is missing"),
        ('{"image": {"bytes": "iVBOR"}}', "line 2: `image` is {'bytes': 'iVBOR'}, but a text is needed"),
        ('{"file": "gs://b/a.png"}', r"line 2: gs:// needs gcsfs: pip install 'underpaint\[gcs\]'"),
    ],
)
def test_an_odd_row_is_refused_with_its_line(tmp_path, monkeypatch, line, message):
    monkeypatch.setattr("underpaint.datagen.storage.remote.find_spec", lambda name: None)
    check_client.cache_clear()
    (tmp_path / "l.jsonl").write_text('{"file": "ok.png"}\n' + line + "\n")
    with pytest.raises(ValueError, match=message):
        rows_of(tmp_path / "l.jsonl")
    check_client.cache_clear()


def test_half_an_emoji_becomes_a_question_mark_and_is_said(tmp_path):
    (tmp_path / "l.jsonl").write_text('{"file": "a.png", "caption": "cut \\ud83d", "title": "\\udc00"}\n')
    notes = SourceNotes()
    (row,) = [row() for row in list_rows(str(tmp_path / "l.jsonl"), "", notes)]
    assert (row.caption, row.credits) == ("cut \ufffd", (("title", "\ufffd"),))
    assert list(notes.lines()) == [
        f"half a character, for which U+FFFD is put in: 2, {tmp_path}/l.jsonl, line 1, {tmp_path}/l.jsonl, line 1"
    ]


def test_the_path_in_a_picture_of_hugging_face_s_is_followed(tmp_path):
    (tmp_path / "l.ndjson").write_text('{"image": {"path": "in/a.png", "bytes": null}, "text": "x"}\n')
    assert rows_of(tmp_path / "l.ndjson") == [Listed("in/a.png", tmp_path / "in" / "a.png", "x")]


def test_captions_by_the_names_of_imagefolder(tmp_path):
    (tmp_path / "metadata.csv").write_text("file_name,text\na.png,one\n")
    assert read_captions(str(tmp_path), SourceNotes())["a.png"].caption == "one"
    (tmp_path / "metadata.jsonl").write_text('{"file_name": "a.png", "text": "two"}\n')
    notes = SourceNotes()
    assert read_captions(str(tmp_path), notes)["a.png"].caption == "two"
    assert list(notes.lines()) == ["lists of captions that aren't read, as there is a metadata.jsonl: 1, metadata.csv"]


def test_two_captions_of_one_picture_are_refused(tmp_path):
    rows = '{"file": "a.png", "caption": "one"}\n'
    (tmp_path / "captions.jsonl").write_text(rows * 2)
    assert len(read_captions(str(tmp_path), SourceNotes())) == 1
    (tmp_path / "captions.jsonl").write_text(rows * 2 + rows.replace("one", "two"))
    with pytest.raises(ValueError, match=r"captions.jsonl: rows 1 and 3 differ in what they say of a.png"):
        read_captions(str(tmp_path), SourceNotes())
