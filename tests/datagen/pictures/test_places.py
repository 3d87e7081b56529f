import errno
import http.server
import io
import os
import pickle
import threading
from dataclasses import replace
from pathlib import Path

import fsspec
import pytest

import underpaint.datagen.pictures.places
from underpaint.datagen.pictures.decode import opened
from underpaint.datagen.pictures.picture import BadPicture
from underpaint.datagen.pictures.places import Cell, Extent, Nowhere, beside, fetched, place_of, streamed
from underpaint.datagen.storage.store import Store


@pytest.fixture
def file(request):
    location = f"memory://{request.node.name}/a.bin"
    with fsspec.open(location, "wb") as opened:
        opened.write(bytes(range(100)))
    return location


def reason_of(place):
    with pytest.raises(BadPicture) as bad:
        fetched(place)
    return bad.value.reason


def test_a_file_or_a_part_of_it(file, tmp_path):
    (tmp_path / "a.bin").write_bytes(bytes(range(100)))
    for location in (file, str(tmp_path / "a.bin")):
        assert Extent(location).read() == bytes(range(100))
        assert fetched(Extent(location, 10, 5)) == bytes(range(10, 15))
        assert streamed(Extent(location)).read() == bytes(range(100))
        assert streamed(Extent(location, 10, 5)).read() == bytes(range(10, 15))


def test_what_is_wrong_with_a_picture(file, tmp_path, monkeypatch):
    (tmp_path / "empty").touch()
    assert reason_of(Extent(f"{file}.none")) == "missing"
    assert reason_of(Extent(str(tmp_path / "none"))) == "missing"
    assert reason_of(Extent(str(tmp_path / "none"), 0, 4)) == "unreachable"  # a tar that was there
    assert reason_of(Extent(str(tmp_path / "empty"))) == "empty"
    assert reason_of(Extent(file, 90, 11)) == "truncated"
    assert reason_of(Nowhere("no picture among a.txt")) == "missing"
    monkeypatch.setattr(underpaint.datagen.pictures.places, "MOST_BYTES", 99)
    assert reason_of(Extent(file)) == "too-large"
    assert reason_of(Extent(file, 0, 100)) == "too-large"
    with pytest.raises(BadPicture, match="missing"):
        streamed(Extent(f"{file}.none"))


def test_a_store_out_of_order_is_no_fault_of_the_picture(file, monkeypatch):
    monkeypatch.setattr("underpaint.datagen.storage.patience.FIRST_DELAY", 0)
    monkeypatch.setattr(type(Store(file)._folder._fs), "cat_file", lambda *args, **options: 1 / 0)
    assert reason_of(Extent(file)) == "unreachable"

    def refused(*args, **options):
        raise PermissionError(13, "Access Denied")

    monkeypatch.setattr(type(Store(file)._folder._fs), "cat_file", refused)
    assert reason_of(Extent(file)) == "unreadable"


LATER = (errno.EIO, errno.ESTALE, errno.ENOTCONN, errno.ETIMEDOUT, errno.EHOSTDOWN, errno.EMFILE)
NEVER = (errno.EACCES, errno.EPERM, errno.EISDIR, errno.EINVAL, errno.EILSEQ)


@pytest.mark.parametrize(
    ("number", "reason"),
    [(number, "unreachable") for number in LATER]
    + [(number, "unreadable") for number in NEVER]
    + [(number, "missing") for number in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP)],
)
def test_what_a_mount_answers(tmp_path, monkeypatch, number, reason):
    (tmp_path / "a.png").write_bytes(b"picture")
    for answer in ("open", "read"):
        with monkeypatch.context() as patch:
            patch.setattr(Path, "open", lambda *_, at=answer, **__: mounted(at, number))
            with pytest.raises(BadPicture) as bad:
                opened(tmp_path / "a.png")
            assert bad.value.reason == reason


def mounted(answer: str, number: int):
    """A file of which nothing can be read; or an error in opening one."""

    class Broken(io.BytesIO):
        def read(self, *_):
            raise OSError(number, os.strerror(number))

    return Broken().read() if answer == "open" else Broken()


class _Server(http.server.BaseHTTPRequestHandler):
    """Answers as the name says, and with what it calls a picture, without saying how large that is."""

    def do_GET(self):
        status = int(self.path[1:4])
        self.send_response(status)
        if "wait" in self.path:
            self.send_header("Retry-After", "1")
        if "half" in self.path:
            self.send_header("Content-Length", "9999")
        self.end_headers()
        self.wfile.write(b"picture")

    def log_message(self, *args):
        pass


def test_the_web(monkeypatch):
    pytest.importorskip("aiohttp")
    monkeypatch.setattr("underpaint.datagen.storage.patience.FIRST_DELAY", 0)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        web = f"http://127.0.0.1:{server.server_port}"
        assert fetched(Extent(f"{web}/200.jpg")) == b"picture"
        assert fetched(Extent(f"{web}/200.tar", 2, 3)) == b"ctu"  # a member of a tar, from a server without ranges
        assert reason_of(Extent(f"{web}/200.tar", 5, 3)) == "truncated"
        wanted = dict.fromkeys(("404", "410"), "missing") | dict.fromkeys(("400", "401", "403", "451"), "unreadable")
        for name in ("408", "425", "429", "500", "503", "599", "403-wait", "200-half"):
            wanted[name] = "unreachable"
        assert {name: reason_of(Extent(f"{web}/{name}.jpg")) for name in wanted} == wanted
        server.shutdown()
    assert reason_of(Extent(f"{web}/200.jpg")) == "unreachable"
    assert reason_of(Extent("http://nobody.invalid/a.jpg")) == "unreachable"
    assert reason_of(Extent("nobody://x/a.jpg")) == "unreadable"


def test_guides_lie_beside():
    assert Extent("s3://b/x/cat.small.jpg").guide("depth") == Extent("s3://b/x/cat.small.depth.png")
    member = Extent("s3://b/s.tar", 512, 9, (("depth", 2048, 7),))
    assert member.guide("depth") == Extent("s3://b/s.tar", 2048, 7)
    assert member.guide("saliency") is None
    assert Cell("t.parquet", 0, 0, "image").guide("depth") is None


def test_places_travel(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    relative = [Extent("in/s.tar", 512, 9), Cell("in/t.parquet", 1, 2, "image"), Nowhere("why")]
    for place in relative:
        assert pickle.loads(pickle.dumps(place)) == place
        assert not place.is_dir()
    assert [place.absolute() for place in relative] == [
        Extent(str(tmp_path / "in" / "s.tar"), 512, 9),
        Cell(str(tmp_path / "in" / "t.parquet"), 1, 2, "image"),
        Nowhere("why"),
    ]
    for place in (Extent("s3://b/a.jpg"), Cell("s3://b/t.parquet", 0, 0, "image")):
        assert place.absolute() == place


def test_where_a_location_is():
    assert place_of("https://x.org/a.jpg") == Extent("https://x.org/a.jpg")
    assert str(place_of("in/a.jpg")) == "in/a.jpg"
    assert beside("s3://b/in", "a.jpg") == Extent("s3://b/in/a.jpg")
    assert str(beside("in", "a.jpg")) == "in/a.jpg"


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("nosuch://x/a.png", "unreadable"),
        ("http://[::1/a.png", "unreadable"),
        ("github://x/a.png", "unreadable"),
        ("z" * 300 + ".png", "missing"),
        ("a\0.png", "missing"),
    ],
)
def test_a_name_that_leads_nowhere_is_no_fault_of_the_store(location, reason):
    assert reason_of(Extent(location)) == reason
    with pytest.raises(BadPicture):
        streamed(Extent(location))


def test_a_picture_that_a_cell_only_names(tmp_path, monkeypatch):
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pytest.importorskip("pyarrow").table({"image": [{"bytes": None, "path": "x"}]})
    parquet.write_table(table, tmp_path / "t.parquet")
    (tmp_path / "a.png").write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    cell = Cell("t.parquet", 0, 0, "image", "a.png").absolute()
    monkeypatch.chdir("/")
    assert fetched(cell) == b"x"
    assert reason_of(replace(cell, instead="/none.png")) == "missing"
    assert reason_of(replace(cell, instead=None)) == "empty"
