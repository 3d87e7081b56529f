import errno
import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import Timeout

from tests.datagen.helpers import ROOT
from underpaint.locks import lock_at

# What network file systems answer to `flock` that have no locks: Lustre without -o flock, NFS without lockd, FUSE.
REFUSALS = {"kernel": None, "ENOSYS": errno.ENOSYS, "ENOLCK": errno.ENOLCK, "EOPNOTSUPP": errno.EOPNOTSUPP}

HOLD = """
import fcntl, sys, os
from pathlib import Path
refusal = eval(sys.argv[2])
def flock(descriptor, operation): raise OSError(refusal, "no locks")
if refusal: fcntl.flock = flock
from underpaint.locks import lock_at
with lock_at(Path(sys.argv[1])).acquire(timeout=0):
    print("in", flush=True)
    input()
"""


@pytest.fixture(params=REFUSALS)
def refusal(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int | None:
    """How the file system refuses locks, in this process and for those that are started with its number."""
    number = REFUSALS[request.param]

    def flock(descriptor: object, operation: int) -> None:
        raise OSError(number, "no locks")

    if number is not None:
        monkeypatch.setattr(fcntl, "flock", flock)
    return number


def holder(path: Path, refusal: int | None) -> subprocess.Popen[str]:
    """Another process that has the lock, until it reads a line or is killed."""
    command = [sys.executable, "-c", HOLD, str(path), repr(refusal)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "in\n"
    return process


def test_one_process_has_it_and_a_dead_one_hasn_t(tmp_path, refusal):
    for end in ("leaves", "is killed"):
        with holder(tmp_path / ".lock", refusal) as other:
            with pytest.raises(Timeout):
                lock_at(tmp_path / ".lock").acquire(timeout=0)
            if end == "leaves":
                other.communicate("\n")
            else:
                other.kill()
        with lock_at(tmp_path / ".lock").acquire(timeout=0):
            pass


def test_a_lock_file_that_the_kernel_knew_blocks_nobody_where_it_knows_none(tmp_path, refusal):
    for content in (b"", b"process 12 on host\n"):
        (tmp_path / ".lock").write_bytes(content)
        with lock_at(tmp_path / ".lock").acquire(timeout=0):
            pass


@pytest.mark.filterwarnings("error")
def test_nothing_is_left_but_the_lock_itself(tmp_path, refusal):
    with lock_at(tmp_path / ".lock").acquire(timeout=0):
        assert len(list(tmp_path.iterdir())) == 1
    assert {path.name for path in tmp_path.iterdir()} <= {".lock"}


def test_without_fcntl_there_is_a_lock_too(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with lock_at(tmp_path / ".lock").acquire(timeout=0):
        assert (tmp_path / ".lock.pid").read_text().split()[0] == str(os.getpid())
        with pytest.raises(Timeout):
            lock_at(tmp_path / ".lock").acquire(timeout=0)
