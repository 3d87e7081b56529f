import io
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.datagen.helpers import tar_bytes
from underpaint import renderers
from underpaint.datagen.generate import generate
from underpaint.datagen.jobs.executors import described, run_here
from underpaint.datagen.jobs.shard import ShardFailed, ShardTask
from underpaint.datagen.painting.painter import PaintingMaker, with_options
from underpaint.datagen.sources.source import batches


@pytest.fixture(scope="module")
def two_cores() -> Iterator[Any]:
    """A Ray that is already there, as in a notebook; starting one takes seconds."""
    ray = pytest.importorskip("ray")
    os.environ["RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO"] = "0"
    ray.init(
        address="local",
        num_cpus=2,
        include_dashboard=False,
        object_store_memory=80 * 1024**2,
        log_to_driver=False,
        logging_level="ERROR",
    )
    yield ray
    ray.shutdown()


@pytest.mark.slow
def test_ray_writes_the_same_bytes(two_cores, configure, finished, tmp_path):
    stream = io.StringIO()
    result = generate(configure(tmp_path, workers=2, store_target=True), stream=stream)
    assert result.complete
    assert result.meter.painted == 10
    assert stream.getvalue().splitlines()[-1].startswith("10/10 pictures")
    assert tar_bytes(tmp_path) == tar_bytes(finished)
    assert (tmp_path / "manifest.json").read_bytes() == (finished / "manifest.json").read_bytes()
    assert two_cores.is_initialized()  # it was there before, so it stays


@pytest.mark.slow
def test_a_shard_that_fails_doesn_t_stop_the_others(two_cores, configure, tmp_path):
    (tmp_path / "000001.tar" / "in the way").mkdir(parents=True)
    config = configure(tmp_path, workers=2)
    result = generate(config, stream=io.StringIO())
    assert result.missing == ["000001"]
    assert result.errors.keys() == {1}
    assert "irectory" in result.errors[1]
    (tmp_path / "000001.tar" / "in the way").rmdir()
    (tmp_path / "000001.tar").rmdir()
    again = generate(config, stream=io.StringIO())
    assert again.complete
    assert (again.meter.resumed, again.meter.painted) == (6, 4)


@pytest.mark.slow
def test_skipped_pictures_come_back_as_numbers(two_cores, configure, tmp_path):
    (tmp_path / "in").mkdir()
    for index in range(6):
        (tmp_path / "in" / f"{index}.jpg").touch()
    result = generate(
        configure(tmp_path / "out", source=str(tmp_path / "in"), workers=2, shard_size=2), stream=io.StringIO()
    )
    assert result.complete
    assert (result.meter.painted, result.meter.skipped, result.sums.failures) == (6, 6, {"empty": 6})


@pytest.mark.slow
def test_relative_paths_mean_the_same_to_a_worker_elsewhere(two_cores, configure, finished, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source = os.path.relpath(configure(tmp_path).source)
    assert generate(configure("out", source=source, workers=2, store_target=True), stream=io.StringIO()).complete
    assert tar_bytes(tmp_path / "out") == tar_bytes(finished)


@pytest.mark.slow
def test_mixed_media_are_drawn_the_same_on_ray(two_cores, configure, tmp_path):
    for out, workers in (("ray", 2), ("here", 0)):
        config = configure(tmp_path / out, workers=workers, renderer=",".join(renderers.names()), mix=True)
        assert generate(config, stream=io.StringIO()).complete
    assert tar_bytes(tmp_path / "ray") == tar_bytes(tmp_path / "here")
    assert (tmp_path / "ray" / "manifest.json").read_bytes() == (tmp_path / "here" / "manifest.json").read_bytes()


def test_files_among_the_options_of_a_medium_mean_the_same_to_a_worker_elsewhere(
    configure, charcoal, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    given = charcoal.options(grain=Path("grain.png"), paper="smooth")
    config = with_options(configure("out", renderer="bezier,charcoal", options={"charcoal": given}))
    task = ShardTask(index=0, sources=(), maker=PaintingMaker(config), fingerprint="f").elsewhere()
    assert task.maker.config.out == tmp_path / "out"
    assert task.maker.config.options == config.options | {"charcoal": replace(given, grain=tmp_path / "grain.png")}


def tasks_of(config, size=4) -> list[ShardTask]:
    maker = PaintingMaker(with_options(config))
    cut = enumerate(batches(maker.sources(), size))
    return [ShardTask(index=index, sources=batch, maker=maker, fingerprint="f") for index, batch in cut]


def run(tasks, **options):
    return {outcome.shard: outcome.error for outcome in run_here(iter(tasks), lambda *_: None, **options)}


@pytest.fixture
def flaky(monkeypatch):
    """Have the shards fail with the errors in a dict of lists, before they succeed; the lists are used up."""
    left = {}

    def write(task: ShardTask, report: object) -> dict[str, list[str]]:
        if left.get(task.index):
            raise left[task.index].pop(0)
        return {"failures": []}

    monkeypatch.setattr("underpaint.datagen.jobs.shard.write_shard", write)
    monkeypatch.setattr("underpaint.datagen.jobs.retries.FIRST_DELAY", 0.01)
    return left


def test_what_may_pass_is_tried_again_and_the_others_go_on(configure, tmp_path, flaky):
    flaky |= {0: [OSError("down"), MemoryError(), ShardFailed("no")], 1: [ValueError("wrong")], 2: []}
    assert run(tasks_of(configure(tmp_path)), max_retries=3) == {0: None, 1: "ValueError: wrong", 2: None}


def test_retries_are_bounded(configure, tmp_path, flaky):
    flaky |= {0: [OSError("down")] * 9}
    assert run(tasks_of(configure(tmp_path)), max_retries=2) == {0: "OSError: down (tried 3 times)", 1: None, 2: None}
    assert len(flaky[0]) == 6


def test_while_a_store_is_down_no_more_is_begun(configure, tmp_path, flaky):
    begun = []

    def counted():
        for task in tasks_of(configure(tmp_path), 1):
            begun.append(task.index)
            yield task

    flaky |= {index: [OSError("down")] * 9 for index in range(10)}
    outcomes = run_here(counted(), lambda *_: None, max_retries=1)
    assert next(outcomes).error == "OSError: down (tried 2 times)"
    assert len(begun) <= 3


def test_a_worker_that_doesn_t_see_the_pictures_fails_the_shard(configure, pictures, tmp_path):
    (tmp_path / "in").mkdir()
    for path in pictures.glob("*.png"):
        (tmp_path / "in" / path.name).write_bytes(path.read_bytes())
    (tmp_path / "out").mkdir()
    tasks = [task.elsewhere() for task in tasks_of(configure(tmp_path / "out", source=str(tmp_path / "in")))]
    assert tasks[0].source_folder == tmp_path / "in"
    (tmp_path / "in").rename(tmp_path / "unmounted")
    errors = run(tasks)
    assert all("doesn't see" in error and str(tmp_path / "in") in error for error in errors.values())
    assert list((tmp_path / "out").iterdir()) == []


def test_a_shard_none_of_whose_folders_is_there_fails_unless_they_are_to_be_skipped(configure, tmp_path):
    (tmp_path / "list.jsonl").write_text('{"file": "/gone/a.png"}\n{"file": "/gone/b.png"}\n')
    (tmp_path / "out").mkdir()
    config = configure(tmp_path / "out", source=str(tmp_path / "list.jsonl"))
    tasks = [replace(task, root=tmp_path) for task in tasks_of(config)]
    assert tasks[0].elsewhere().source_folder is None
    (error,) = run([task.elsewhere() for task in tasks]).values()
    assert "none of its pictures is there, and neither is the folder /gone" in error
    assert run(tasks_of(replace(config, unreachable="skip"))) == {0: None}


def test_a_worker_that_doesn_t_see_the_corpus_or_is_of_another_version(configure, tmp_path):
    (task, *_) = tasks_of(configure(tmp_path / "out"))
    assert "doesn't see" in run([task])[0]
    (tmp_path / "out").mkdir()
    assert "the job is one of 0.0.1" in run([replace(task, version="0.0.1")])[0]


def test_exceptions_in_one_line():
    assert described(ValueError("a\n  b")) == "ValueError: a b"
    assert described(MemoryError()) == "MemoryError"
