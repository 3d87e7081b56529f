import errno
import fcntl
import json
import subprocess
import sys

import pytest

from tests.datagen.helpers import ROOT
from underpaint.datagen.storage.claim import CLAIM_FILE, only_writer
from underpaint.datagen.storage.store import Store

ENTER = """import sys
from underpaint.datagen.storage.claim import *
from underpaint.datagen.storage.store import Store
with only_writer(Store(sys.argv[1])): """


def test_a_local_folder_has_one_writer_at_a_time(tmp_path):
    command = [sys.executable, "-c", f"{ENTER}print('in')", tmp_path]
    with only_writer(Store(str(tmp_path))) as claim:
        other = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        claim.check()
    assert "is being written by process" in other.stderr
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert again.stdout == "in\n"


def test_where_nobody_can_tell_whether_the_writer_lives_the_message_says_what_to_remove(tmp_path, monkeypatch):
    def flock(descriptor: object, operation: int) -> None:
        raise OSError(errno.ENOSYS, "no locks")

    monkeypatch.setattr(fcntl, "flock", flock)
    message = r"is being written by process \d+ on .*: wait .* remove .*\.lock\.pid\)$"
    with only_writer(Store(str(tmp_path))), pytest.raises(ValueError, match=message), only_writer(Store(str(tmp_path))):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_killed_writer_holds_nothing(tmp_path):
    code = f"{ENTER}import os; os.kill(os.getpid(), 9)"
    assert subprocess.run([sys.executable, "-c", code, tmp_path], cwd=ROOT, check=False).returncode == -9
    with only_writer(Store(str(tmp_path))):
        pass


def test_of_a_remote_store_the_last_to_come_has_it(monkeypatch):
    monkeypatch.setattr("underpaint.datagen.storage.claim.CHECK_SECONDS", 0.0)
    store = Store("memory://claimed")
    with only_writer(store) as first:
        first.check()
        with only_writer(store) as second:
            second.check()
            with pytest.raises(ValueError, match=r"memory://claimed was taken over by process \d+ on .*, which began"):
                first.check()
        assert store.names(".*") == []
    assert store.names(".*") == []


def test_a_killed_job_s_claim_is_taken_over():
    store = Store("memory://orphan")
    store.write(CLAIM_FILE, json.dumps({"token": "dead", "who": "process 1 on lost"}).encode())
    with only_writer(store):
        assert json.loads(store.read(CLAIM_FILE))["token"] != "dead"


def test_a_store_is_not_asked_all_the_time(monkeypatch):
    store = Store("memory://asked")
    with only_writer(store) as claim:
        monkeypatch.setattr(Store, "read", lambda *_: pytest.fail("asked at once"))
        claim.check()
        monkeypatch.undo()


@pytest.mark.parametrize("location", ["{folder}", "memory://left"])
def test_what_dead_writers_left_is_removed(tmp_path, location):
    store = Store(location.format(folder=tmp_path))
    store.make()
    store.write(".000000.tar.123-abcd.tmp", b"half")
    store.write("000000.tar", b"whole")
    with only_writer(store):
        assert store.names(".*.tmp") == []
        assert store.names() == ["000000.tar"]
