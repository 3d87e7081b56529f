import pickle

import numpy as np
import pytest

from tests.training.helpers import damage
from underpaint.training.buckets import sorted_into
from underpaint.training.dataset import Paintings
from underpaint.training.order import SampleOrder
from underpaint.training.sample import BadSample
from underpaint.training.split import read_sides


def paintings(config, seed=0):
    corpora = read_sides(config)["train"]
    order = SampleOrder([len(corpus) for corpus in corpora], seed=seed)
    buckets = sorted_into([(config.size, config.size)], corpora, crop=1, short=config.size)
    return Paintings(corpora, order=order, buckets=buckets, config=config, training=True)


def test_samples_of_several_corpora(configure, finished, other):
    config = configure(corpus=[str(finished), str(other)], validation=0)
    dataset = paintings(config)
    frames, samples = dataset[range(31)]
    assert frames.shape == (31, 4, 48, 48, 3)
    assert len({(sample.key, sample.stored) for sample in samples}) == 31
    for position, sample in enumerate(samples):
        # The second corpus begins after the 24 samples of the first, and stores 6 frames.
        assert sample.stored == (6 if dataset.order.sample(position) >= 24 else 9)


def test_a_position_is_all_there_is_to_know(configure):
    frames, samples = paintings(configure())[[2, 7, 2, 30]]
    assert np.array_equal(frames[0], frames[2])
    assert samples[0] == samples[2]
    alone, same = paintings(configure())[[30]]
    assert np.array_equal(alone[0], frames[3])
    assert same[0] == samples[3]


def test_workers_of_any_operating_system_can_be_sent_it(configure):
    dataset = paintings(configure())
    dataset[[0]]
    frames, samples = pickle.loads(pickle.dumps(dataset))[[5]]
    assert np.array_equal(frames, dataset[[5]][0])
    assert samples == dataset[[5]][1]


def test_a_damaged_sample_stops(configure, corpus):
    shard = damage(corpus, "00000013-p13-bezier")
    dataset = paintings(configure(corpus=str(corpus), validation=0))
    with pytest.raises(BadSample, match=rf"sample 00000013-p13-bezier in .*{shard} can't be used: not a WebP"):
        dataset[range(24)]


@pytest.mark.parametrize("extension", ["webp", "json"])
def test_a_damaged_sample_is_skipped_and_counted(configure, corpus, extension):
    config = configure(corpus=str(corpus), validation=0)
    _, whole = paintings(config)[range(25)]
    damage(corpus, "00000013-p13-bezier", extension)
    damage(corpus, "00000005-p05-bezier", extension)
    _, samples = paintings(configure(corpus=str(corpus), validation=0, on_bad_sample="skip"))[range(24)]
    replaced = 0
    for position, (before, after) in enumerate(zip(whole, samples, strict=False)):
        if before.key in ("00000013-p13-bezier", "00000005-p05-bezier"):
            assert before.key in after.skipped[0]
            assert after.key == whole[position + len(after.skipped)].key
            # What is drawn belongs to the position, so the copy isn't the same in all.
            assert (after.position, after.draws) == (position, before.draws)
            replaced += 1
        else:
            assert after == before
    assert replaced == 2


def test_a_corpus_of_damaged_samples_is_not_skipped_for_ever(configure, corpus):
    dataset = paintings(configure(corpus=str(corpus), on_bad_sample="skip"))
    for tar in corpus.glob("*.tar"):
        tar.write_bytes(bytes(tar.stat().st_size))
    with pytest.raises(BadSample):
        dataset[[0]]


def test_a_shard_that_vanishes_is_no_bad_sample(configure, corpus):
    dataset = paintings(configure(corpus=str(corpus), on_bad_sample="skip"))
    for tar in corpus.glob("*.tar"):
        tar.unlink()
    with pytest.raises(FileNotFoundError, match=r"00000\d\.tar"):
        dataset[[0]]
