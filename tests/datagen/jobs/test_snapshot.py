import json
import os
import tempfile
import tracemalloc
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import underpaint.datagen.jobs.snapshot
import underpaint.datagen.sources.listings
import underpaint.datagen.storage.streams
from tests.datagen.helpers import summed
from underpaint.datagen.config import GenerateConfig
from underpaint.datagen.jobs.job import open_job, read_job
from underpaint.datagen.jobs.snapshot import Snapshot, job_sources, open_source
from underpaint.datagen.painting.painter import PaintingMaker
from underpaint.datagen.pictures.drawn import Drawn
from underpaint.datagen.pictures.places import Cell, Extent, Nowhere
from underpaint.datagen.sources.reading import read_sources
from underpaint.datagen.sources.source import Source

TEXT = st.text(max_size=12)
PLACES = st.one_of(
    st.text(min_size=1, max_size=12).map(Path),
    st.builds(
        Extent,
        TEXT,
        st.integers(0, 2**60),
        st.none() | st.integers(0, 2**60),
        st.lists(st.tuples(TEXT, st.integers(0, 9), st.integers(0, 9)), max_size=2).map(tuple),
    ),
    st.builds(Cell, TEXT, st.integers(0, 9), st.integers(0, 9), TEXT),
    st.builds(Nowhere, TEXT),
    st.builds(Drawn, st.integers(0, 9), st.integers(0, 9), st.booleans()),
)
CREDITS = st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple)
SOURCES = st.lists(st.tuples(TEXT, PLACES, st.none() | TEXT, st.none() | TEXT, CREDITS), max_size=6)


@settings(deadline=None, max_examples=50)
@given(SOURCES, st.integers(0, 7))
def test_what_goes_in_comes_out(rows, first):
    sources = [Source(index, *row) for index, row in enumerate(rows)]
    snapshot = Snapshot(iter(sources))
    assert snapshot.total == summed(sources)
    assert list(snapshot.read(first)) == sources[first:]
    assert list(snapshot.read()) == sources


def test_names_that_are_not_utf_8_survive(tmp_path):
    name = os.fsdecode(b"\xff.jpg")
    (source,) = Snapshot([Source(0, name, tmp_path / name)]).read()
    assert source == Source(0, name, tmp_path / name)


def test_many_sources_lie_on_disk_and_nothing_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(underpaint.datagen.jobs.snapshot, "IN_MEMORY", 1 << 20)
    many = (Source(n, f"{n:06d}.jpg", Path(f"in/{n:06d}.jpg"), os.urandom(1250).hex()) for n in range(8_000))
    tracemalloc.start()
    snapshot = Snapshot(many)
    assert sum(1 for _ in snapshot.read(7_900)) == 100
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert snapshot.total.count == 8_000
    assert peak < 6 << 20  # all rows are 20 MB
    assert list(tmp_path.iterdir()) == []  # the file has no name


@dataclass
class Counting:
    """Counts the bytes that are read of one file, and how often it is opened."""

    opened: int = 0
    bytes: int = 0


@pytest.fixture
def manifest(tmp_path, monkeypatch):
    """A list of 300 pictures, and what is read of it."""
    path = tmp_path / "l.jsonl"
    path.write_text("".join(json.dumps({"file": f"{n}.jpg", "caption": "x" * 300}) + "\n" for n in range(300)))
    counts, plain = Counting(), underpaint.datagen.storage.streams.open_stream

    def counted(location):
        counts.opened += 1
        with plain(location) as file:
            for line in file:
                counts.bytes += len(line)
                yield line

    class Lines:
        def __init__(self, location):
            self.lines = counted(location)

        def __enter__(self):
            return self.lines

        def __exit__(self, *error):
            self.lines.close()

    monkeypatch.setattr(underpaint.datagen.sources.listings, "open_stream", Lines)
    return path, counts


def painter(source, out):
    return PaintingMaker(GenerateConfig(source=str(source), out=out, shard_size=7, size=48))


def opened(maker):
    return open_job(maker, open_source(maker, read_job(maker.config.store)))


def test_a_list_is_read_once_and_not_again_if_it_is_unchanged(manifest, tmp_path):
    path, counts = manifest
    (tmp_path / "out").mkdir()
    job = opened(painter(path, tmp_path / "out"))
    assert [source.index for task in job.tasks(set()) for source in task.sources] == list(range(300))
    assert (counts.opened, counts.bytes) == (1, path.stat().st_size)
    again = opened(painter(path, tmp_path / "out"))
    assert (again.sources.total, again.fingerprint) == (job.sources.total, job.fingerprint)
    assert list(again.tasks(set(range(again.shards)))) == []
    assert counts.opened == 1  # a finished job doesn't look into it
    tasks = list(again.tasks(set(range(40)) | {41}))
    assert [task.index for task in tasks] == [40, 42]
    assert tasks[0].sources == tuple(read_sources(str(path)))[280:287]


def test_a_list_that_is_copied_is_read_again_and_known(manifest, tmp_path):
    path, counts = manifest
    (tmp_path / "out").mkdir()
    job = opened(painter(path, tmp_path / "out"))
    os.utime(path, (1, 1))
    again = opened(painter(path, tmp_path / "out"))
    assert counts.opened == 2
    assert again.fingerprint == job.fingerprint
    assert len(list(again.tasks(set()))) == 43
    assert counts.opened == 2


def test_a_plan_that_was_tampered_with_is_not_believed(manifest, tmp_path):
    path, counts = manifest
    (tmp_path / "out").mkdir()
    opened(painter(path, tmp_path / "out"))
    plan = json.loads((tmp_path / "out" / "job.json").read_bytes())
    plan["sources"]["count"] = 299
    (tmp_path / "out" / "job.json").write_text(json.dumps(plan))
    maker = painter(path, tmp_path / "out")
    assert job_sources(maker, plan, open_source(maker, plan)).total.count == 300
    assert counts.opened == 2


def test_a_folder_is_read_each_time(pictures, tmp_path):
    maker = painter(pictures, tmp_path)
    sources = job_sources(maker, None, open_source(maker))
    assert (sources.stamp, sources.total.count) == (None, 10)
    sources.check()
    assert [source.name for source in sources.read(9)] == ["p8.png"]


def test_a_list_that_is_replaced_after_it_was_opened_is_not_known_by_its_new_stamp(manifest, tmp_path):
    path, _ = manifest
    maker = painter(path, tmp_path)
    source = open_source(maker)
    (tmp_path / "new").write_text(json.dumps({"file": "new.jpg"}))
    (tmp_path / "new").replace(path)
    sources = job_sources(maker, None, source)
    assert (sources.total.count, sources.stamp) == (300, None)  # the next run reads it again, and sees the difference


def test_a_mistake_in_the_first_row_shows_when_the_source_is_opened(manifest, tmp_path):
    path, _ = manifest
    path.write_text("nonsense")
    with pytest.raises(ValueError, match="line 1: not JSON"):
        open_source(painter(path, tmp_path))
