import json
import tracemalloc
from itertools import islice

import fsspec
import pytest

from tests.datagen.tars import encoded
from underpaint.datagen.pictures.places import Cell
from underpaint.datagen.sources.listings import read_list
from underpaint.datagen.sources.notes import SourceNotes
from underpaint.datagen.sources.parquet import parquet_rows
from underpaint.datagen.sources.rows import Listed

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

PICTURES = [encoded(number) for number in range(7)]


def write(path, columns, group=3, **options):
    with fsspec.open(str(path), "wb") as file:
        pq.write_table(pa.table(columns), file, row_group_size=group, **options)
    return str(path)


def rows_of(path):
    return list(read_list(str(path)))


def test_files_that_a_column_names(tmp_path):
    table = {"file": ["a.jpg", "in/b.jpg"], "caption": ["red", None], "license": [None, "CC0-1.0"], "width": [3, 4]}
    path = write(tmp_path / "l.parquet", table)
    (tmp_path / "l.jsonl").write_text("\n".join(json.dumps(row) for row in pa.table(table).to_pylist()))
    assert rows_of(path) == rows_of(tmp_path / "l.jsonl")
    assert rows_of(path)[1] == Listed("in/b.jpg", tmp_path / "in" / "b.jpg", credits=(("license", "CC0-1.0"),))


@pytest.mark.parametrize("column", ["image", "bytes"])
@pytest.mark.parametrize("struct", [False, True])
def test_pictures_in_the_table(tmp_path, column, struct):
    values = [{"bytes": data, "path": None} for data in PICTURES] if struct else PICTURES
    rows = rows_of(write(tmp_path / "p.parquet", {column: values, "caption": [f"c{number}" for number in range(7)]}))
    assert [(row.name, row.caption) for row in rows] == [(f"p.parquet/{n:08d}", f"c{n}") for n in range(7)]
    assert [row.path.read() for row in rows] == PICTURES


def test_pictures_may_have_names(tmp_path):
    path = write(tmp_path / "p.parquet", {"image": PICTURES[:2], "file": ["x/a.png", None], "url": ["https://x", None]})
    rows = rows_of(path)
    assert [row.name for row in rows] == ["x/a.png", "p.parquet/00000001"]
    assert isinstance(rows[0].path, Cell)
    assert rows[0].credits == (("url", "https://x"),)


def test_a_table_on_a_store_is_read_from_there():
    path = write("memory://tables/p.parquet", {"image": PICTURES})
    assert [row.path.read() for row in rows_of(path)] == PICTURES


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"name": ["a"]}, "no column named `image`, `bytes`, `file` or `url` among name"),
        ({"file": ["a"], "caption": [7]}, "column `caption` has int64s, but texts are needed"),
        ({"file": [b"a"]}, "column `file` has binarys, but texts are needed"),
        ({"bytes": ["a"]}, "column `bytes` has strings, but the bytes or the paths of pictures are needed"),
        ({"image": [7]}, "column `image` has int64s, but the bytes or the paths of pictures are needed"),
        ({"file": ["a", None]}, "row 1: `file` is missing"),
    ],
)
def test_a_bad_table_says_what_is_wrong(tmp_path, columns, message):
    path = write(tmp_path / "l.parquet", columns)
    with pytest.raises(ValueError, match=message):
        rows_of(path)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"no table" * 100])
def test_what_is_no_parquet_is_refused(tmp_path, content):
    (tmp_path / "l.parquet").write_bytes(content)
    with pytest.raises(ValueError, match=r"l.parquet is no Parquet file"):
        rows_of(tmp_path / "l.parquet")


def test_dictionary_texts_are_texts(tmp_path):
    captions = pa.array(["a", "b", "a"]).dictionary_encode()
    rows = rows_of(write(tmp_path / "l.parquet", {"file": ["1", "2", "3"], "caption": captions}))
    assert [row.caption for row in rows] == ["a", "b", "a"]


def test_long_tables_are_never_held(tmp_path):
    columns = {
        "file": [f"{n:06d}.jpg" for n in range(40_000)],
        "caption": ["word " * 200 + str(n) for n in range(40_000)],
    }
    path = write(tmp_path / "l.parquet", columns, group=20_000)
    del columns
    pool, rows = pa.default_memory_pool(), parquet_rows(path, "l.parquet", SourceNotes())
    before = pool.bytes_allocated()
    tracemalloc.start()
    for number, row in enumerate(rows):
        if number >= 20_000:  # a whole row group is skipped
            row()
            assert pool.bytes_allocated() - before < 12 << 20
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 << 20  # 4,096 rows; all are 40 MB


def test_rows_that_are_skipped_are_not_read(tmp_path):
    """The first row group is no more than rubbish."""
    path = tmp_path / "p.parquet"
    write(path, {"image": PICTURES, "caption": ["x"] * 7}, group=3, compression="none", use_dictionary=False)
    metadata = pq.read_metadata(path)
    second = min(metadata.row_group(1).column(column).data_page_offset for column in range(2))
    path.write_bytes(b"PAR1" + bytes(second - 4) + path.read_bytes()[second:])
    assert [row().path.read() for row in islice(parquet_rows(str(path), "p", SourceNotes()), 3, None)] == PICTURES[3:]
    with pytest.raises(ValueError, match=r"p.parquet, row 0: can't be read"):
        rows_of(path)


def test_paths_are_followed_where_there_are_no_bytes(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_bytes(PICTURES[0])
    values = [{"path": "in/a.png", "bytes": None}, {"path": "in/none.png", "bytes": PICTURES[1]}, None]
    rows = rows_of(write(tmp_path / "p.parquet", {"image": values, "text": ["x", " ", None]}))
    assert [row.caption for row in rows] == ["x", None, None]
    assert [row.path.read() for row in rows] == [PICTURES[0], PICTURES[1], b""]
    assert rows[0].path.absolute() == rows[0].path
    (row,) = rows_of(write(tmp_path / "q.parquet", {"image": [{"path": "in/a.png"}]}))
    assert row == Listed("in/a.png", tmp_path / "in" / "a.png")


def test_names_of_columns_are_taken_as_in_other_lists(tmp_path):
    path = write(tmp_path / "l.parquet", {"URL": ["s3://b/a.png"], "TEXT": ["x"], "pwatermark": [0.5], "NSFW": ["no"]})
    notes = SourceNotes()
    (row,) = [row() for row in parquet_rows(path, "l", notes)]
    assert (row.name, row.caption, row.credits) == ("s3://b/a.png", "x", (("url", "s3://b/a.png"),))
    assert list(notes.lines()) == [f"{path}: not read: pwatermark, NSFW"]
    with pytest.raises(ValueError, match="columns `text` and `prompt` mean the same, caption"):
        rows_of(write(tmp_path / "l.parquet", {"file": ["a"], "text": ["x"], "prompt": ["y"]}))
