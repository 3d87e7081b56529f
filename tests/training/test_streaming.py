import json
import re

import pytest

from tests.training.conftest import paint
from tests.training.helpers import assert_equal, damage, keys, take
from underpaint.training.loader import Data
from underpaint.training.sample import BadSample

SHARDS = "{000000..000002}.tar"


@pytest.fixture
def stream(configure):
    def build(folder, **changes):
        return Data(configure(**({"corpus": f"{folder}/{SHARDS}", "streaming": True, "buffer": 4} | changes)))

    return build


def test_equal_settings_give_equal_batches(stream, finished):
    for workers in (0, 2):
        batches = take(stream(finished, workers=workers).train_batches(batch=3), 6)
        again = take(stream(finished, workers=workers).train_batches(batch=3), 6)
        for one, two in zip(batches, again, strict=True):
            assert_equal(one, two)


def test_seeds_steps_ranks_and_workers_draw_for_themselves(stream, finished):
    data = stream(finished)
    runs = [
        keys(take(data.train_batches(batch=4), 6)),
        keys(take(stream(finished, seed=1).train_batches(batch=4), 6)),
        keys(take(data.train_batches(batch=4, step=6), 6)),
        keys(take(data.train_batches(batch=4, rank=1, world=2), 6)),
    ]
    assert len({tuple(run) for run in runs}) == 4
    batches = take(stream(finished, workers=2).train_batches(batch=4), 6)
    assert keys(batches[::2]) != keys(batches[1::2])
    positions = [position for batch in batches for position in batch.positions.tolist()]
    assert len(set(positions)) == len(positions)


def test_it_gives_what_is_asked_for(stream, configure, finished):
    batches = take(stream(finished).train_batches(batch=5), 20)
    assert {tuple(batch.frames.shape) for batch in batches} == {(5, 4, 3, 48, 48)}
    mapped = Data(configure())
    train = {mapped.train.corpora[0].key(number) for number in range(len(mapped.train.order))}
    assert set(keys(batches)) == train
    held_out = stream(finished, validation_samples=100)
    assert {*keys(list(held_out.validation_batches(batch=3)))} == {*keys(list(mapped.validation_batches(batch=3)))}
    parts = [keys(list(held_out.validation_batches(batch=3, rank=rank, world=2))) for rank in (0, 1)]
    assert sorted(parts[0] + parts[1]) == sorted(keys(list(held_out.validation_batches(batch=9))))
    assert len(keys(list(stream(finished, validation_samples=2).validation_batches(batch=9)))) == 2


def test_corpora_by_weight(stream, finished, other):
    folders = [f"{finished}/{SHARDS}", f"{other}/000000.tar"]
    batches = take(stream(finished, corpus=folders, weights=[1, 9], buffer=20).train_batches(batch=20), 10)
    assert sum(batch.stored.tolist().count(6) for batch in batches) > 120


def test_a_damaged_sample(stream, corpus):
    damage(corpus, "00000013-p13-bezier")
    with pytest.raises(BadSample, match=r"sample 00000013-p13-bezier in .*/000001\.tar can't be used"):
        take(stream(corpus, validation=0).train_batches(batch=4), 40)
    batches = take(stream(corpus, validation=0, on_bad_sample="skip").train_batches(batch=4), 40)
    assert {len(batch) for batch in batches} == {4}
    skipped = [reason for batch in batches for reason in batch.skipped]
    assert skipped
    assert all("00000013-p13-bezier" in reason for reason in skipped)


@pytest.mark.parametrize(
    ("place", "reason"), [("within", r"shard .*\.tar can't be read"), ("between", r"sample .* has no json")]
)
def test_a_shard_that_is_cut_short(stream, corpus, place, reason):
    for tar in corpus.glob("*.tar"):
        last = json.loads(tar.with_suffix(".json").read_bytes())["samples"][-1]
        start, size = last["members"]["webp"]
        # Between two members, which webdataset takes for the end.
        tar.write_bytes(tar.read_bytes()[: start + size // 2 if place == "within" else start + -(-size // 512) * 512])
    with pytest.raises(BadSample, match=reason):
        take(stream(corpus, validation=0).train_batches(batch=4), 40)
    batches = take(stream(corpus, validation=0, on_bad_sample="skip").train_batches(batch=4), 20)
    skipped = [why for batch in batches for why in batch.skipped]
    assert any(re.search(reason, why) for why in skipped)


def test_a_shard_that_is_not_there(stream, tmp_path):
    with pytest.raises(BadSample, match=r"shard .*000000\.tar can't be read"):
        take(stream(tmp_path, corpus=f"{tmp_path}/000000.tar").train_batches(batch=4), 1)


def test_nothing_to_train_on(stream, finished):
    with pytest.raises(ValueError, match=r"100 shards in a row of .* hold no sample to train on; renderer is .'oil'."):
        take(stream(finished, renderer="oil").train_batches(batch=4), 1)
    with pytest.raises(ValueError, match="no sample is left to validate on"):
        list(stream(finished, validation=1e-6).validation_batches(batch=4))


def test_what_the_corpus_can_not_give(stream, finished):
    with pytest.raises(BadSample, match="it stores 9 frames, 10 are needed"):
        take(stream(finished, frames=10).train_batches(batch=4), 1)


@pytest.mark.parametrize("frame_format", ["png-sequence", "mp4"])
def test_batches_are_the_same_whatever_the_frame_format(stream, configure, finished, tmp_path, frame_format):
    out = paint(tmp_path, range(24), frame_format=frame_format)
    for streaming in (True, False):
        datas = [stream(folder) if streaming else Data(configure(corpus=str(folder))) for folder in (out, finished)]
        for one, two in zip(*(take(data.train_batches(batch=4), 4) for data in datas), strict=True):
            assert_equal(one, two)
    damage(out, take(Data(configure(corpus=str(out))).train_batches(batch=1), 1)[0].keys[0], "json")
    with pytest.raises(BadSample):
        take(Data(configure(corpus=str(out))).train_batches(batch=1), 1)
    with pytest.raises(BadSample):
        take(stream(out).train_batches(batch=4), 20)
