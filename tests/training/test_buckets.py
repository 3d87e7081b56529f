from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.training.conftest import Configure
from tests.training.helpers import assert_equal, damage, keys, take
from tests.training.runs import motion_config
from underpaint.datagen.format.frames import decode_frames
from underpaint.datagen.format.index import read_index
from underpaint.models import load_base
from underpaint.models.latents import encode
from underpaint.training.augment import augment, to_float
from underpaint.training.buckets import bucket_shapes, canvases_of, is_square, load_shape, nearest, sorted_into
from underpaint.training.cache_filling import fill
from underpaint.training.data_config import AugmentConfig, DataConfig
from underpaint.training.loader import Data
from underpaint.training.loop import new_accelerator
from underpaint.training.rng import BatchRng, validation_rng
from underpaint.training.sample import BadSample
from underpaint.training.stages.motion import MotionPhase
from underpaint.training.stopping import Stopping
from underpaint.training.validation import validate

THIN = 8  # px, what the thin base's sides are multiples of
WIDE, SQUARE, TALL = (40, 56), (48, 48), (72, 32)


@pytest.fixture
def config(configure: Configure, oblong: Path) -> DataConfig:
    return configure(corpus=str(oblong), validation=0)


def test_stable_diffusion_s_shapes() -> None:
    square, *others = bucket_shapes(512, 64)
    assert square == (512, 512)
    assert set(others) == {
        shape for h, w in ((256, 1024), (320, 768), (384, 640), (448, 576)) for shape in ((h, w), (w, h))
    }


@pytest.mark.parametrize(("size", "multiple"), [(512, 64), (768, 64), (1024, 64), (64, 16), (48, 8), (80, 64)])
def test_no_shape_is_larger_than_the_square_or_much_smaller(size: int, multiple: int) -> None:
    shapes = bucket_shapes(size, multiple)
    assert len(set(shapes)) == len(shapes)
    assert (len(shapes) == 1) == (size == 80)
    for height, width in shapes:
        assert 0.85 * size**2 < height * width <= size**2, "preflight counts the square"
        assert size == 80 or height % multiple == width % multiple == 0


def test_a_canvas_goes_where_the_least_of_it_is_cut_off() -> None:
    shapes = bucket_shapes(512, 64)
    canvases = np.array([[512, 683], [683, 512], [512, 512], [512, 560], [4096, 512], [0, 0]])
    places, cut = nearest(canvases, shapes)
    assert [shapes[place] for place in places] == [
        (448, 576), (576, 448), (512, 512), (512, 512), (1024, 256), (512, 512)
    ]  # fmt: skip
    assert cut[:5] == pytest.approx([1 - 576 / 448 / (683 / 512), 1 - 576 / 448 / (683 / 512), 0, 1 - 512 / 560, 0.5])


def test_nothing_is_enlarged_whatever_the_canvas() -> None:
    shapes = bucket_shapes(512, 64)
    long = np.arange(512, 2300)
    canvases = np.stack([np.full_like(long, 512), long], axis=1)
    covered = np.array(shapes)[nearest(canvases, shapes)[0]]
    assert (covered <= canvases).all()


def test_frames_are_loaded_with_room_for_the_cut() -> None:
    assert load_shape((64, 64), 0.9, 512 / 64) == (71, 71)
    assert load_shape((64, 64), 0.9, 68 / 64) == (68, 68)
    assert load_shape((64, 64), 1.0, 512 / 64) == (64, 64)
    assert load_shape((64, 64), 1.0, 68 / 64) == (64, 64)
    assert load_shape((448, 576), 0.9, 2.0) == (498, 640)
    assert load_shape((448, 576), 0.9, 1.05) == (470, 604)


def test_canvases_hardly_larger_are_loaded_as_they_are() -> None:
    assert load_shape((64, 64), 0.9, 72 / 64) == (72, 72)
    assert load_shape((64, 64), 0.9, 78 / 64) == (78, 78)
    assert load_shape((64, 64), 0.9, 79 / 64) == (71, 71)


def test_what_a_corpus_says_of_its_canvases(finished: Path, oblong: Path, tmp_path: Path) -> None:
    assert is_square(finished)
    assert not is_square(oblong)
    assert not is_square(tmp_path), "nothing is said there"
    (index,) = read_index(oblong, lambda *_: True)
    found = Counter(tuple(canvas) for canvas in canvases_of(index).tolist())
    assert found == {(48, 60): 8, (48, 48): 8, (96, 48): 4}


def test_a_damaged_record_counts_as_square(oblong: Path, tmp_path: Path) -> None:
    corpus = Path(shutil.copytree(oblong, tmp_path / "corpus"))
    damage(corpus, "00000004-p04-bezier", "json")
    (index,) = read_index(corpus, lambda *_: True)
    buckets = sorted_into(bucket_shapes(48, THIN), [index], crop=1, short=48)
    assert (canvases_of(index)[4] == 0).all()
    assert buckets.shapes[buckets.of[4]] == SQUARE


def test_batches_hold_one_bucket_and_every_sample_comes_once(config: DataConfig) -> None:
    data = Data(config, THIN)
    # 20 samples in batches of 4 of buckets of 8, 8 and 4: an epoch is 5 batches.
    for epoch in range(2):
        batches = take(data.train_batches(batch=4, step=5 * epoch), 5)
        assert len(set(keys(batches))) == 20
        assert Counter(tuple(batch.frames.shape[-2:]) for batch in batches) == {WIDE: 2, SQUARE: 2, TALL: 1}
        assert all(batch.shape == batch.frames.shape[-2:] for batch in batches)


def test_frames_are_the_middle_of_their_canvas(config: DataConfig, oblong: Path) -> None:
    (index,) = read_index(oblong, lambda *_: True)
    numbers = {index.key(number): number for number in range(len(index))}
    for batch in take(Data(config, THIN).train_batches(batch=2), 10):
        for key, chosen, frames in zip(batch.keys, batch.indices, batch.frames, strict=True):
            canvas = decode_frames(index.read(numbers[key])[0], 6)[chosen.numpy()].astype(float)
            if batch.shape == SQUARE:
                assert np.array_equal(frames.permute(0, 2, 3, 1), canvas)
            else:
                # All of the canvas but what its proportions are too long by.
                height, width = canvas.shape[1:3]
                scale = max(batch.shape[0] / height, batch.shape[1] / width)
                rows, columns = (round(side / scale) for side in batch.shape)
                top, left = (height - rows) // 2, (width - columns) // 2
                middle = canvas[:, top : top + rows, left : left + columns]
                assert np.abs(frames.float().mean((2, 3)).numpy() - middle.mean((1, 2))).max() < 2


def test_workers_ranks_and_steps_change_nothing(config: DataConfig) -> None:
    straight = take(Data(config, THIN).train_batches(batch=3), 12)
    working = take(Data(replace(config, workers=2), THIN).train_batches(batch=3, step=2), 10)
    for one, two in zip(straight[2:], working, strict=True):
        assert_equal(one, two)
        assert one.shape == two.shape
    for rank in (0, 1):
        mine = take(Data(config, THIN).train_batches(batch=3, rank=rank, world=2), 6)
        assert keys(mine) == keys(straight[rank::2])
    assert any(one.shape != two.shape for one, two in zip(straight[::2], straight[1::2], strict=True))


def test_validation_takes_each_sample_once_in_its_shape(config: DataConfig) -> None:
    data = Data(config, THIN)
    batches = list(data.validation_batches(batch=3))
    assert sorted(keys(batches)) == sorted(set(keys(batches)))
    assert len(keys(batches)) == 20
    assert {batch.shape for batch in batches} == {WIDE, SQUARE, TALL}
    assert batches[0].shape != TALL, "the fullest bucket comes first, and is what a sheet shows"
    parts = [list(data.validation_batches(batch=3, rank=rank, world=2)) for rank in (0, 1)]
    assert sorted(keys(parts[0]) + keys(parts[1])) == sorted(keys(batches))


def test_validation_noise_belongs_to_the_sample(
    config: DataConfig, thin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, base = Data(replace(config, validation_samples=6), THIN), load_base(thin)
    phase = MotionPhase(motion_config(config, thin, Path("run")), base, base.noise)
    asked: list[list[int]] = []

    def watched(places: list[int], *rest: Any, **more: Any) -> BatchRng:
        asked.append(places)
        return validation_rng(places, *rest, **more)

    monkeypatch.setattr("underpaint.training.validation.validation_rng", watched)
    validate(phase, data, new_accelerator(phase.config))
    assert asked == [batch.positions.tolist() for batch in data.validation_batches(batch=phase.batch)]
    places = [place for batch in asked for place in batch]
    assert places != sorted(places), "or nothing is shown"


def test_a_cut_keeps_the_shape_and_its_proportions(config: DataConfig) -> None:
    data = Data(replace(config, size=40, augment=AugmentConfig(crop=0.8, flip=0)), THIN)
    for batch in take(data.train_batches(batch=2), 6):
        height, width = batch.shape
        loaded = batch.frames.shape[-2:]
        assert loaded[0] > height
        assert loaded[1] > width
        whole = torch.zeros(len(batch), 6)  # no scale: the share is 1
        still = AugmentConfig(crop=0.8, flip=0, saturation=0, gamma=0)
        made = augment(batch.frames, whole, batch.shape, still)
        assert made.shape[-2:] == batch.shape
        assert torch.allclose(made.mean((-1, -2)), to_float(batch.frames).mean((-1, -2)), atol=0.05)


def test_square_frames_of_oblong_canvases_are_no_secret(config: DataConfig, oblong: Path) -> None:
    def said(config: DataConfig, multiple: int) -> str:
        return "\n".join(Data(config, multiple).describe())

    assert "aspect buckets, height x width in px (samples): 48 x 48 (8), 72 x 32 (4), 40 x 56 (8)" in said(config, THIN)
    squares = replace(config, aspect="square")
    assert "12 canvases that aren't square are cut to their middle square; --aspect keep" in said(squares, THIN)
    assert {batch.shape for batch in take(Data(squares, THIN).train_batches(batch=2), 10)} == {SQUARE}
    assert "no other shape of its area whose sides are multiples of 64 px; --size 128" in said(config, 64)
    assert {batch.shape for batch in take(Data(config, 64).train_batches(batch=2), 10)} == {SQUARE}
    stream = replace(config, corpus=[f"{oblong}/{{000000..000001}}.tar"], streaming=True)
    assert "aspect buckets, height x width in px: 48 x 48" in said(stream, THIN)
    assert "--size 128 or a larger multiple" in said(stream, 64)


def test_a_stream_fills_each_bucket_for_itself(config: DataConfig, oblong: Path) -> None:
    stream = replace(config, corpus=[f"{oblong}/{{000000..000001}}.tar"], streaming=True, buffer=4)
    batches = take(Data(stream, THIN).train_batches(batch=3), 30)
    assert {tuple(batch.frames.shape) for batch in batches} == {(3, 4, 3, *shape) for shape in (WIDE, SQUARE, TALL)}
    for workers in (0, 1):
        again = take(Data(replace(stream, workers=workers), THIN).train_batches(batch=3), 8)
        for one, two in zip(batches, again, strict=False):
            assert_equal(one, two)
    held_out = list(Data(stream, THIN).validation_batches(batch=3))
    assert len(keys(held_out)) == len(set(keys(held_out))) == 20
    assert {batch.shape for batch in held_out} == {WIDE, SQUARE, TALL}


@torch.no_grad()
def test_a_cache_holds_latents_in_the_shape_of_their_bucket(config: DataConfig, thin: Path, tmp_path: Path) -> None:
    plain = replace(config, augment=AugmentConfig(flip=0, crop=1, saturation=0, gamma=0))
    base = load_base(thin)
    cache = fill(tmp_path, plain, base, new_accelerator(motion_config(plain, thin, tmp_path)), Stopping())
    assert cache is not None
    data = Data(plain, THIN)
    pairs = zip(data.train_batches(batch=4), data.cached(cache).train_batches(batch=4), strict=False)
    shapes = set()
    for pixels, cached in islice(pairs, 5):
        wanted = encode(base.vae, to_float(pixels.frames))
        torch.testing.assert_close(cached.frames.float(), wanted, rtol=1e-3, atol=1e-4)
        assert cached.shape == pixels.shape
        shapes.add(cached.shape)
    assert shapes == {WIDE, SQUARE, TALL}
    squares = replace(plain, aspect="square")
    again = fill(tmp_path, squares, base, new_accelerator(motion_config(plain, thin, tmp_path)), Stopping())
    assert again is not None
    assert again.latents != cache.latents, "latents of other shapes lie elsewhere"


def test_damaged_samples_are_replaced_by_those_of_their_bucket(
    config: DataConfig, oblong: Path, tmp_path: Path
) -> None:
    corpus = Path(shutil.copytree(oblong, tmp_path / "corpus"))
    sound, *damaged = (f"000000{number}-p{number}-bezier" for number in ("04", "09", "14", "19"))
    for key in damaged:
        damage(corpus, key)
    skipping = replace(config, corpus=[str(corpus)], on_bad_sample="skip")
    data = Data(skipping, THIN)
    for batches in (take(data.train_batches(batch=4), 5), data.validation_batches(batch=4)):
        (found,) = (batch for batch in batches if batch.skipped)
        assert (found.shape, found.keys) == (TALL, (sound,) * 4)
        assert all(any(key in reason for key in damaged) for reason in found.skipped)
    with pytest.raises(BadSample, match="|".join(damaged)):
        take(Data(replace(skipping, on_bad_sample="stop"), THIN).train_batches(batch=4), 5)


def test_a_canvas_smaller_than_its_record_says_is_refused(config: DataConfig, oblong: Path, tmp_path: Path) -> None:
    corpus = Path(shutil.copytree(oblong, tmp_path / "corpus"))
    tar, entry = corpus / "000000.tar", json.loads((corpus / "000000.json").read_bytes())["samples"][0]
    offset, size = entry["members"]["json"]
    data = tar.read_bytes()
    record = json.loads(data[offset : offset + size])
    assert record["canvas"] == [48, 60]
    # It is indented, so there is room.
    changed = json.dumps(record | {"canvas": [48, 96]}).encode().ljust(size)
    tar.write_bytes(data[:offset] + changed + data[offset + size :])
    with pytest.raises(BadSample, match=r"its canvas is 48 x 60 px, its bucket is 32 x 72"):
        take(Data(replace(config, corpus=[str(corpus)]), THIN).train_batches(batch=1), 20)


def test_weights_share_batches_out(configure: Configure, oblong: Path, finished: Path) -> None:
    settings: dict[str, Any] = {"corpus": [str(oblong), str(finished)], "weights": [1, 3], "validation": 0}
    batches = take(Data(configure(**settings), THIN).train_batches(batch=2), 40)
    ours = [batch for batch in batches if (batch.stored == 6).all()]
    assert len(ours) == 10
    assert sum(bool((batch.stored == 9).all()) for batch in batches) == 30
    assert len(set(keys(ours))) == 20
