import errno
import math
import os
from pathlib import Path

import pytest

from tests.datagen.disk import recorded_disk
from underpaint.datagen.format.atomic import (
    atomic_file,
    atomic_folder,
    canonical_json,
    naming,
    sync_folder,
    write_file,
    write_json,
)


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


NO_FOLDER_SYNC = ("EINVAL", "ENOTSUP", "EACCES", "EPERM", "EBADF", "ENOSYS", "EISDIR", "ENOTTY", "EROFS", "ENOTCONN")


@pytest.mark.parametrize("call", ["open", "fsync"])
@pytest.mark.parametrize("name", NO_FOLDER_SYNC)
def test_a_folder_that_cannot_be_synced_is_no_error(tmp_path, monkeypatch, call, name):
    monkeypatch.setattr(os, call, raising(getattr(errno, name)))
    sync_folder(tmp_path)


@pytest.mark.parametrize("name", ["EIO", "ENOSPC", "EDQUOT"])
def test_a_disk_that_lost_a_folder_is_an_error(tmp_path, monkeypatch, name):
    monkeypatch.setattr(os, "fsync", raising(getattr(errno, name)))
    with pytest.raises(OSError, match=os.strerror(getattr(errno, name))):
        sync_folder(tmp_path)


def raising(number: int):
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return refuse


def write_folder(path, content: bytes) -> None:
    with atomic_folder(path) as folder:
        (folder / "file").write_bytes(content)


@pytest.mark.parametrize("fails", ["block", "sync", "first rename", "second rename"])
def test_a_folder_that_fails_leaves_the_old_one_and_nothing_else(tmp_path, monkeypatch, fails):
    path, renames, rename = tmp_path / "step", [], type(tmp_path).replace
    write_folder(path, b"old")

    def failing_rename(source, target):
        renames.append(target)
        if len(renames) == ("first rename", "second rename").index(fails) + 1:
            raise OSError(errno.ENOSPC, "full")
        return rename(source, target)

    if fails == "sync":
        monkeypatch.setattr(os, "fsync", raising(errno.ENOSPC))
    elif fails != "block":
        monkeypatch.setattr(type(tmp_path), "replace", failing_rename)
    with pytest.raises((OSError, TypeError)):
        write_folder(path, "no bytes" if fails == "block" else b"new")
    assert (path / "file").read_bytes() == b"old"
    assert [found.name for found in tmp_path.iterdir()] == ["step"]


def test_a_full_disk_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", raising(errno.ENOSPC))
    for write in (write_folder, write_file):
        with pytest.raises(OSError, match="No space left") as full:
            write(tmp_path / "name", b"new")
        assert full.value.filename == str(tmp_path / "name")
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("old_is", ["at its place", "aside"])
def test_what_a_process_left_that_was_killed_while_it_exchanged_folders(tmp_path, old_is):
    path, aside = tmp_path / "step", tmp_path / ".step.old.tmp"
    write_folder(path, b"old")
    write_folder(tmp_path / ".step.tmp", b"never in place")
    if old_is == "aside":
        path.rename(aside)
    else:
        write_folder(aside, b"older")
    with pytest.raises(TypeError):
        write_folder(path, "no bytes")
    assert (path / "file").read_bytes() == b"old"
    write_folder(path, b"new")
    assert (path / "file").read_bytes() == b"new"
    assert [found.name for found in tmp_path.iterdir()] == ["step"]


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


def test_a_place_of_no_file_is_named_too():
    with pytest.raises(OSError, match="No space") as full, naming("here"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert full.value.filename == "here"
    with pytest.raises(OSError, match="says it") as other, naming("here"):
        raise OSError("says it itself")
    assert other.value.filename is None


@pytest.mark.parametrize("name", ["EBUSY", "ESTALE", "EAGAIN"])
def test_a_rename_is_tried_again_where_the_server_is_busy(tmp_path, monkeypatch, name):
    replace, left, pauses = Path.replace, [getattr(errno, name)] * 2, []

    def busy(path: Path, target: Path) -> Path:
        if left:
            raise OSError(left.pop(), "busy")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", busy)
    monkeypatch.setattr("underpaint.datagen.format.atomic.time.sleep", pauses.append)
    write_file(tmp_path / "a", b"whole")
    assert (tmp_path / "a").read_bytes() == b"whole"
    assert len(pauses) == 2
    left += [getattr(errno, name)] * 99
    with pytest.raises(OSError, match="busy"):
        write_file(tmp_path / "b", b"whole")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_rename_whose_answer_was_lost_is_done(tmp_path, monkeypatch):
    replace = Path.replace

    def lost(path: Path, target: Path) -> Path:
        replace(path, target)
        raise FileNotFoundError(errno.ENOENT, "done already")

    monkeypatch.setattr(Path, "replace", lost)
    write_file(tmp_path / "a", b"whole")
    assert (tmp_path / "a").read_bytes() == b"whole"


def test_files_that_cannot_be_written_any_more_are_synced(tmp_path):
    with atomic_folder(tmp_path / "step") as folder:
        (folder / "file").write_bytes(b"x")
        (folder / "file").chmod(0o444)
    assert (tmp_path / "step" / "file").read_bytes() == b"x"
