"""A corpus is written the same way whatever it is made of; here of nothing much."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from datagen.config import CorpusConfig
from datagen.job import open_job
from datagen.sample import Failure, Sample, Stopwatch
from datagen.sources import Source
from datagen.writing import write_corpus
from tests.datagen.helpers import tar_bytes

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


def written(words, out):
    return write_corpus(Scribe(CorpusConfig(source=words, out=out, shard_size=2, workers=0)), stream=io.StringIO())


def test_what_fails_is_told_and_what_is_there_stays(tmp_path):
    result = written("a odd break b c", tmp_path)
    assert not result.complete
    assert result.missing == ["000001"]
    assert result.errors == {1: "OSError: the pen is broken"}
    assert result.statistics.total.samples == 2
    assert result.statistics.failures == {"unreadable": 1}
    assert list(tar_bytes(tmp_path)) == ["000000.tar", "000002.tar"]
    again = written("a odd break b c", tmp_path)
    assert (again.meter.resumed, again.meter.painted) == (3, 0)


def test_a_finished_corpus_is_left_alone(tmp_path):
    assert written("a b c", tmp_path).complete
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("0*")}
    assert written("a b c", tmp_path).complete
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("0*")} == before
    assert open_job(Scribe(CorpusConfig(source="a b c", out=tmp_path, shard_size=2))).shards == 2
