import json
import os
import pickle
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.datagen.buckets import BUCKET, only_reading, s3_server
from tests.datagen.helpers import ROOT, SMALL, quietly
from underpaint.datagen.cli import main
from underpaint.datagen.storage.store import Store, as_store, is_url, read_many


@pytest.fixture(scope="module")
def s3() -> Iterator[object]:
    with pytest.MonkeyPatch.context() as patch, s3_server(patch) as client:
        yield client


@pytest.fixture(params=["local", "file", "memory", "s3"])
def store(request, tmp_path) -> Store:
    """An empty store of each kind, made."""
    if request.param == "s3":
        request.getfixturevalue("s3")
    name = secrets.token_hex(4)
    where = {"local": f"{tmp_path}/a", "file": f"file://{tmp_path}/b", "memory": f"memory://{name}"}
    made = Store(where.get(request.param, f"s3://{BUCKET}/{name}/c"))
    made.check_writable()
    return made


def test_what_is_written_is_read(store):
    assert (store.names(), store.sizes(), store.size("a.json")) == ([], {}, None)
    store.write("a.json", b"old")
    store.write("a.json", b"0123456789")
    store.write(".hidden", b"x")
    assert store.read("a.json") == b"0123456789"
    assert [store.read_range("a.json", 3, size) for size in (0, 4, 100)] == [b"", b"3456", b"3456789"]
    with store.open("a.json") as file:
        assert (file.read(2), file.read()) == (b"01", b"23456789")
    assert store.sizes() == {"a.json": 10, ".hidden": 1}
    assert (store.size("a.json"), store.size("b.json")) == (10, None)
    assert (store.names(), store.names("*.tar"), store.names(".*")) == (["a.json"], [], [".hidden"])


def test_what_is_not_there_is_said_so(store):
    for ask in (lambda: store.read("no"), lambda: store.read_range("no", 0, 3), lambda: store.open("no").__enter__()):
        with pytest.raises(FileNotFoundError):
            ask()
    store.remove("no")


def test_a_finished_file_is_published(store):
    data = os.urandom(100_000)
    for number in range(2):  # and replaced
        with store.staged("0.tar") as path:
            path.write_bytes(data)
            assert len(store.names()) == number
            store.publish(path, "0.tar")
        assert not path.exists()
    assert store.sizes() == {"0.tar": len(data)}
    assert store.read("0.tar") == data
    store.remove("0.tar")
    assert store.names() == []


def test_a_file_given_up_leaves_nothing(store):
    def give_up() -> None:
        with store.staged("0.tar") as path:
            path.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        give_up()
    assert store.sizes() == {}


def test_what_others_write_shows_at_once(store):
    other = pickle.loads(pickle.dumps(store))
    assert store.names() == []
    other.write("a.json", b"abc")
    assert (store.names(), store.size("a.json"), store.read("a.json")) == (["a.json"], 3, b"abc")
    other.write("a.json", b"longer")
    assert (store.size("a.json"), store.read("a.json")) == (6, b"longer")


def test_many_files_come_in_their_order(store):
    names = [f"{number:02d}.json" for number in range(40)]
    for name in names:
        store.write(name, name.encode())
    assert list(read_many(store, reversed(names))) == [(name, name.encode()) for name in reversed(names)]
    with pytest.raises(FileNotFoundError):
        list(read_many(store, ["00.json", "no"]))


def test_a_store_travels_after_it_was_used(store):
    store.write("a", b"1")
    assert pickle.loads(pickle.dumps(store)) == store
    assert pickle.loads(pickle.dumps(store)).read("a") == b"1"


def test_folders_are_no_files(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert Store(str(tmp_path)).sizes() == {}
    assert Store(str(tmp_path)).size("a") is None
    Store("memory://folders/a").write("x", b"")
    assert Store("memory://folders").sizes() == {}


@pytest.mark.parametrize(
    ("given", "location", "local"),
    [
        ("corpus/", "corpus", True),
        ("/", "/", True),
        ("file:///a/b/", "/a/b", True),
        ("s3://bucket/a/", "s3://bucket/a", False),
        ("simplecache::s3://bucket/a", "simplecache::s3://bucket/a", False),
        ("memory://", "memory://", False),
    ],
)
def test_locations(given, location, local):
    store = Store(given)
    assert (store.location, store.local) == (location, Path(location) if local else None)
    assert Store(location) == store
    assert as_store(store) is store
    assert (store.absolute() == store) == (location != "corpus")


def test_paths_are_local():
    assert as_store(Path("a/b")).local == Path("a/b")
    assert not is_url(Path("s3://a"))
    assert not is_url("C:/pictures")
    assert Store("a").url("b.tar") == "a/b.tar"


@pytest.mark.parametrize(
    ("location", "message"),
    [("nothing://a", "nothing://a can't be opened"), ("gs://a", "pip install 'underpaint.gcs.'")],
)
def test_a_store_that_can_t_be_opened(location, message, monkeypatch):
    if location.startswith("gs"):
        monkeypatch.setitem(sys.modules, "gcsfs", None)
    with pytest.raises(ValueError, match=message):
        Store(location).check_writable()


def test_a_file_in_the_place_of_the_folder(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match=r"file can't be written"):
        Store(str(tmp_path / "file")).check_writable()


# --- S3 -------------------------------------------------------------------------------------------


def test_a_corpus_on_s3_is_that_of_a_folder(s3, configure, finished):
    location = f"s3://{BUCKET}/corpora/one"
    assert quietly(configure(location, store_target=True)).complete
    store, local = Store(location), Store(str(finished))
    assert store.names() == local.names()
    for name in [*local.names("*.tar"), "manifest.json", "job.json"]:
        assert store.read(name) == local.read(name)
    for name in local.names("0*.json"):
        ours, theirs = (json.loads(each.read(name)) for each in (store, local))
        assert {**ours, "seconds": 0, "checksum": 0} == {**theirs, "seconds": 0, "checksum": 0}
    store.remove("000001.json")
    again = quietly(configure(location, store_target=True))
    assert (again.complete, again.meter.resumed, again.meter.painted) == (True, 6, 4)
    assert store.names(".*") == []


def test_a_read_only_bucket_is_an_error_at_the_start(s3, configure, monkeypatch):
    location = f"s3://{BUCKET}/closed"
    Store(location).write("there", b"before")
    with only_reading(monkeypatch):
        assert Store(location).read("there") == b"before"
        with pytest.raises(ValueError, match=rf"{location} can't be written \(.*\): see to it, or use another --out"):
            quietly(configure(location))
    assert Store(location).names() == ["there"]


def test_a_bucket_that_isn_t_there(s3, configure):
    with pytest.raises(ValueError, match=r"s3://nowhere/corpus can't be written \(.*\)"):
        quietly(configure("s3://nowhere/corpus"))


def test_a_large_file_goes_in_parts(s3):
    store, data = Store(f"s3://{BUCKET}/large"), bytes(60 << 20)
    with store.staged("0.tar") as path:
        path.write_bytes(data)
        store.publish(path, "0.tar")
    assert store.size("0.tar") == len(data)


# --- without fsspec -------------------------------------------------------------------------------


def test_a_local_corpus_needs_no_fsspec(tmp_path):
    code = (
        "import sys; from underpaint.datagen.storage.store import Store; s = Store(sys.argv[1])\n"
        "s.check_writable(); s.write('a', b'1'); assert s.read('a') == b'1'; assert 'fsspec' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path / "corpus"], cwd=ROOT, check=True)


@given(st.binary(max_size=2000), st.integers(0, 2500), st.integers(0, 2500))
def test_a_range_is_a_slice(data, offset, size):
    store = Store("memory://ranges")
    store.write("a", data)
    assert store.read_range("a", offset, size) == data[offset : offset + size]


# --- the command line -----------------------------------------------------------------------------


def test_commands_take_urls(pictures, capsys):
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in (SMALL | {"out": "memory://cli"}).items()]
    assert main(["generate", f"--source={pictures}", *flags]) == 0
    assert main(["inspect", "memory://cli"]) == 0
    assert "memory://cli" in capsys.readouterr().out
    assert main(["generate", f"--source={pictures}", "--out=nothing://cli", "--workers=0"]) == 2
    assert "nothing://cli can't be opened" in capsys.readouterr().err
