from __future__ import annotations

import pickle
from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from underpaint.training.bucket_order import BucketOrder
from underpaint.training.order import positions

corpora = st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=25), min_size=1, max_size=3)
batches = st.integers(1, 6)


def order_of(found: list[list[int]], batch: int, seed: int = 0, weighted: bool = False) -> BucketOrder:
    """An order of some corpora, each given by the buckets of its samples."""
    buckets = np.array([bucket for corpus in found for bucket in corpus], np.uint8)
    weights = range(1, len(found) + 1) if weighted else ()
    return BucketOrder([len(corpus) for corpus in found], buckets, batch=batch, seed=seed, weights=weights)


@settings(deadline=None, max_examples=40)
@given(corpora, batches, st.integers(0, 9), st.booleans())
def test_a_batch_holds_one_bucket(found, batch, seed, weighted):
    order = order_of(found, batch, seed, weighted)
    buckets = [bucket for corpus in found for bucket in corpus]
    for step in range(40):
        assert len({buckets[order.sample(position)] for position in positions(step, batch=batch)}) == 1


@settings(deadline=None, max_examples=40)
@given(corpora, batches, st.integers(0, 9))
def test_every_sample_comes_once_an_epoch(found, batch, seed):
    order, buckets = order_of(found, batch, seed), [bucket for corpus in found for bucket in corpus]
    counts, position = Counter(), 0
    for epoch in range(1, batch + 3):
        # As many whole batches as the samples fill that all buckets have had until then.
        sizes = Counter(buckets)
        end = sum(epoch * size // batch for size in sizes.values()) * batch
        counts.update(order.sample(place) for place in range(position, end))
        position = end
        for bucket, size in sizes.items():
            times = [counts[sample] for sample, of in enumerate(buckets) if of == bucket]
            waiting = epoch * size % batch
            # Those that fill no batch wait for the next epoch; where a bucket has fewer than a batch, for longer.
            assert sum(times) == epoch * size - waiting
            assert max(times) - min(times) <= 1
            assert waiting < batch
        if epoch == batch:
            assert set(counts.values()) == {batch}, "after as many epochs as a batch has samples nobody waits"


@settings(deadline=None, max_examples=40)
@given(corpora, batches, st.lists(st.integers(0, 150), max_size=5), st.booleans())
def test_a_position_is_all_there_is_to_know(found, batch, asked, weighted):
    order = order_of(found, batch, weighted=weighted)
    straight = [order.sample(position) for position in range(151)]
    for again in (order_of(found, batch, weighted=weighted), pickle.loads(pickle.dumps(order))):
        assert [again.sample(position) for position in asked] == [straight[position] for position in asked]


def test_processes_share_a_step_out_in_equal_batches() -> None:
    found = [[0] * 13 + [1] * 7 + [2] * 5]
    order = order_of(found, batch=2)
    steps = [
        [
            [found[0][order.sample(position)] for position in positions(step, batch=2, rank=rank, world=2)]
            for rank in (0, 1)
        ]
        for step in range(50)
    ]
    assert {len(part) for parts in steps for part in parts} == {2}
    assert any(parts[0][0] != parts[1][0] for parts in steps), "processes needn't train the same bucket"


def test_epochs_and_seeds_differ_and_buckets_are_mixed() -> None:
    found = [[0] * 40 + [1] * 40]
    first, second = ([order_of(found, 4, seed).sample(place) for place in range(160)] for seed in (0, 1))
    assert first != second
    assert first[:80] != first[80:]
    buckets, others, later = (
        [found[0][sample] for sample in part[::4]] for part in (first[:80], second[:80], first[80:])
    )
    assert buckets not in (sorted(buckets), sorted(buckets, reverse=True), later, others)


def test_with_weights_batches_are_dealt_out_to_the_corpora() -> None:
    found = [[0, 0, 0, 1, 1], [1] * 20]
    order = order_of(found, batch=2, weighted=True)
    drawn = [[order.sample(2 * step) < 5, order.sample(2 * step + 1) < 5] for step in range(60)]
    assert all(one == two for one, two in drawn)
    assert sum(one for one, _ in drawn) == 20  # 1 : 2
    own = Counter(
        order.sample(place) for step, (one, _) in enumerate(drawn) if one for place in (2 * step, 2 * step + 1)
    )
    assert own == dict.fromkeys(range(5), 8)


def test_what_stands_in_for_a_damaged_sample_is_of_its_bucket() -> None:
    found = [[0] * 9 + [1] * 4]
    order = order_of(found, batch=3)
    for position in range(30):
        at = found[0][order.sample(position)]
        later = [order.sample(position, later) for later in range(9 if at == 0 else 4)]
        assert {found[0][sample] for sample in later} == {at}
        assert len(set(later)) > 1
