import os
import posixpath
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underpaint.datagen.pictures.places import Extent
from underpaint.datagen.sources.notes import SourceNotes
from underpaint.datagen.sources.rows import CREDITS, descriptions, listed, texts_of


@pytest.mark.parametrize("column", ["file", "caption", "trigger", *CREDITS])
def test_a_text_is_needed(column):
    with pytest.raises(ValueError, match=f"l.csv, line 1: `{column}` is 7, but a text is needed"):
        listed("l.csv", "line 1", {"file": "a.mp4", column: 7}, SourceNotes())


@pytest.mark.parametrize("row", [{}, {"file": ""}, {"caption": "a"}, "a.jpg", None])
def test_a_file_is_needed(row):
    with pytest.raises(ValueError, match=r"l\.csv, line 3: `file` is missing"):
        listed("l.csv", "line 3", row, SourceNotes())


def test_what_is_empty_is_not_given():
    row = {"caption": "", "trigger": None, "author": "Ä", "license": "CC0", "title": "", "width": 4}
    assert descriptions(texts_of("l.csv", "line 1", row, SourceNotes())) == (
        None,
        None,
        (("license", "CC0"), ("author", "Ä")),
    )


def test_a_picture_may_lie_anywhere(tmp_path):
    given = ["https://x.org/a%20b.jpg?w=1", "s3://bucket/b.jpg", "/abs/c.jpg", "sub/d.jpg"]
    rows = [listed(str(tmp_path / "l.jsonl"), "line 1", {"file": file}, SourceNotes()) for file in given]
    places = [Extent(given[0]), Extent(given[1]), Path("/abs/c.jpg"), tmp_path / "sub" / "d.jpg"]
    assert [row.path for row in rows] == places
    assert [row.name for row in rows][:2] == given[:2]
    row = listed(str(tmp_path / "u.csv"), "line 2", {"url": given[0], "license": "CC0-1.0"}, SourceNotes())
    assert (row.path, row.credits) == (Extent(given[0]), (("license", "CC0-1.0"), ("url", given[0])))


@given(st.text("ab./", min_size=1, max_size=9).filter(lambda text: text.strip("/.")))
def test_names_are_relative_to_the_list(file):
    folder = "/somewhere/below"
    row = listed(f"{folder}/names.jsonl", "line 1", {"file": file}, SourceNotes())
    assert row.name == Path(os.path.relpath(Path(folder) / file, folder)).as_posix()
    assert posixpath.normpath(str(row.path)) == os.path.normpath(Path(folder) / file)
