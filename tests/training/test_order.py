import pickle
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from underpaint.training.order import SampleOrder, positions

sizes = st.lists(st.integers(1, 20), min_size=1, max_size=4)
seeds = st.integers(0, 1000)


@settings(deadline=None)
@given(sizes, seeds, st.integers(0, 3))
def test_every_sample_comes_once_an_epoch(sizes, seed, epoch):
    order = SampleOrder(sizes, seed=seed)
    length = sum(sizes)
    assert len(order) == length
    assert sorted(map(order.sample, range(epoch * length, (epoch + 1) * length))) == list(range(length))


def test_epochs_and_seeds_differ():
    order, other = SampleOrder([50], seed=0), SampleOrder([50], seed=1)
    first = [order.sample(position) for position in range(50)]
    assert first != sorted(first)
    assert first != [order.sample(position) for position in range(50, 100)]
    assert first != [other.sample(position) for position in range(50)]


@settings(deadline=None)
@given(sizes, seeds, st.lists(st.integers(0, 500), max_size=5))
def test_a_position_is_all_there_is_to_know(sizes, seed, asked):
    weights = range(1, len(sizes) + 1)
    order = SampleOrder(sizes, seed=seed, weights=weights)
    straight = [order.sample(position) for position in range(501)]
    assert [SampleOrder(sizes, seed=seed, weights=weights).sample(position) for position in asked] == [
        straight[position] for position in asked
    ]
    assert [pickle.loads(pickle.dumps(order)).sample(position) for position in asked] == [
        straight[position] for position in asked
    ]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 20), st.floats(0.01, 100)), min_size=1, max_size=4), seeds)
def test_weights_are_kept_at_every_moment(corpora, seed):
    sizes, weights = zip(*corpora, strict=True)
    order = SampleOrder(sizes, seed=seed, weights=weights)
    corpus_of = [corpus for corpus, size in enumerate(sizes) for _ in range(size)]
    counts = Counter()
    for position in range(200):
        counts[corpus_of[order.sample(position)]] += 1
        for corpus, weight in enumerate(weights):
            assert abs(counts[corpus] - (position + 1) * weight / sum(weights)) < corpus + 1 + 1e-6


@settings(deadline=None)
@given(st.lists(st.integers(1, 12), min_size=2, max_size=3), seeds)
def test_with_weights_each_corpus_has_epochs_of_its_own(sizes, seed):
    order = SampleOrder(sizes, seed=seed, weights=[1] * len(sizes))
    drawn = [order.sample(position) for position in range(200)]
    first = 0
    for size in sizes:
        own = [sample for sample in drawn if first <= sample < first + size]
        for start in range(0, len(own) - size + 1, size):
            assert sorted(own[start : start + size]) == list(range(first, first + size))
        first += size


@settings(deadline=None)
@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 10**6))
def test_processes_share_a_step_out(world, batch, step):
    parts = [positions(step, batch=batch, rank=rank, world=world) for rank in range(world)]
    assert {len(part) for part in parts} == {batch}
    assert [position for part in parts for position in part] == list(positions(step, batch=world * batch))
    assert positions(step + 1, batch=batch, rank=0, world=world).start == parts[-1].stop


@pytest.mark.parametrize(
    ("weights", "message"),
    [([1], "for 2 corpora: give one for each"), ([1, 0], "each must be above 0"), ([1, float("nan")], "above 0")],
)
def test_weights_that_make_no_sense(weights, message):
    with pytest.raises(ValueError, match=message):
        SampleOrder([3, 4], seed=0, weights=weights)
