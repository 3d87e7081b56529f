import csv
import json
import tracemalloc
from pathlib import Path

import fsspec

from underpaint.datagen.pictures.places import Extent
from underpaint.datagen.sources.listings import list_rows, read_captions, read_list
from underpaint.datagen.sources.notes import SourceNotes
from underpaint.datagen.sources.rows import Listed


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
