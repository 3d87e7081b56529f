import subprocess
import sys
import tempfile

import pytest

from tests.datagen.helpers import ROOT
from underpaint.datagen.storage.staging import staged_file

HOLD = "import sys; from underpaint.datagen.storage.staging import staged_file\nwith staged_file('a.tar') as path: "


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))


def test_a_staged_file_is_there_for_a_block(tmp_path):
    with staged_file("a.tar") as path:
        path.write_bytes(b"x")
        assert path.name == "a.tar"
        assert list(tmp_path.iterdir()) == [path.parent]
    assert list(tmp_path.iterdir()) == []


def test_it_goes_when_the_block_fails(tmp_path):
    def fail() -> None:
        with staged_file("a.tar"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_what_a_kill_leaves_goes_with_the_next_one(tmp_path):
    code = f"{HOLD}import os; os.kill(os.getpid(), 9)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == -9
    assert len(list(tmp_path.iterdir())) == 1
    with staged_file("b.tar") as path:
        assert list(tmp_path.iterdir()) == [path.parent]


def test_what_others_work_on_stays():
    command = [sys.executable, "-c", f"{HOLD}path.touch(); print(path, flush=True); input()"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        theirs = other.stdout.readline().strip()
        with staged_file("b.tar") as mine:
            assert mine.parent.parent.joinpath(theirs).exists()
        other.communicate("\n")
    assert other.returncode == 0
