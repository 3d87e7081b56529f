import pytest

from tests.datagen.helpers import summed
from underpaint.datagen.pictures.places import Nowhere
from underpaint.datagen.sources.reading import read_sources
from underpaint.datagen.sources.rows import Listed
from underpaint.datagen.sources.source import batches, numbered


def test_rows_are_numbered_from_the_first_that_is_wanted():
    rows = [lambda name=name: Listed(name, Nowhere("x"), "of " + name, "sks") for name in "abc"]
    assert [(s.index, s.name, s.caption, s.trigger) for s in numbered(iter(rows), 1, str)] == [
        (1, "b", "of b", None),
        (2, "c", "of c", None),
    ]
    assert [source.trigger for source in numbered(iter(rows), 0, str, triggers=True)] == ["sks"] * 3
    assert list(numbered(iter(rows), 5, str)) == []
    with pytest.raises(ValueError, match="no picture here"):
        list(numbered(iter([]), 0, lambda: "picture here"))


def test_the_digest_notices_what_matters(tmp_path):
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).touch()
    before = summed(read_sources(str(tmp_path)))
    assert before == summed(read_sources(str(tmp_path)))
    assert before.count == 2
    (tmp_path / "captions.jsonl").write_text('{"file": "a.jpg", "caption": "new"}')
    captioned = summed(read_sources(str(tmp_path)))
    (tmp_path / "b.jpg").rename(tmp_path / "c.jpg")
    renamed = summed(read_sources(str(tmp_path)))
    assert len({before.digest, captioned.digest, renamed.digest}) == 3


def test_batches_cover_everything_in_order():
    cut = list(batches(iter(range(7)), 3))  # of anything
    assert cut == [(0, 1, 2), (3, 4, 5), (6,)]


def test_the_digest_of_what_was_made_before_stays(tmp_path):
    """Corpora that exist must be continued, though rows may now have credits, and pictures of lists never a trigger."""
    (tmp_path / "b").mkdir()
    for name in ("a.jpg", "b/c.png", "z.gif"):
        (tmp_path / name).touch()
    (tmp_path / "captions.jsonl").write_text('{"file": "a.jpg", "caption": "größe"}\n', encoding="utf-8")
    rows = '{"file": "./z.gif", "caption": "x", "trigger": "sks"}\n{"file": "b/../b/c.png", "more": 7}\n'
    (tmp_path / "l.jsonl").write_text(rows)
    (tmp_path / "l.csv").write_text(f'\ufefffile,caption\na.jpg,"two\nlines"\n../{tmp_path.name}/b/c.png,\n')
    for source, digest in (
        (tmp_path, "d360ff9821de7494f03cc1c47c8dc0c1"),
        (tmp_path / "**" / "*", "9ac6abc3ea6ea5713eec27b137c6e405"),
        (tmp_path / "l.jsonl", "7a25436559877d3f1f71486159d1d111"),
        (tmp_path / "l.csv", "9af4df465a67e54587a04b33f8d5445e"),
    ):
        assert summed(read_sources(str(source))).digest == digest, source
    (tmp_path / "l.jsonl").write_text(rows.replace('"more": 7', '"license": "CC0-1.0"'))
    assert summed(read_sources(str(tmp_path / "l.jsonl"))).digest != "7a25436559877d3f1f71486159d1d111"
