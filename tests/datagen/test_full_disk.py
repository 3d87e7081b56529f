"""A disk that is full at each write of a job: one line that names the folder, no litter, and the job goes on later."""

import errno
import io
import itertools
import os
from pathlib import Path

import pytest

from tests.datagen.helpers import tar_bytes
from tests.datagen.outages import SMALL, write_pictures
from underpaint.datagen.cli import main

pytestmark = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")


def full_at(monkeypatch: pytest.MonkeyPatch, folder: Path, number: int) -> list[str]:
    """Have the file that is written as this number in the folder, and all later ones, find the disk full."""
    counter, names = itertools.count(), []
    opened = Path.open

    def open_full(path: Path, mode: str = "r", *args: object, **options: object) -> io.IOBase:
        if "w" in mode and path.is_relative_to(folder):
            names.append(path.name)
            if next(counter) >= number:
                path.touch()
                return opened(Path("/dev/full"), mode, *args, **options)
        return opened(path, mode, *args, **options)

    monkeypatch.setattr(Path, "open", open_full)
    return names


def job(source: Path, out: Path) -> int:
    return main(
        ["generate", "--source", str(source), "--out", str(out), *SMALL, "--workers", "0", "--max-retries", "0"]
    )


def test_a_disk_that_is_full_at_any_write(tmp_path, monkeypatch, capsys):
    write_pictures(tmp_path / "in", 4)
    assert job(tmp_path / "in", tmp_path / "undisturbed") == 0
    number, status = 0, 1
    while status != 0:
        with monkeypatch.context() as patch:
            names = full_at(patch, tmp_path / "out", number)
            capsys.readouterr()
            status = job(tmp_path / "in", tmp_path / "out")
        said = capsys.readouterr().err
        if status != 0:
            assert "o space left on" in said, (names[-1], said)
            assert str(tmp_path / "out") in said, (names[-1], said)
            assert "Traceback" not in said
        litter = [path.name for path in (tmp_path / "out").iterdir() if path.name.endswith((".tmp", ".probe"))]
        assert litter == [], names[-1]
        number += 1
    assert number > 5  # probe, claim, plan, tars, sidecars, manifest; each later run has less to write
    assert tar_bytes(tmp_path / "out") == tar_bytes(tmp_path / "undisturbed")


@pytest.mark.parametrize("name", ["EROFS", "EDQUOT", "EACCES"])
def test_a_folder_that_can_t_be_written_is_named(tmp_path, monkeypatch, capsys, name):
    write_pictures(tmp_path / "in", 1)
    opened = Path.open

    def refuse(path: Path, mode: str = "r", *args: object, **options: object) -> io.IOBase:
        if "w" in mode and path.is_relative_to(tmp_path / "out"):
            raise OSError(getattr(errno, name), os.strerror(getattr(errno, name)), str(path))
        return opened(path, mode, *args, **options)

    monkeypatch.setattr(Path, "open", refuse)
    assert job(tmp_path / "in", tmp_path / "out") == 2
    assert capsys.readouterr().err.startswith(f"underpaint-data generate: {tmp_path / 'out'} can't be written (")
