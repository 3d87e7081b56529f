import errno
import math
import os

import pytest

from tests.datagen.disk import recorded_disk
from underpaint.datagen.format.atomic import atomic_file, atomic_folder, canonical_json, naming, sync_folder, write_json


def test_a_file_appears_whole(tmp_path):
    path = tmp_path / "a.json"
    with atomic_file(path) as file:
        file.write(b"half")
        file.flush()
        assert not path.exists()
        assert len(list(tmp_path.glob(".*.tmp"))) == 1
        file.write(b" and half")
    assert path.read_bytes() == b"half and half"
    assert list(tmp_path.glob(".*.tmp")) == []


def test_a_file_is_on_disk_before_it_appears_and_its_name_soon_after(tmp_path, monkeypatch):
    events = recorded_disk(monkeypatch)
    with atomic_file(tmp_path / "a.json") as file:
        file.write(b"whole")
    assert events == [("sync", "whole"), ("rename", "a.json"), ("sync", str(tmp_path))]


def test_a_folder_appears_whole(tmp_path):
    path = tmp_path / "a" / "step"
    for content in (b"first", b"second"):
        with atomic_folder(path) as folder:
            (folder / "in").mkdir()
            (folder / "in" / "file").write_bytes(content)
            assert not path.exists() or (path / "in" / "file").read_bytes() == b"first"
    assert (path / "in" / "file").read_bytes() == b"second"
    assert [found.name for found in path.parent.iterdir()] == ["step"]


def test_what_a_killed_writer_left_of_a_folder_is_not_in_the_next(tmp_path):
    def die() -> None:
        with atomic_folder(tmp_path / "step") as folder:
            (folder / "half").write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        die()
    assert not (tmp_path / "step").exists()
    with atomic_folder(tmp_path / "step") as folder:
        (folder / "whole").write_bytes(b"whole")
    assert [found.name for found in (tmp_path / "step").iterdir()] == ["whole"]


def test_a_folder_and_all_within_is_on_disk_before_it_appears_and_its_name_soon_after(tmp_path, monkeypatch):
    events = recorded_disk(monkeypatch)
    with atomic_folder(tmp_path / "step") as folder:
        (folder / "in").mkdir()
        (folder / "in" / "a").write_text("one")
        (folder / "b").write_text("two")
    within, rename, last = events[:-2], events[-2], events[-1]
    assert sorted(within) == sorted(("sync", what) for what in ("one", "two", f"{folder}/in", str(folder)))
    assert (rename, last) == (("rename", "step"), ("sync", str(tmp_path)))


def test_a_folder_that_cannot_be_synced_is_no_error_but_a_broken_disk_is(tmp_path, monkeypatch):
    def refusing(number: int) -> None:
        def fsync(descriptor: int) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(os, "fsync", fsync)

    for number in (errno.EINVAL, errno.ENOTSUP):
        refusing(number)
        sync_folder(tmp_path)
    refusing(errno.EIO)
    with pytest.raises(OSError, match="Input/output error"):
        sync_folder(tmp_path)


def test_a_failed_write_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("old")

    def fail() -> None:
        with atomic_file(path) as file:
            file.write(b"new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.glob(".*.tmp")) == []


def test_temporary_names_escape_globs(tmp_path):
    with atomic_file(tmp_path / "000000.tar"):
        assert list(tmp_path.glob("*.tar")) == []
        assert list(tmp_path.glob("0*")) == []


def test_equal_records_give_equal_bytes():
    assert canonical_json({"b": 1, "a": "ü"}) == canonical_json({"a": "ü", "b": 1}) == b'{"a":"\\u00fc","b":1}\n'
    with pytest.raises(ValueError, match="JSON"):
        canonical_json({"psnr": math.inf})


def test_json_is_replaced(tmp_path):
    for content in ({"a": 1}, {"a": 2}):
        write_json(tmp_path / "x.json", content)
    assert (tmp_path / "x.json").read_bytes() == b'{\n "a": 2\n}\n'


def test_a_full_disk_is_named(tmp_path):
    def fill():
        with atomic_file(tmp_path / "x.tar"):
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space") as full:
        fill()
    assert full.value.filename == str(tmp_path / "x.tar")
    with pytest.raises(OSError, match="other") as other, naming("here"):
        raise OSError(errno.EIO, "other")
    assert other.value.filename is None
