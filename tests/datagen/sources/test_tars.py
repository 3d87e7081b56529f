import gzip
import io
import json
import tarfile
import tracemalloc

import fsspec
import pytest

from tests.datagen.tars import CANVAS, encoded, tarred
from underpaint.datagen.pictures.decode import decode_picture
from underpaint.datagen.pictures.guides import read_guide
from underpaint.datagen.pictures.picture import BadPicture
from underpaint.datagen.pictures.places import Extent, Nowhere
from underpaint.datagen.sources.listings import read_list
from underpaint.datagen.sources.notes import SourceNotes
from underpaint.datagen.sources.tars import tar_rows


def rows_of(path):
    return [row() for row in tar_rows(str(path), "s.tar", SourceNotes())]


MEMBERS = {
    "000.png": encoded(0),
    "000.txt": b" a red\nbarn ",
    "001.json": json.dumps({"caption": "grün", "license": "CC0-1.0", "url": "https://x.org/1", "width": 9}).encode(),
    "001.txt": b"not this one",
    "001.JPG": encoded(1, "JPEG"),
    "sub/002.edges.png": encoded(2),
    "sub/002.webp": encoded(3, "WEBP"),
    "sub/002.depth.png": encoded(4, mode="L"),
    "003.txt": b"alone",
    "._004.png": b"of a file system that leaves its traces everywhere",
    "005.cls": b"7",
    "005.seg.png": encoded(5),
}


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_samples_are_what_stands_together_under_one_key(tmp_path, form):
    (tmp_path / "s.tar").write_bytes(tarred(MEMBERS, form))
    rows = rows_of(tmp_path / "s.tar")
    assert [(row.name, row.caption) for row in rows] == [
        ("s.tar/000.png", "a red barn"),
        ("s.tar/001.JPG", "grün"),
        ("s.tar/sub/002.webp", None),
        ("s.tar/003", "alone"),
        ("s.tar/005.seg.png", None),
    ]
    assert rows[1].credits == (("license", "CC0-1.0"), ("url", "https://x.org/1"))
    wanted = {0: "000.png", 1: "001.JPG", 2: "sub/002.webp", 4: "005.seg.png"}
    for number, member in wanted.items():
        assert rows[number].path.read() == MEMBERS[member]
    assert rows[3].path == Nowhere("no picture among 003.txt")


def test_a_worker_fetches_just_its_bytes_from_a_store_too():
    with fsspec.open("memory://tars/s.tar", "wb") as file:
        file.write(tarred(MEMBERS))
    row = rows_of("memory://tars/s.tar")[2]
    assert isinstance(row.path, Extent)
    assert row.path.size == len(MEMBERS["sub/002.webp"])
    picture = decode_picture(row.path, CANVAS)
    assert picture.size == (80, 64)
    assert read_guide(row.path, "depth", picture, CANVAS).values.shape == (32, 32)
    with pytest.raises(BadPicture, match="missing-guide: no saliency guide beside the picture"):
        read_guide(row.path, "saliency", picture, CANVAS)


def test_a_sample_without_a_picture_is_missing(tmp_path):
    (tmp_path / "s.tar").write_bytes(tarred({"a.txt": b"x", "a.json": b"{}"}))
    (row,) = rows_of(tmp_path / "s.tar")
    with pytest.raises(BadPicture, match=r"missing: no picture among a.txt, a.json"):
        decode_picture(row.path, CANVAS)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is no tar"),
        (b"no tar at all" * 100, "is no tar"),
        (tarred({"a.png": bytes(3000)})[:2000], "only a part of one"),
        (tarred({"a.png": bytes(600), "b.png": bytes(600)})[:1700], "only a part of one"),
        (tarred({"a.png": b"1", "b.png": b"2"})[:2048], "neither a header nor the end at byte 2048"),
        (tarred({"a.png": b"1", "b.png": b"2"})[:1100], "neither a header nor the end at byte 1024"),
        (
            tarred({"a.png": b"1", "b.png": b"2"}).replace(b"b.png", b"c.png"),
            "neither a header nor the end at byte 1024",
        ),
        (tarred({"a.png": b"1", "a.json": b"{"}), r"member a.json: not JSON"),
        (tarred({"a.png": b"1", "a.txt": b"\xff"}), r"member a.txt is no text in UTF-8"),
        (tarred({"a.png": b"1", "a.json": b'{"caption": 7}'}), r"member a.json: `caption` is 7"),
    ],
)
def test_what_is_no_whole_tar_is_refused(tmp_path, content, message):
    (tmp_path / "s.tar").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        rows_of(tmp_path / "s.tar")


def test_real_pictures_are_the_same_wherever_they_lie(photos, tmp_path):
    chosen = sorted(photos.glob("*.jpg"))[:3]
    put = {path.name: path.read_bytes() for path in chosen}
    (tmp_path / "s.tar").write_bytes(tarred(put))
    with fsspec.open("memory://photos/s.tar", "wb") as file:
        file.write(tarred(put))
    places = [[row.path for row in rows_of(where)] for where in (tmp_path / "s.tar", "memory://photos/s.tar")]
    for name, data in put.items():
        with fsspec.open(f"memory://photos/{name}", "wb") as file:
            file.write(data)
    places.append([Extent(f"memory://photos/{name}") for name in put])
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(pytest.importorskip("pyarrow").table({"image": list(put.values())}), tmp_path / "p.parquet")
    places.append([row.path for row in read_list(str(tmp_path / "p.parquet"))])
    for path, *elsewhere in zip(chosen, *places, strict=True):
        wanted = decode_picture(path, CANVAS)
        for place in elsewhere:
            picture = decode_picture(place, CANVAS)
            assert picture.size == wanted.size
            assert (picture.pixels == wanted.pixels).all()


def test_skipped_rows_cost_no_text_and_a_long_tar_no_memory(tmp_path):
    with tarfile.open(tmp_path / "s.tar", "w") as tar:
        for number in range(6000):
            for name in (f"{number:06d}.png", f"{number:06d}.txt"):
                header = tarfile.TarInfo(name)
                header.size = 2
                tar.addfile(header, io.BytesIO(b"\xff\xff"))  # as a text, an error
    tracemalloc.start()
    assert sum(1 for _ in tar_rows(str(tmp_path / "s.tar"), "s.tar", SourceNotes())) == 6000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


@pytest.mark.parametrize(
    ("members", "wanted"),
    [
        (["a.jpg", "a.png"], ["a.jpg", "a.png"]),
        (["a.jpg", "a.JPG", "A.jpg"], ["a.jpg", "a.JPG", "A.jpg"]),
        (["2020.01.jpg", "2020.02.jpg"], ["2020.01.jpg", "2020.02.jpg"]),
        (["a.png", "a.mask.png", "a.depth.png"], ["a.png"]),
    ],
)
def test_members_of_one_key_are_each_painted_or_said(tmp_path, members, wanted):
    (tmp_path / "s.tar").write_bytes(tarred(dict.fromkeys(members, b"x") | {"z.png": b"x", "z.cls": b"7"}))
    notes = SourceNotes()
    rows = [row() for row in tar_rows(str(tmp_path / "s.tar"), "s.tar", notes)]
    assert [row.name for row in rows] == [f"s.tar/{name}" for name in [*wanted, "z.png"]]
    lines = list(notes.lines())
    assert lines.pop(0) == "passed over, by their endings: 1 .cls"
    assert (
        lines
        == ["not painted, but taken for maps of the picture beside them by their names: 1, a.mask.png"][
            : "a.mask.png" in members
        ]
    )


def test_links_and_members_of_one_name_are_told_apart(tmp_path):
    with tarfile.open(tmp_path / "s.tar", "w") as tar:
        for name, kind in (("a.png", b"0"), ("a.png", b"0"), ("b.png", tarfile.LNKTYPE), ("c.png", tarfile.SYMTYPE)):
            header = tarfile.TarInfo(name)
            header.type, header.linkname = kind, "" if kind == b"0" else "a.png"
            tar.addfile(header)
    rows = rows_of(tmp_path / "s.tar")
    assert [row.name[6:] for row in rows] == ["a.png", "a.png", "b.png", "c.png"]
    assert [isinstance(row.path, Nowhere) for row in rows] == [False, False, True, True]
    assert "a link to a.png: pack files" in rows[2].path.why


def test_which_caption_of_a_sample_counts(tmp_path):
    for beside, caption in (
        ({"a.caption": b" a\nbarn "}, "a barn"),
        ({"a.json": b'{"text": "of text", "path": 3, "filename": "q", "key": "0"}'}, "of text"),
        ({"a.json": b'{"text": "of text"}', "a.txt": b"beside"}, "beside"),
        ({"a.json": b'{"Caption": "called so"}', "a.txt": b"beside"}, "called so"),
        ({"a.json": b'["no object"]', "a.txt": b" "}, None),
        ({"a.caption.json": b'{"caption": "by a model", "caption_model": "blip 01"}'}, "by a model"),
        ({"a.caption.json": b'{"caption": "by a model", "caption_model": "blip 01"}', "a.txt": b"beside"}, "beside"),
        ({"a.caption.json": b'{"caption": "by a model", "caption_model": "b"}', "a.json": b'{"text": "t"}'}, "t"),
    ):
        (tmp_path / "s.tar").write_bytes(tarred({"a.png": b"x"} | beside))
        (row,) = rows_of(tmp_path / "s.tar")
        assert row.caption == caption
        assert row.credits == ((("caption_model", "blip 01"),) if caption == "by a model" else ())


def test_a_compressed_tar_says_so_whatever_it_is_called(tmp_path):
    (tmp_path / "s.tar").write_bytes(gzip.compress(tarred({"a.png": b"x"})))
    with pytest.raises(ValueError, match=r"s.tar is no tar, but compressed \(gzip\): unpack it"):
        rows_of(tmp_path / "s.tar")


def test_a_member_of_negative_size_ends_the_tar(tmp_path):
    """Some releases of Python would read it for ever."""
    data = bytearray(tarred({"a.png": b"x", "b.png": b"y"}))
    for size in (-1024, -512, -1):
        data[1024 + 124 : 1024 + 136] = (256**12 + size).to_bytes(12, "big")
        data[1024 + 148 : 1024 + 156] = b"%06o\0 " % (sum(data[1024:1172]) + 256 + sum(data[1180:1536]))
        (tmp_path / "s.tar").write_bytes(data)
        with pytest.raises(ValueError, match="no tar, or only a part of one"):
            rows_of(tmp_path / "s.tar")
