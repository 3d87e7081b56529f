import os
import random

import fsspec
import pytest

import underpaint.datagen.storage.streams
from underpaint.datagen.storage.patience import StoreError
from underpaint.datagen.storage.store import Store
from underpaint.datagen.storage.streams import entries, globbed, is_file, is_folder, joined, open_stream, split, stamps


@pytest.fixture
def remote(tmp_path, request):
    """A folder of a remote store, of this test's own."""
    location = f"memory://{request.node.name}"
    for name in ("b.txt", "a/x.jpg", "a/deep/y.jpg", ".hidden", "c.jpg"):
        with fsspec.open(f"{location}/{name}", "wb") as file:
            file.write(name.encode() * 1000)
    return location


def test_locations_come_apart_and_together():
    for location in ("s3://b/x/a.jpg", "/abs/a.jpg", "in/a.jpg", "memory://a.jpg"):
        store, name = split(location)
        assert (joined(store.location, name), name) == (location, "a.jpg")
    store, name = split("a.jpg")
    assert (store.location, name) == (".", "a.jpg")
    assert split("/a.jpg")[0].location == "/"


def test_any_part_of_a_remote_file_in_any_order(remote, monkeypatch):
    monkeypatch.setattr(underpaint.datagen.storage.streams, "BLOCK", 64)
    content = b"b.txt" * 1000
    draw = random.Random(0)
    with open_stream(f"{remote}/b.txt") as file:
        for _ in range(200):
            start, size = draw.randrange(len(content) + 50), draw.randrange(300)
            file.seek(start)
            assert file.tell() == start
            assert file.read(size) == content[start : start + size]
        assert file.seek(-5, os.SEEK_END) == len(content) - 5
        assert file.read() == b"b.txt"
        file.seek(0)
        assert file.read() == content


def test_every_read_is_tried_again(remote, monkeypatch):
    monkeypatch.setattr("underpaint.datagen.storage.patience.FIRST_DELAY", 0)
    monkeypatch.setattr(underpaint.datagen.storage.streams, "BLOCK", 1000)
    filesystem = Store(remote)._folder._fs
    calls = iter(range(10**6))
    cat = type(filesystem).cat_file

    def stumbling(*args, **options):
        if next(calls) % 3:
            raise TimeoutError("the store has hiccups")
        return cat(*args, **options)

    monkeypatch.setattr(type(filesystem), "cat_file", stumbling)
    with open_stream(f"{remote}/b.txt") as file:
        assert b"".join(file) == b"b.txt" * 1000
    assert next(calls) > 10
    monkeypatch.setattr(type(filesystem), "cat_file", lambda *args, **options: 1 / 0)
    with pytest.raises(StoreError, match=r"b.txt"), open_stream(f"{remote}/b.txt") as file:
        file.read()


def test_a_file_that_shrinks_is_told_of(remote, monkeypatch):
    monkeypatch.setattr(underpaint.datagen.storage.streams, "BLOCK", 16)
    with open_stream(f"{remote}/b.txt") as file:
        file.read(16)
        Store(remote).write("b.txt", b"short")
        with pytest.raises(OSError, match="ended at byte"):
            file.read()


def test_what_is_where(remote, tmp_path):
    assert entries(remote) == [("a", True), ("b.txt", False), ("c.jpg", False)]
    assert entries(f"{remote}/a/") == [("deep", True), ("x.jpg", False)]
    (tmp_path / "d").mkdir()
    (tmp_path / "e.jpg").touch()
    (tmp_path / ".f").touch()
    assert entries(str(tmp_path)) == entries(f"file://{tmp_path}") == [("d", True), ("e.jpg", False)]
    for location, folder, file in (
        (remote, True, False),
        (f"{remote}/a/x.jpg", False, True),
        (f"{remote}/none", False, False),
        (str(tmp_path), True, False),
        (f"file://{tmp_path}/e.jpg", False, True),
        (str(tmp_path / "none"), False, False),
    ):
        assert (is_folder(location), is_file(location)) == (folder, file), location
    assert globbed(f"{remote}/**/*.jpg") == [f"{remote}/{name}" for name in ("a/deep/y.jpg", "a/x.jpg", "c.jpg")]
    with pytest.raises(FileNotFoundError, match="none"):
        open_stream(f"{remote}/none")


def test_a_stamp_notices_what_is_written(remote, tmp_path):
    (tmp_path / "b.txt").write_bytes(b"one")
    for folder in (remote, str(tmp_path)):
        before = stamps(folder, ["b.txt"])
        assert before == stamps(folder, ["b.txt"])
        Store(folder).write("b.txt", b"two")
        assert stamps(folder, ["b.txt"]) != before
    with pytest.raises(FileNotFoundError):
        stamps(str(tmp_path), ["none"])


def test_a_file_on_the_web_is_not_fetched_to_see_that_it_is_no_folder():
    assert not is_folder("https://nowhere.invalid/list.jsonl")


def test_an_unknown_kind_of_url():
    with pytest.raises(ValueError, match="nonsense://x"):
        is_folder("nonsense://x")
