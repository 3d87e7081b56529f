import io
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import renderers
from datagen.executors import described, with_absolute_paths
from datagen.generate import generate
from datagen.medium import with_options
from datagen.painter import Painter
from datagen.shard import ShardTask
from tests.datagen.helpers import tar_bytes

pytestmark = pytest.mark.slow


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


def test_ray_writes_the_same_bytes(two_cores, configure, finished, tmp_path):
    stream = io.StringIO()
    result = generate(configure(tmp_path, workers=2, store_target=True), stream=stream)
    assert result.complete
    assert result.meter.painted == 10
    assert stream.getvalue().splitlines()[-1].startswith("10/10 pictures")
    assert tar_bytes(tmp_path) == tar_bytes(finished)
    assert (tmp_path / "manifest.json").read_bytes() == (finished / "manifest.json").read_bytes()
    assert two_cores.is_initialized()  # it was there before, so it stays


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


def test_skipped_pictures_come_back_as_numbers(two_cores, configure, tmp_path):
    (tmp_path / "in").mkdir()
    for index in range(6):
        (tmp_path / "in" / f"{index}.jpg").touch()
    result = generate(
        configure(tmp_path / "out", source=str(tmp_path / "in"), workers=2, shard_size=2), stream=io.StringIO()
    )
    assert result.complete
    assert (result.meter.painted, result.meter.skipped, result.statistics.failures) == (6, 6, {"empty": 6})


def test_relative_paths_mean_the_same_to_a_worker_elsewhere(two_cores, configure, finished, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source = os.path.relpath(configure(tmp_path).source)
    assert generate(configure("out", source=source, workers=2, store_target=True), stream=io.StringIO()).complete
    assert tar_bytes(tmp_path / "out") == tar_bytes(finished)


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
    task = with_absolute_paths(ShardTask(index=0, sources=(), maker=Painter(config), fingerprint="f"))
    assert task.maker.config.out == tmp_path / "out"
    assert task.maker.config.options == config.options | {"charcoal": replace(given, grain=tmp_path / "grain.png")}


def test_exceptions_in_one_line():
    assert described(ValueError("a\n  b")) == "ValueError: a b"
    assert described(MemoryError()) == "MemoryError"
