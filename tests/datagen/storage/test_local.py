import os

from tests.datagen.disk import recorded_disk
from underpaint.datagen.storage.local import LocalFolder


def test_files_that_vanish_while_they_are_listed_hide_no_others(tmp_path, monkeypatch):
    for name in ("a", ".b.tmp", "c"):
        (tmp_path / name).write_bytes(b"123")
    listed, real = LocalFolder(tmp_path), os.scandir

    class Vanishing:
        """A listing during which a worker renames its file."""

        def __enter__(self):
            entries = list(real(tmp_path))
            (tmp_path / ".b.tmp").unlink()
            return iter(entries)

        def __exit__(self, *error):
            return None

    monkeypatch.setattr("underpaint.datagen.storage.local.os.scandir", lambda folder: Vanishing())
    assert listed.sizes() == {"a": 3, "c": 3}


def test_publishing_is_a_rename_within_the_folder(tmp_path):
    folder = LocalFolder(tmp_path)
    with folder.staged("0.tar") as path:
        path.write_bytes(b"123")
        inode = path.stat().st_ino
        assert path.parent == tmp_path
        assert path.name.startswith(".0.tar.")
        folder.publish(path, "0.tar")
    assert (tmp_path / "0.tar").stat().st_ino == inode
    assert [path.name for path in tmp_path.iterdir()] == ["0.tar"]


def test_what_is_published_is_on_disk_before_it_appears_and_its_name_soon_after(tmp_path, monkeypatch):
    folder, events = LocalFolder(tmp_path), recorded_disk(monkeypatch)
    with folder.staged("0.tar") as path:
        path.write_text("whole")
        folder.publish(path, "0.tar")
    folder.write("0.json", b"{}")
    on_disk = ("sync", str(tmp_path))
    assert events == [("sync", "whole"), ("rename", "0.tar"), on_disk, ("sync", "{}"), ("rename", "0.json"), on_disk]
