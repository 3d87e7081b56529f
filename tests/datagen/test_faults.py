"""A job that is killed and hindered in every way, and continued, writes what an undisturbed one writes."""

import hashlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.datagen import faulty
from tests.datagen.faulty import PLAN, Faults, FaultyPainter, read_log
from tests.datagen.helpers import ROOT, SMALL, quietly, synthetic, tar_bytes
from underpaint.datagen.config import GenerateConfig
from underpaint.datagen.jobs.writing import write_corpus
from underpaint.datagen.painting.painter import with_options
from underpaint.datagen.storage.sidecars import read_sidecars
from underpaint.datagen.trust.verify import verify

pytestmark = pytest.mark.slow

ROUNDS = 40  # of each kind of store
# A shard takes some ten milliseconds, so that a kill has many places to hit.
TINY = SMALL | {"size": 32, "strokes": 8, "frames": 3, "shard_size": 2}


@pytest.fixture(scope="module")
def sources(tmp_path_factory) -> Path:
    """Twenty pictures and one that is none."""
    folder = tmp_path_factory.mktemp("sources")
    for number in range(20):
        synthetic(number, (40, 36)).save(folder / f"{number:02d}.png")
    (folder / "07b.png").write_bytes(b"no picture")
    return folder


@pytest.fixture(scope="module")
def undisturbed(sources, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("undisturbed") / "corpus"
    assert quietly(GenerateConfig(source=str(sources), out=out, **TINY)).complete
    return out


def in_a_child(work: Callable[[], object], kill_after: float | None) -> int:
    """Do it in a copy of this process, killed after some seconds; return what `waitpid` says."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # what a job ends with is told by the store's state
            os._exit(1)
        os._exit(0)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def job(config: GenerateConfig, faults: Faults) -> None:
    import underpaint.datagen.jobs.retries
    import underpaint.datagen.storage.patience

    faulty.inject(faults)
    underpaint.datagen.storage.patience.FIRST_DELAY = underpaint.datagen.jobs.retries.FIRST_DELAY = 0.001
    write_corpus(FaultyPainter(with_options(config)), stream=io.StringIO())


def check_what_counts(folder: Path, wanted: dict[str, bytes]) -> dict[str, int]:
    """Whatever has a sidecar is whole, at any moment; return when each was written."""
    times = {}
    for path in folder.glob("[0-9]*.json"):
        sidecar, tar = json.loads(path.read_bytes()), path.with_suffix(".tar")
        assert hashlib.sha256(tar.read_bytes()).hexdigest() == sidecar["sha256"]
        assert tar.read_bytes() == wanted[tar.name]
        times[path.name] = path.stat().st_mtime_ns
    return times


def check_the_end(folder: Path, undisturbed: Path) -> None:
    """Byte-identical, verified, every source once, and nothing left lying about."""
    assert tar_bytes(folder) == tar_bytes(undisturbed)
    assert (folder / "manifest.json").read_bytes() == (undisturbed / "manifest.json").read_bytes()
    assert verify(folder) == []
    sidecars = list(read_sidecars(folder))
    used = [entry.index for sidecar in sidecars for entry in sidecar.samples]
    skipped = [failure.index for sidecar in sidecars for failure in sidecar.failures]
    assert sorted(used + skipped) == list(range(21))
    assert [path.name for path in folder.glob(".*") if path.name != ".lock"] == []


@pytest.mark.parametrize("scheme", ["faulty://", ""])
def test_killed_and_hindered_jobs_write_the_same(scheme, sources, undisturbed, tmp_path, capsys):
    chance, wanted, log = random.Random(f"rounds{scheme}"), tar_bytes(undisturbed), tmp_path / "log"
    folder, done, ended = tmp_path / "corpus", {}, Counter()
    config = GenerateConfig(source=str(sources), out=f"{scheme}{folder}", **TINY)

    def finish() -> None:
        assert in_a_child(lambda: job(config, Faults(log)), None) == 0
        check_what_counts(folder, wanted)
        check_the_end(folder, undisturbed)
        shutil.rmtree(folder)
        done.clear()
        ended["corpora"] += 1

    for number in range(ROUNDS):
        kill_at = chance.randrange(80) if scheme and number % 2 else -1
        faults = Faults(log, seed=number, rate=chance.choice([0, 0.1, 0.3]), kill_at=kill_at)
        kill_after = None if kill_at >= 0 else chance.uniform(0.005, 0.15)
        status = in_a_child(lambda f=faults: job(config, f), kill_after)
        ended["SIGKILL" if os.WIFSIGNALED(status) else "given up" if status else "done"] += 1
        now = check_what_counts(folder, wanted)
        assert done.items() <= now.items()  # what counts isn't written again
        done = now
        if len(done) == 11:
            finish()
    finish()
    with capsys.disabled():
        print(f"\n{scheme or 'local'}: {ROUNDS} rounds, ended by {dict(ended)}; faults: {dict(read_log(log))}")
    assert ended["SIGKILL"] >= ROUNDS // 4


DRIVER = """
import sys
from underpaint.datagen.storage import patience
from underpaint.datagen.jobs import retries
from underpaint.datagen.config import GenerateConfig
from underpaint.datagen.painting.painter import with_options
from underpaint.datagen.jobs.writing import write_corpus
from tests.datagen.faulty import FaultyPainter
retries.FIRST_DELAY = 0.1
config = GenerateConfig(source=sys.argv[1], out=sys.argv[2], **eval(sys.argv[3]))
print(write_corpus(FaultyPainter(with_options(config))).errors)
"""


def shard_workers(driver: int) -> list[int]:
    """Workers of a driver's Ray that are at a shard now."""
    from tests.datagen.test_generate import processes

    return processes(driver, "ray::_run_shard")


def test_killed_workers_and_drivers_of_ray(sources, undisturbed, tmp_path, capsys, monkeypatch):
    folder, log, kills = tmp_path / "corpus", tmp_path / "log", Counter()
    command = [sys.executable, "-c", DRIVER, sources, f"faulty://{folder}", repr(TINY | {"workers": 2})]
    environment = os.environ | {"PYTHONPATH": str(ROOT), PLAN: f"0.1:{log}"}
    for last in (False, False, True):
        driver = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        victims, end = 2, time.monotonic() + 60
        before = len(list(folder.glob("[0-9]*.json")))
        while driver.poll() is None and time.monotonic() < end:
            time.sleep(0.1)
            for worker in shard_workers(driver.pid)[: min(1, victims)]:
                victims -= 1
                os.kill(worker, signal.SIGKILL)
                kills["worker"] += 1
            if not last and not victims and len(list(folder.glob("[0-9]*.json"))) > before:
                break
        if driver.poll() is None:
            driver.kill()
            kills["driver"] += 1
        driver.communicate()
        check_what_counts(folder, tar_bytes(undisturbed))
    monkeypatch.setattr(faulty, "FAULTS", Faults(Path(os.devnull)))
    assert quietly(GenerateConfig(source=str(sources), out=f"faulty://{folder}", **TINY)).complete
    check_the_end(folder, undisturbed)
    with capsys.disabled():
        print(f"\nRay: 3 rounds; SIGKILL of {dict(kills)}; faults: {dict(read_log(log))}")
