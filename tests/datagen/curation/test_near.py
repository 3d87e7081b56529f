import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from underpaint.datagen.curation.near import near_pairs


def compared(hashes, distance):
    """All with all."""
    numbers = [int(bits) for bits in hashes]
    return [
        (one, other)
        for one in range(len(numbers))
        for other in range(one + 1, len(numbers))
        if (numbers[one] ^ numbers[other]).bit_count() <= distance
    ]


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 60), st.integers(0, 16), st.integers(0, 12))
def test_all_pairs_are_found_and_no_others(seed, count, distance, flips):
    random = np.random.default_rng(seed)
    hashes = random.integers(0, 2**64, count, np.uint64)
    hashes[count // 2 :] = hashes[: count - count // 2]  # near-duplicates of the others
    for _ in range(flips):
        hashes[count // 2 :] ^= np.uint64(1) << random.integers(0, 64, count - count // 2).astype(np.uint64)
    hashes = np.unique(hashes)
    assert list(near_pairs(hashes, distance)) == compared(hashes, distance)


def test_none_and_one():
    assert list(near_pairs(np.array([], np.uint64), 6)) == []
    assert list(near_pairs(np.array([5], np.uint64), 6)) == []


def test_a_bucket_larger_than_a_block():
    hashes = np.arange(3000, dtype=np.uint64)
    pairs = list(near_pairs(hashes, 1))
    assert len(pairs) == len(compared(hashes, 1)) > 10_000
