import sys

import pytest

from tests.datagen.tars import CANVAS, encoded
from underpaint.datagen.pictures.cells import read_cell
from underpaint.datagen.pictures.decode import decode_picture
from underpaint.datagen.pictures.picture import BadPicture
from underpaint.datagen.pictures.places import Cell

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

PICTURES = [encoded(number) for number in range(7)]


def write(path, values, group=3, **options):
    pq.write_table(pa.table({"image": values}), path, row_group_size=group, **options)
    return str(path)


@pytest.mark.parametrize("struct", [False, True])
def test_cells_are_read_in_any_order(tmp_path, struct):
    values = [{"bytes": data, "path": None} for data in PICTURES] if struct else PICTURES
    location = write(tmp_path / "p.parquet", values)
    for number in (0, 1, 2, 6, 3, 5, 4, 4, 0):
        assert read_cell(location, number // 3, number % 3, "image") == PICTURES[number]


def test_a_picture_that_is_not_there_or_damaged_is_told_of_the_picture(tmp_path):
    location = write(tmp_path / "p.parquet", [PICTURES[0], None, b"no picture"])
    assert decode_picture(Cell(location, 0, 0, "image"), CANVAS).size == (80, 64)
    for row, reason in ((1, "empty"), (2, "not-a-picture")):
        with pytest.raises(BadPicture) as bad:
            decode_picture(Cell(location, 0, row, "image"), CANVAS)
        assert bad.value.reason == reason


def test_a_damaged_part_of_a_table_spoils_only_the_pictures_in_it(tmp_path):
    path = tmp_path / "q.parquet"
    location = write(path, PICTURES, group=1, compression="zstd", use_dictionary=False)
    data = bytearray(path.read_bytes())
    at = data.index(b"\x28\xb5\x2f\xfd", len(data) // 3)  # a page of zstd
    data[at + 4 : at + 40] = bytes(36)
    path.write_bytes(data)
    reasons = []
    for group, picture in enumerate(PICTURES):
        try:
            assert read_cell(location, group, 0, "image") == picture
        except BadPicture as bad:
            reasons.append(bad.reason)
    assert reasons == ["damaged"]
    path.unlink()
    with pytest.raises(FileNotFoundError):
        read_cell(location, 0, 0, "image")


def test_a_machine_without_pyarrow_is_no_fault_of_the_picture(tmp_path, monkeypatch):
    location = write(tmp_path / "p.parquet", PICTURES)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(ImportError):
        decode_picture(Cell(location, 0, 0, "image"), CANVAS)
