"""A corpus is written the same way whatever it is made of; here of nothing much."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.datagen.helpers import tar_bytes
from underpaint.datagen.config import CorpusConfig
from underpaint.datagen.format.sample import Failure, Sample
from underpaint.datagen.jobs.job import open_job
from underpaint.datagen.jobs.maker import Stopwatch
from underpaint.datagen.jobs.snapshot import open_source
from underpaint.datagen.jobs.writing import write_corpus
from underpaint.datagen.sources.source import Source
from underpaint.datagen.storage.store import Store

ENTRY = {"strokes": 0, "psnr": None, "seed": 0, "renderer": "words"}


@dataclass(frozen=True)
class Scribe:
    """Writes down words; some can't be written, and some break the pen."""

    config: CorpusConfig

    def sources(self) -> Iterator[Source]:
        for index, word in enumerate(self.config.source.split()):
            yield Source(index, word, Path(word))

    def make(self, source: Source, watch: Stopwatch) -> Iterator[Sample | Failure]:
        if source.name == "break":
            raise OSError("the pen is broken")
        if source.name == "odd":
            yield Failure(source=source.name, index=source.index, renderer=None, reason="unreadable", detail="odd")
            return
        key = f"{source.index:08d}-{source.name}-words"
        yield Sample(key=key, files={"txt": source.name.encode()}, record=ENTRY | {"key": key, "source": source.name})

    def with_absolute_paths(self) -> "Scribe":
        return self


def written(words, out, **changes):
    config = CorpusConfig(**({"source": words, "out": out, "shard_size": 2, "workers": 0, "max_retries": 0} | changes))
    return write_corpus(Scribe(config), stream=io.StringIO())


def test_what_fails_is_told_and_what_is_there_stays(tmp_path):
    result = written("a odd break b c", tmp_path)
    assert not result.complete
    assert result.missing == ["000001"]
    assert result.errors == {1: "OSError: the pen is broken"}
    assert result.sums.total.samples == 2
    assert result.sums.failures == {"unreadable": 1}
    assert list(tar_bytes(tmp_path)) == ["000000.tar", "000002.tar"]
    again = written("a odd break b c", tmp_path)
    assert (again.meter.resumed, again.meter.painted) == (3, 0)


def test_a_failure_that_may_pass_is_tried_again(tmp_path, monkeypatch):
    monkeypatch.setattr("underpaint.datagen.jobs.retries.FIRST_DELAY", 0.01)
    result = written("a break b", tmp_path, max_retries=2)
    assert result.errors == {0: "OSError: the pen is broken (tried 3 times)"}
    assert result.missing == ["000000"]


@pytest.mark.parametrize("location", ["memory://writing", "file://{folder}"])
def test_any_store_gets_the_same_corpus(tmp_path, location):
    assert written("a odd b c", tmp_path / "local").complete
    location = location.format(folder=tmp_path / "there")
    result = written("a odd b c", location)
    assert result.complete
    store, local = Store(location), Store(str(tmp_path / "local"))
    for name in ("000000.tar", "000001.tar", "manifest.json", "job.json"):
        assert store.read(name) == local.read(name)
    assert store.names(".*") in ([], [".lock"])
    assert written("a odd b c", location).meter.painted == 0
    store.write("000001.tar", b"half")
    again = written("a odd b c", location)
    assert (again.meter.resumed, again.meter.painted) == (2, 2)
    assert store.read("000001.tar") == local.read("000001.tar")


def test_a_job_that_was_taken_over_stops(monkeypatch):
    monkeypatch.setattr("underpaint.datagen.storage.claim.CHECK_SECONDS", 0.0)
    make = Scribe.make

    def taken_over(self: Scribe, source: Source, watch: Stopwatch) -> Iterator[Sample | Failure]:
        if source.name == "c":
            Store("memory://taken").write(".writer", b'{"token": "x", "who": "process 1 on other"}')
        return make(self, source, watch)

    monkeypatch.setattr(Scribe, "make", taken_over)
    with pytest.raises(ValueError, match=r"memory://taken was taken over by process 1 on other"):
        written("a b c d e f", "memory://taken")
    assert Store("memory://taken").names(".*") == [".writer"]  # the other one's
    assert written("a b c d e f", "memory://taken").meter.resumed >= 2


def test_a_finished_corpus_is_left_alone(tmp_path):
    assert written("a b c", tmp_path).complete
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("0*")}
    assert written("a b c", tmp_path).complete
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("0*")} == before
    scribe = Scribe(CorpusConfig(source="a b c", out=tmp_path, shard_size=2))
    assert open_job(scribe, open_source(scribe)).shards == 2
