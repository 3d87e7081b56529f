from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from tests.training.conftest import Configure
from tests.training.runs import base_config, lines, motion_config, same, stopping_at, together, weights
from underpaint.models import load_base
from underpaint.training import cache_filling
from underpaint.training.cache import Cache, name_of
from underpaint.training.cache_filling import fill
from underpaint.training.config import MotionConfig
from underpaint.training.data_config import AugmentConfig, DataConfig
from underpaint.training.loop import new_accelerator
from underpaint.training.run import train
from underpaint.training.stopping import Stopping

PLAIN = AugmentConfig(crop=1, saturation=0, gamma=0)


def filled(thin: Path, config: DataConfig, folder: Path, stopping: Stopping | None = None) -> Cache | None:
    accelerator = new_accelerator(motion_config(config, thin, folder))
    return fill(folder, config, load_base(thin), accelerator, stopping or Stopping())


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def whole(thin: Path, configure: Configure, tmp_path_factory: pytest.TempPathFactory) -> Cache:
    cache = filled(thin, configure(augment=PLAIN), tmp_path_factory.mktemp("whole"))
    assert cache is not None
    return cache


def test_every_frame_of_every_sample_and_every_caption_once(whole: Cache) -> None:
    keys, captions = [], []
    for tar in whole.names:
        latents, text = load_file(whole.latents_of(tar)), load_file(whole.text_of(tar))
        assert {(value.shape, value.dtype) for value in latents.values()} == {((9, 4, 12, 12), torch.float16)}
        here = [name for name in latents if "." not in name]
        assert latents.keys() == set(here) | {f"{key}.mirrored" for key in here}
        states = {name for name in text if name.endswith(".caption")}
        assert text.keys() == states | set(here)
        assert name_of("") in states
        assert {(text[name].shape, text[name].dtype) for name in states} == {((77, 128), torch.float16)}
        keys += here
        captions += states - {name_of("")}
    assert len(keys) == len(set(keys)) == 24
    # Each sequence may begin with the blank ground or later.
    assert len(captions) == len(set(captions)) == 48


def test_what_is_there_is_not_made_again_and_comes_out_the_same(
    thin: Path, configure: Configure, whole: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    original = cache_filling._fill_shard

    def counted(cache: Cache, corpus: Any, shard: int, *others: Any) -> None:
        made.append(corpus.tars[shard].stem)
        original(cache, corpus, shard, *others)

    monkeypatch.setattr(cache_filling, "_fill_shard", counted)
    assert filled(thin, configure(augment=PLAIN), tmp_path) is not None
    assert made == ["000000", "000001", "000002"]
    assert contents(tmp_path) == contents(whole.latents.parent)
    next((tmp_path / whole.text.name).glob("000001-*")).unlink()
    # Another split, and no more pictures: all is there.
    assert filled(thin, configure(augment=PLAIN, validation=0.5, seed=9), tmp_path) is not None
    assert made == ["000000", "000001", "000002", "000001"]
    assert contents(tmp_path) == contents(whole.latents.parent)


def test_nothing_is_mirrored_that_needn_t_be(thin: Path, configure: Configure, tmp_path: Path) -> None:
    cache = filled(thin, configure(augment=replace(PLAIN, flip=0.0)), tmp_path)
    assert cache is not None
    assert all("." not in name for tar in cache.names for name in load_file(cache.latents_of(tar)))


def test_a_signal_leaves_what_is_finished(thin: Path, configure: Configure, tmp_path: Path) -> None:
    stopping = Stopping()
    stopping.signal = 15
    assert filled(thin, configure(augment=PLAIN), tmp_path, stopping) is None
    assert not contents(tmp_path)


def run_config(thin: Path, configure: Configure, out: Path, cache: Path | None, **changes: Any) -> MotionConfig:
    data = configure(augment=PLAIN, validation_samples=2, **changes)
    return motion_config(data, thin, out, cache=cache, steps=10, log_every=1, checkpoint_every=4)


def assert_close(one: Path, two: Path) -> None:
    """Compare all values of all lines of two runs' metrics."""
    for first, second in zip(lines(one), lines(two), strict=True):
        names = [name for name, value in first.items() if isinstance(value, float)]
        assert first.keys() == second.keys()
        for name in names:
            assert second[name] == pytest.approx(first[name], rel=1e-4), name


@pytest.fixture(scope="module")
def cached(thin: Path, configure: Configure, whole: Cache, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of 10 steps from the cache."""
    config = run_config(thin, configure, tmp_path_factory.mktemp("cached") / "run", whole.latents.parent)
    assert train(config)
    return config.out


def test_training_is_the_same_but_for_rounding(thin: Path, configure: Configure, cached: Path, tmp_path: Path) -> None:
    config = run_config(thin, configure, tmp_path / "run", None)
    assert train(config)
    assert_close(config.out, cached)
    assert (cached / "sheets" / "motion-00000010.png").is_file()


def test_a_stopped_run_goes_on_and_the_cache_may_be_moved(
    thin: Path, configure: Configure, cached: Path, whole: Cache, tmp_path: Path
) -> None:
    moved = tmp_path / "moved"
    moved.symlink_to(whole.latents.parent)
    config = run_config(thin, configure, tmp_path / "run", whole.latents.parent, workers=2)
    # The cache asks once, too.
    with stopping_at(6):
        assert not train(config)
    assert train(replace(config, cache=moved))
    assert lines(config.out) == lines(cached)
    assert same(weights(config.out), weights(cached))


@pytest.mark.slow
def test_two_processes_fill_it_together(
    thin: Path, configure: Configure, cached: Path, whole: Cache, tmp_path: Path
) -> None:
    config = replace(run_config(thin, configure, tmp_path / "run", tmp_path / "cache"), batch=1)
    together([config, config])
    assert contents(tmp_path / "cache").keys() == contents(whole.latents.parent).keys()
    assert_close(config.out, cached)


def test_single_pictures_and_a_lora_on_a_base(thin: Path, configure: Configure, tmp_path: Path) -> None:
    data = configure(augment=PLAIN, frames=1, half_painted=0.5, validation_samples=1)
    runs = []
    for name, cache in (("cached", tmp_path / "cache"), ("plain", None)):
        runs.append(base_config(data, thin, tmp_path / name, steps=2, cache=cache))
        assert train(runs[-1])
    assert_close(runs[0].out, runs[1].out)
